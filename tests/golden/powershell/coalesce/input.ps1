$wc = New-Object System.Net.WebClient
$wc.DownloadString(($nope ?? 'http://a.example/p/x.txt'))

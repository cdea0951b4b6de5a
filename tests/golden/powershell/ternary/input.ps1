$wc = New-Object System.Net.WebClient
$wc.DownloadString(($true ? 'http://a.example/p/x.txt' : 'none'))

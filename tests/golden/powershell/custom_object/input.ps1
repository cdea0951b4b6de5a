$o=[pscustomobject]@{Url='http://a.example/p/x.txt'}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o.Url)

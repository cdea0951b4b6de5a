$wc = New-Object System.Net.WebClient
$wc.DownloadString(('http://a.example/{0:x}{1:D3}' -f 255,7))

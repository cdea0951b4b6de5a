$u = @"
http://a.example/$n/x.txt
"@
$wc = New-Object System.Net.WebClient
$wc.DownloadString($u.Trim())

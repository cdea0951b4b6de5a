if(1 -eq 1){$u='http://a.example/p/x.txt'}else{$u='http://no.example/'}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($u)

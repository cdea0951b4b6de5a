param([string]$u='http://a.example/p/x.txt')
(New-Object Net.WebClient).DownloadString($u)
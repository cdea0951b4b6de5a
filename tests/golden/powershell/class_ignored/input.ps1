class A { [string]$x; A(){ $this.x='1' } }
$c = New-Object Net.WebClient; $c.DownloadString('http://a.example/p/x.txt')
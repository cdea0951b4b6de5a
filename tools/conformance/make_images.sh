#!/bin/sh
# make_images.sh - makes tests/unit/container/images.zip: one small image of each kind that
# src/container reads, all with the same three files, by the tools of others (genisoimage,
# mtools, dosfstools, ntfs-3g, qemu-utils, p7zip, gcab, zip, msitools, fp-utils). Run it again only to add a kind.
set -eu
out=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/in/folder" "$work/img"
cd "$work"
printf 'hello from an image\n' > in/readme.txt
printf 'MZ not a program\n' > in/folder/invoice.pdf.exe
awk 'BEGIN { for (i = 0; i < 4000; i++) printf "line %d of a longer file\n", i }' > in/folder/long.txt
touch -d '2024-05-03 12:00:00 UTC' in/readme.txt in/folder/* in/folder
cp in/readme.txt "in/folder/hidden.txt"

genisoimage -quiet -J -V PLAIN -hidden hidden.txt -o img/joliet.iso in
genisoimage -quiet -udf -J -V BRIDGE -o img/bridge.iso in
for fs in 12 16 32; do
    case $fs in 12) size=1440 ;; 16) size=9000 ;; 32) size=34000 ;; esac
    dd if=/dev/zero of=fat$fs.img bs=1024 count=$size status=none
    mkfs.vfat -F $fs -n FAT$fs fat$fs.img > /dev/null
    mcopy -i fat$fs.img -s in/readme.txt in/folder ::
    mattrib -i fat$fs.img +h ::folder/hidden.txt
done
# A disk with one partition at 1 MiB: FAT16 in VHD (fixed, dynamic) and VHDX.
dd if=/dev/zero of=disk.img bs=1M count=12 status=none
dd if=fat16.img of=disk.img bs=1M seek=1 conv=notrunc status=none
printf '\000\000\000\000\006\000\000\000\000\010\000\000\120\106\000\000' |
    dd of=disk.img bs=1 seek=446 conv=notrunc status=none
printf '\125\252' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none
qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk.img img/fixed.vhd
qemu-img convert -f raw -O vpc -o subformat=dynamic,force_size=on disk.img img/dynamic.vhd
qemu-img convert -f raw -O vhdx disk.img img/disk.vhdx
cp fat12.img img/fat12.img
cp fat32.img img/fat32.img
dd if=/dev/zero of=ntfs.img bs=1M count=4 status=none
mkntfs -q -F -f -s 512 ntfs.img 2> /dev/null || true
for f in readme.txt; do ntfscp -q -f ntfs.img in/$f $f; done
ntfscp -q -f ntfs.img in/folder/long.txt long.txt
ntfscp -q -f ntfs.img in/folder/invoice.pdf.exe invoice.pdf.exe
cp ntfs.img img/ntfs.img
(cd in && 7z a -bd -y ../img/a.7z . > /dev/null && 7z a -bd -y -pinfected ../img/secret.7z . > /dev/null)
(cd in && tar -czf ../img/a.tar.gz -- * && tar -cf ../img/a.tar -- * && gcab -c ../img/a.cab readme.txt folder/long.txt > /dev/null 2>&1)
(cd in && xz -k -c readme.txt > ../img/readme.txt.xz && bzip2 -k -c readme.txt > ../img/readme.txt.bz2 && gzip -c readme.txt > ../img/readme.txt.gz && zstd -q -c readme.txt > ../img/readme.txt.zst)
(cd in && zip -q -r ../img/plain.zip . && zip -q -r -P infected ../img/zipcrypto.zip . && 7z a -bd -y -tzip -mem=AES256 -pinfected ../img/aes.zip . > /dev/null && 7z a -bd -y -tzip -mm=Deflate64 ../img/deflate64.zip . > /dev/null && 7z a -bd -y -tzip -mm=LZMA ../img/lzma.zip . > /dev/null && 7z a -bd -y -tzip -mm=BZip2 ../img/bzip2.zip . > /dev/null)
# An installer with a script, a command, a program and a property; what they say is harmless.
msi() { msibuild img/a.msi "$@"; }
msi -s "A title" "An author"
msi -q 'CREATE TABLE `CustomAction` (`Action` CHAR(72) NOT NULL, `Type` INT NOT NULL, `Source` CHAR(72), `Target` CHAR(255) PRIMARY KEY `Action`)'
msi -q 'CREATE TABLE `Property` (`Property` CHAR(72) NOT NULL, `Value` CHAR(0) NOT NULL PRIMARY KEY `Property`)'
msi -q "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('Script', 38, 'x', 'MsgBox 1')"
msi -q "INSERT INTO \`CustomAction\` (\`Action\`, \`Type\`, \`Source\`, \`Target\`) VALUES ('Start', 34, 'TARGETDIR', 'cmd.exe /c echo hello')"
msi -q "INSERT INTO \`Property\` (\`Property\`, \`Value\`) VALUES ('ProductName', 'Example')"
msi -a cab1.cab img/a.cab
# Compiled help, by the compiler of Free Pascal (package fp-utils).
mkdir chm
cp in/readme.txt chm
printf '<html><body><a href="https://link.example/">x</a></body></html>\n' > chm/page.html
printf '[OPTIONS]\nCompatibility=1.1\nCompiled file=a.chm\nDefault topic=page.html\n[FILES]\npage.html\nreadme.txt\n' > chm/p.hhp
(cd chm && chmcmd p.hhp > /dev/null 2>&1 && cp a.chm ../img)
rm -f "$out"
(cd img && zip -q -9 "$out" -- *)
ls -la img "$out"

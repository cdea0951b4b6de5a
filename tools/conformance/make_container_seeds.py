#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets lnk, onenote and html, and of the small images of vhd: all of
our own making and harmless (`.example` hosts, echo).

    tools/conformance/make_container_seeds.py fuzz/corpus
"""
import base64
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path


def lnk(flags, strings, idlist=b"", info=b"", extra=b"", appended=b""):
    header = struct.pack("<I16sIIQQQIiIHHII", 76, bytes.fromhex("0114020000000000c000000000000046"),
                         flags, 0x20, 132000000000000000, 132000000000000000, 132000000000000000,
                         1234, 1, 7, 0x0641, 0, 0, 0)
    body = b"".join(struct.pack("<H", len(s)) + s.encode("utf-16le") for s in strings)
    ids = struct.pack("<H", len(idlist) + 2) + idlist + b"\0\0" if flags & 1 else b""
    return header + ids + info + body + extra + appended


def item(body):
    return struct.pack("<H", len(body) + 2) + body


def file_item(name, short):
    wide = name.encode("utf-16le") + b"\0\0"
    ext = struct.pack("<HHIIIHH", 46 + len(wide) + 2, 9, 0xBEEF0004, 0, 0, 0x2E, 0) + bytes(26) + wide
    body = bytes([0x32, 0]) + struct.pack("<IHHH", 16, 0x58A3, 0x6000, 0x20) + short + b"\0"
    return item(body + (b"\0" if len(body) % 2 else b"") + ext + struct.pack("<H", len(body) + 2))


def block(signature, body):
    return struct.pack("<II", 8 + len(body), signature) + body


def lnk_seeds(out):
    root = item(bytes([0x1F, 0x50]) + bytes.fromhex("e04fd020ea3a6910a2d808002b30309d"))
    volume = item(b"\x2fC:\\" + bytes(19))
    ids = root + volume + file_item("Windows", b"WINDOWS") + file_item("cmd.exe", b"CMD.EXE")
    path = b"%ComSpec%".ljust(260, b"\0") + "%ComSpec%".encode("utf-16le").ljust(520, b"\0")
    tracker = struct.pack("<II", 88, 0) + b"host1".ljust(16, b"\0") + bytes(range(64))
    value = "S-1-5-21-1".encode("utf-16le") + b"\0\0"
    prop = struct.pack("<IIB", 17 + len(value), 4, 0) + struct.pack("<HHI", 0x1F, 0, len(value) // 2) + value
    store = b"1SPS" + bytes(range(16)) + prop + struct.pack("<I", 0)
    store = struct.pack("<I", len(store) + 4) + store + struct.pack("<I", 0)
    extra = (block(0xA0000001, path) + block(0xA0000003, tracker) + block(0xA0000009, store)
             + block(0xA0000005, struct.pack("<II", 37, 20)) + struct.pack("<I", 0))
    base = b"C:\\Windows\\cmd.exe\0"
    volume_id = struct.pack("<IIII", 19, 3, 0x12345678, 16) + b"OS\0"
    info = struct.pack("<IIIIIII", 28 + 19 + len(base) + 1, 28, 1, 28, 28 + 19, 0, 28 + 19 + len(base))
    info += volume_id + base + b"\0"
    (out / "full").write_bytes(lnk(0x2FF, ["about", ".\\cmd.exe", "C:\\", "/c echo " + " " * 300 + "hello",
                                           "shell32.dll"], ids, info, extra, b"appended bytes"))
    (out / "plain").write_bytes(lnk(0xA1, ["/c echo hello", "notepad.exe"], ids))
    network = struct.pack("<IIIII", 20 + 16, 3, 20, 0, 0x20000) + b"\\\\h.example\\s\0\0\0"
    info = struct.pack("<IIIIIII", 28 + 36 + 6, 28, 2, 0, 0, 28, 28 + 36) + network + b"x.doc\0"
    (out / "network").write_bytes(lnk(0x82, [], b"", info, struct.pack("<I", 0)))


def onenote_seeds(out):
    blob = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + struct.pack("<QIQ", 5, 0, 0) + b"hello\0\0\0"
    blob += bytes.fromhex("22a7fb710f79 0b4abb13899256426b24".replace(" ", ""))
    name = "note.txt".encode("utf-16le")
    props = struct.pack("<HIII", 3, 0x14001234, 0x1C001D9C, 0x20001D9B) + struct.pack("<II", 7, len(name)) + name
    guid = "<ifndf>{04030201-0605-0807-090A-0B0C0D0E0F10}"
    ref = struct.pack("<I", len(guid)) + guid.encode("utf-16le") + struct.pack("<I", 4) + ".txt".encode("utf-16le")
    node = struct.pack("<III", 0x094 | 28 << 10 | 1 << 23, 64, 60) + bytes(range(1, 17))
    (out / "one").write_bytes(bytes(64) + blob + props + ref + node)


def html_seeds(out):
    data = base64.b64encode(b"PK\x03\x04" + bytes(range(256)) * 8).decode()
    (out / "page").write_text('<!DOCTYPE html><title>t</title><a href="https://a.example/">x</a><form '
                              'action=/p><input type=password></form><body onload="go()"><script>1</script>')
    (out / "smuggle").write_text(f'<script>var b = new Blob([atob("{data}")]); a.download="x.zip"</script>')
    (out / "pieces").write_text("<script>x = '" + "' +\n'".join(data[i:i + 60] for i in range(0, len(data), 60))
                                + "'; n = [80,75,3,4" + ",0x41" * 80 + "]; // it's\n</script>")
    (out / "data").write_text(f'<a download="d.zip" href="data:application/zip;base64,{data}">d</a>')


def image_seeds(out):
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "in" / "sub").mkdir(parents=True)
        (work / "in" / "readme.txt").write_text("hello\n")
        (work / "in" / "sub" / "a long name.txt").write_text("there\n" * 300)

        def run(*command):
            subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def seed(name, kind, path, length):
            (out / name).write_bytes(bytes([kind]) + (work / path).read_bytes()[:length])

        run("genisoimage", "-quiet", "-J", "-no-pad", "-o", "a.iso", "in")
        (work / "b.iso").write_bytes((work / "a.iso").read_bytes()[32768:])
        seed("iso", 1, "b.iso", 80000)
        run("dd", "if=/dev/zero", "of=fat.img", "bs=1024", "count=64")
        run("mkfs.vfat", "-F", "12", "-r", "32", "fat.img")
        run("mcopy", "-i", "fat.img", "-s", "in/readme.txt", "in/sub", "::")
        seed("fat12", 0, "fat.img", 65536)
        run("qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", "subformat=dynamic,force_size=on", "fat.img", "a.vhd")
        seed("vhd", 0, "a.vhd", 90000)
        run("dd", "if=/dev/zero", "of=ntfs.img", "bs=1M", "count=2")
        run("mkntfs", "-q", "-F", "-f", "-s", "512", "ntfs.img")
        run("ntfscp", "-q", "-f", "ntfs.img", "in/readme.txt", "readme.txt")
        seed("ntfs", 0, "ntfs.img", 100000)
        run("dd", "if=/dev/zero", "of=udf.img", "bs=1024", "count=400")
        run("mkudffs", "-b", "512", "--media-type=hd", "udf.img")
        (work / "u.img").write_bytes((work / "udf.img").read_bytes()[32768:])
        seed("udf", 1, "u.img", 170000)


def main():
    corpus = Path(sys.argv[1])
    for name, make in (("lnk", lnk_seeds), ("onenote", onenote_seeds), ("html", html_seeds), ("vhd", image_seeds)):
        (corpus / name).mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("MTOOLS_SKIP_CHECK", "1")
        make(corpus / name)


if __name__ == "__main__":
    main()

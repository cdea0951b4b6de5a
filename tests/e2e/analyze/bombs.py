#!/usr/bin/env python3
"""bombs.py HINOMI SAMPLES CASE - samples made to use up whoever looks at them: each ends within its limits,
with a finding that says why, is not called clean, and hides nothing that a smaller one would show.

SAMPLES is the generator (tools/samples). Everything is made here, inert, when the test runs. The bound on
time is generous: this is no bench. Without CASE all are run.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib

MIB = 1 << 20
SECONDS_MAX = 120  # sanitizers and other work on the machine take most of it
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512


class Bombs:
    def __init__(self, hinomi, samples, folder):
        self.hinomi, self.samples, self.folder = hinomi, samples, folder
        self.faults = []

    def analyzed(self, name, size, write):
        """The report on what write(file) writes; how long it took is checked."""
        path = os.path.join(self.folder, name)
        report = os.path.join(self.folder, "report.jsonl")
        with open(path, "wb") as file:
            write(file)
        if size is not None and os.path.getsize(path) > size:
            self.faults.append(f"{name}: the bomb has {os.path.getsize(path)} bytes")
        begin = time.monotonic()
        done = subprocess.run([self.hinomi, "analyze", "-q", "--reserved", "--no-defang", "--no-cache",
                               "--limit", "wall_ms=60000", "--limit", "cpu_seconds=20",
                               "--json", report, path], stdout=subprocess.DEVNULL, timeout=600, check=False)
        passed = time.monotonic() - begin
        os.remove(path)
        if done.returncode != 0:
            sys.exit(f"{name}: exit code {done.returncode}")
        if passed > SECONDS_MAX:
            self.faults.append(f"{name}: took {passed:.0f} s")
        with open(report, encoding="utf-8") as lines:
            return json.loads(lines.readline())

    def check(self, name, data, kinds, size=8 * MIB):
        """data is the sample, or a function that writes it. One of kinds is noted somewhere; kinds None: it
        only has to end."""
        write = data if callable(data) else lambda file: file.write(data)
        report = self.analyzed(name, size, write)
        noted = {note["kind"] for one in report["objects"] for note in one["notes"]}
        if kinds is None:
            return report
        if not noted & set(kinds):
            self.faults.append(f"{name}: nothing of {kinds} in {sorted(noted)}, verdict {report['verdict']}")
        if report["verdict"] == "clean":
            self.faults.append(f"{name}: called clean")
        return report


# ---- Containers ----

def zipped(*entries):
    path = tempfile.SpooledTemporaryFile()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    path.seek(0)
    return path.read()


def case_nested_zip(bombs):
    """1000:1 in each of six layers of ten."""
    level = zipped(("zeros.bin", bytes(16 * MIB)))
    for _ in range(6):
        level = zipped(*((f"{i}.zip", level) for i in range(10)))
    bombs.check("nested.zip", level, ["bomb", "limit"])
    deep = b"MsgBox 1"
    for _ in range(200):
        deep = zipped(("a.zip", deep))
    bombs.check("deep.zip", deep, ["limit"])
    packed = bytes(64 * MIB)
    for _ in range(4):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = packer.compress(packed) + packer.flush()
    bombs.check("layers.gz", packed, ["bomb", "limit", "padded"])


def first_document(bombs):
    """A generated document with macros, and the URLs it holds."""
    made = os.path.join(bombs.folder, "made")
    subprocess.run([bombs.samples, "make", made, "1", "60"], check=True)
    with open(os.path.join(made, "truth.jsonl"), encoding="utf-8") as lines:
        truth = next(one for one in map(json.loads, lines) if one["file"].endswith(".doc"))
    with open(os.path.join(made, truth["file"]), "rb") as file:
        return file.read(), truth["urls"]


def case_padding(bombs):
    """500 MB of zeros behind a document: it is analysed as if they were not there."""
    document, urls = first_document(bombs)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(16 * MIB)
    size, crc = len(document), zlib.crc32(document)
    packed = packer.compress(document)
    for _ in range(32):
        packed += packer.compress(piece)
        crc = zlib.crc32(piece, crc)
        size += len(piece)
    packed += packer.flush()
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x5000, crc, len(packed), size, 5, 0)
    archive = b"PK\3\4" + fields + b"a.doc" + packed
    central = b"PK\1\2\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.doc"
    archive += central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(archive), 0)

    def sparse(file):
        file.write(document)
        file.truncate(len(document) + 500 * MIB)

    for name, data, limit in (("padded.zip", archive, 2 * MIB), ("padded.doc", sparse, None)):
        report = bombs.check(name, data, ["padded"], limit)
        found = {one["value"] for one in report["indicators"] if one["type"] == "url"}
        if not set(urls) <= found:
            bombs.faults.append(f"{name}: {sorted(set(urls) - found)} missing")


def case_entries(bombs):
    """A million entries of a zip, 400,000 of a compound file."""
    count = 1000000
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0, 0xE8B7BE43, 1, 1, 7, 0) + b"0000000a"

    def million(file):
        file.write(local)
        for i in range(count):
            file.write(b"PK\1\2\x14\0" + struct.pack("<HHHHHIIIHHHHHII", 10, 0, 0, 0, 0, 0xE8B7BE43, 1, 1, 7,
                                                     0, 0, 0, 0, 0, 0) + b"%07d" % i)
        file.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, count * 53, len(local), 0))

    bombs.check("million.zip", million, ["limit"], 64 * MIB)
    names = [(f"s{i}", b"") for i in range(400000)]
    bombs.check("entries.doc", compound(names), ["limit"], 64 * MIB)


# ---- Compound files ----

def entry(name, kind, start, size, left=FREE, right=FREE, child=FREE):
    raw = (name + "\0").encode("utf-16-le")
    return (raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, left, right, child) + bytes(36) +
            struct.pack("<IQ", start, size))


def compound(streams, change=None):
    """A compound file with these streams side by side, or in one folder "VBA/x"; every stream is as long as
    those that have sectors of their own. change(fat) may spoil its chains; the directory starts at 0."""
    folders = sorted({name.split("/")[0] for name, _ in streams if "/" in name})
    body, fat, entries = b"", [], []
    rows = [("Root Entry", 5, FREE, 0, None)] + [(name, 1, FREE, 0, "") for name in folders]
    blocks = []
    for name, data in streams:
        if data and len(data) < 4096:
            data += bytes(4096 - len(data))
        blocks.append(data + bytes(-len(data) % SECTOR))
        rows.append((name.split("/")[-1], 2, FREE, len(data), name.split("/")[0] if "/" in name else ""))
    directory = (len(rows) * 128 + SECTOR - 1) // SECTOR
    chain = lambda first, count: list(range(first + 1, first + count)) + [END] if count else []
    fat += chain(0, directory)
    starts = []
    for block in blocks:
        starts.append(len(fat) if block else END)
        fat += chain(len(fat), len(block) // SECTOR)
    for i, (name, kind, _, size, parent) in enumerate(rows):
        if len(rows) > 100:  # all in one folder, one behind the other
            entries.append(entry(name, kind, END, 0, right=i + 1 if 0 < i < len(rows) - 1 else FREE,
                                 child=1 if i == 0 else FREE))
            continue
        below = [k for k, row in enumerate(rows) if row[4] == (name if kind == 1 else "")] if kind != 2 else []
        mates = [k for k, row in enumerate(rows) if row[4] == parent and k > i] if parent is not None else []
        entries.append(entry(name, kind, starts[i - 1 - len(folders)] if kind == 2 else END if kind == 5 else 0,
                             size, right=mates[0] if mates else FREE, child=below[0] if below else FREE))
    body = b"".join(entries)
    body += entry("", 0, 0, 0) * (-len(rows) % 4) + b"".join(blocks)
    used = len(fat)
    tables = (used + 127) // 128
    while (used + tables + 127) // 128 > tables:
        tables += 1
    more = max(0, (tables - 109 + 126) // 127)
    while (used + tables + more + 127) // 128 > tables:
        tables += 1
        more = max(0, (tables - 109 + 126) // 127)
    if change is not None:
        change(fat)
    fat += [FAT] * tables + [0xFFFFFFFC] * more
    fat += [FREE] * (tables * 128 - len(fat))
    places = list(range(used, used + tables))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, 0, 0, 4096, END, 0,
        used + tables if more else END, more)
    head += struct.pack("<109I", *(places[:109] + [FREE] * (109 - len(places[:109]))))
    rest = b""
    for i in range(more):
        part = places[109 + 127 * i:109 + 127 * (i + 1)]
        rest += struct.pack("<128I", *(part + [FREE] * (127 - len(part)) +
                                       [used + tables + i + 1 if i + 1 < more else END]))
    return head + body + struct.pack(f"<{len(fat)}I", *fat) + rest


def vba_packed(data):
    """[MS-OVBA] 2.4.1, literals only."""
    out = b"\1"
    for at in range(0, len(data), 3600):
        piece = data[at:at + 3600]
        tokens = b"".join(b"\0" + piece[i:i + 8] for i in range(0, len(piece), 8))
        out += struct.pack("<H", 0xB000 | len(tokens) - 1) + tokens
    return out


def record(kind, data):
    return struct.pack("<HI", kind, len(data)) + data


def vba_streams(module):
    """A project with one module of these packed bytes."""
    directory = (record(1, struct.pack("<I", 1)) + record(2, struct.pack("<I", 0x409)) +
                 record(0x14, struct.pack("<I", 0x409)) + record(3, struct.pack("<H", 1252)) + record(4, b"P") +
                 record(5, b"") + record(0x40, b"") + record(6, b"") + record(0x3D, b"") +
                 record(7, bytes(4)) + record(8, bytes(4)) + struct.pack("<HIIH", 9, 4, 1, 1) + record(0xC, b"") +
                 record(0x3C, b"") + record(0xF, b"\1\0") + record(0x13, b"\xff\xff") + record(0x19, b"M") +
                 record(0x1A, b"M") + record(0x32, b"M\0") + record(0x1C, b"") + record(0x48, b"") +
                 record(0x31, bytes(4)) + record(0x1E, bytes(4)) + record(0x2C, b"\xff\xff") +
                 record(0x21, b"") + record(0x2B, b"") + record(0x10, b""))
    return [("VBA/dir", vba_packed(directory)), ("VBA/M", module), ("VBA/_VBA_PROJECT", b"\xcc\x61\xff\xff\0\0\0"),
            ("PROJECT", b"Module=M\r\nName=\"P\"\r\n")]


def docm(project, body="<w:body/>"):
    relations = ("<?xml version='1.0'?><Relationships xmlns='http://schemas.openxmlformats.org/package/2006/"
                 "relationships'><Relationship Id='a' Type='http://schemas.%s' Target='%s'/></Relationships>")
    return zipped(("[Content_Types].xml", "<?xml version='1.0'?><Types xmlns='http://schemas.openxmlformats.org/"
                   "package/2006/content-types'><Default Extension='xml' ContentType='application/xml'/><Override "
                   "PartName='/word/document.xml' ContentType='application/vnd.ms-word.document.macroEnabled.main"
                   "+xml'/></Types>"),
                  ("_rels/.rels", relations % ("openxmlformats.org/officeDocument/2006/relationships/"
                                               "officeDocument", "word/document.xml")),
                  ("word/document.xml", "<?xml version='1.0'?><w:document xmlns:w='http://schemas.openxmlformats."
                   "org/wordprocessingml/2006/main'>" + body + "</w:document>"),
                  ("word/_rels/document.xml.rels", relations % ("microsoft.com/office/2006/relationships/"
                                                                "vbaProject", "vbaProject.bin")),
                  ("word/vbaProject.bin", project))


def case_macro_stream(bombs):
    """A module of 600 MB in 900 KB, and that packed once more."""
    spaces = b"\1" + b"\x03\xb0\x02 \xfc\x0f" * (600 * MIB // 4096)
    project = compound(vba_streams(spaces))
    bombs.check("macro.doc", project, ["limit", "bomb", "padded"])
    bombs.check("macro.docm", docm(project), ["limit", "bomb", "padded"])
    small = bombs.check("small.doc", compound(vba_streams(vba_packed(
        b"Sub AutoOpen()\r\nShell \"cmd /c echo 1\"\r\nDo: s = s & s & \"a\": Loop\r\nEnd Sub\r\n"))), ["limit"])
    if not any(one["format"] == "vba_module" for one in small["objects"]):
        bombs.faults.append("small.doc: no module is found, so macro.doc proves nothing")


def case_cyclic_fat(bombs):
    """Chains of sectors that go in circles: a stream's, the directory's, and those of the table itself."""
    code = b"Sub AutoOpen()\r\nEnd Sub\r\n" + b"".join(b"' %d\r\n" % i for i in range(30000))
    streams = vba_streams(vba_packed(code))

    def stream(fat):
        fat[200] = 100

    def directory(fat):
        fat[0] = 0

    def all_one(fat):
        fat[:] = [1] * len(fat)

    for name, change in (("stream", stream), ("directory", directory), ("all", all_one)):
        bombs.check(f"{name}.doc", compound(streams, change), ["damaged", "limit", "truncated", "recovered"])
    table = bytearray(compound([("long", bytes(7900000))]))
    first = struct.unpack_from("<I", table, 68)[0]
    assert first != END
    struct.pack_into("<I", table, (first + 2) * SECTOR - 4, first)
    struct.pack_into("<I", table, 72, 100000)
    bombs.check("table.doc", bytes(table), ["damaged", "limit", "truncated", "recovered"])


# ---- Scripts ----

def case_doubling(bombs):
    """Texts that double until nothing holds them."""
    for name, text in (("double.ps1", "$a='x'*1024; while($true){$a+=$a}"),
                       ("times.ps1", "$a='x'; 1..64|%{$a=$a*1000}; iex $a"),
                       ("list.ps1", "$l=@(1); while($true){$l+=$l}"),
                       ("format.ps1", "$a='{0}{0}{0}{0}'; while($true){$a=$a -f $a}"),
                       ("replace.ps1", "$a='aaaa'; while($true){$a=$a.Replace('a','aa')}"),
                       ("double.vbs", "s = \"x\"\nDo\ns = s & s\nLoop\n"),
                       ("replace.vbs", "s = \"aa\"\nDo\ns = Replace(s, \"a\", \"aaaa\")\nLoop\n"),
                       ("double.js", "var s='x';while(true){s+=s;}"),
                       ("join.js", "var a=['x','y'];while(true){a=a.concat(a);var s=a.join(a.join());}"),
                       ("double.bat", "set x=aaaa\r\n:l\r\nset x=%x%%x%\r\ngoto l\r\n"),
                       ("for.bat", "for /l %%i in (1,1,100000000) do (for /l %%j in (1,1,100000000) do set a=%%i)")):
        bombs.check(name, text.encode(), ["limit"])


def case_layers(bombs):
    """Scripts that run themselves again, and ever longer ones."""
    for name, text in (("self.ps1", "$s='iex $s'; iex $s"),
                       ("grow.ps1", "$s='$s=$s+$s; iex $s;'; iex $s"),
                       ("function.ps1", "function f { f; f }; f"),
                       ("encoded.ps1", "$s='powershell -c $s'; iex $s; function g { iex 'g;g' }; g"),
                       ("self.vbs", "s = \"Execute s\"\nExecute s\n"),
                       ("function.vbs", "Function f(n)\nf = f(n) & f(n + 1)\nEnd Function\nx = f(1)\n"),
                       ("grow.js", "var s='s+=s;eval(s);';eval(s);"),
                       ("function.js", "function f(n){return f(n)+f(n+1);}f(1);"),
                       ("call.bat", ":a\r\ncall :a\r\ncall :a\r\n")):
        bombs.check(name, text.encode(), ["limit", "unmodelled", "syntax"])
    for name, text in (("again.js", "var s='eval(s)';eval(s);"), ("again.bat", "call %0\r\n%0|%0\r\n")):
        bombs.check(name, text.encode(), None)  # the same text again says nothing new


def case_nesting(bombs):
    """A hundred thousand brackets, conditions, groups."""
    deep = 100000
    kinds = ["limit", "syntax", "damaged", "truncated", "worker"]
    for name, text in (("round.ps1", "$a=" + "(" * deep + "1" + ")" * deep),
                       ("block.ps1", "&{" * deep + "1" + "}" * deep),
                       ("if.ps1", "if(1){" * deep + "1" + "}" * deep),
                       ("sub.ps1", "\"" + "$(" * deep + "1" + ")" * deep + "\""),
                       ("round.vbs", "a = " + "(" * deep + "1" + ")" * deep),
                       ("if.vbs", "If 1 Then\n" * deep + "a = 1\n" + "End If\n" * deep),
                       ("not.vbs", "a = " + "Not " * deep + "1"),
                       ("round.js", "var a=" + "(" * deep + "1" + ")" * deep + ";"),
                       ("list.js", "var a=" + "[" * deep + "]" * deep + ";"),
                       ("if.js", "if(1)" * deep + "a=1;"),
                       ("block.js", "{" * deep + "}" * deep),
                       ("if.bat", "if 1==1 (\r\n" * deep + "echo 1\r\n" + ")\r\n" * deep),
                       ("cmd.bat", "cmd /c " * deep + "echo 1\r\n")):
        bombs.check(name, text.encode(), kinds)


# ---- Mails and documents of text ----

def case_mime(bombs):
    """A hundred thousand parts, side by side and one within the other."""
    head = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    part = b"--b\r\nContent-Type: text/plain; name=\"a.txt\"\r\nContent-Disposition: attachment\r\n\r\n%d\r\n"
    flat = (head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
            b"".join(part % i for i in range(100000)) + b"--b--\r\n")
    bombs.check("parts.eml", flat, ["limit"], 16 * MIB)
    deep = head + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i)
                           for i in range(100000))
    bombs.check("deep.eml", deep, ["limit", "damaged", "truncated"], 16 * MIB)
    lines = head + b"".join(b"X-%d: a\r\n" % i for i in range(300000)) + b"\r\nx\r\n"
    bombs.check("headers.eml", lines, ["limit", "damaged"], 16 * MIB)


def case_pdf(bombs):
    """Objects that lead to themselves: pages, lengths, tables, streams of objects, filters."""
    def pdf(*objects, trailer=b"<< /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF\n"):
        return (b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (i + 1, one) for i, one in enumerate(objects)) +
                b"trailer\n" + trailer)

    twice = zlib.compress(zlib.compress(zlib.compress(bytes(range(256)) * (256 << 10), 9), 9), 9)
    for name, data, kinds in (
            ("loop.pdf", pdf(b"<< /Type /Catalog /Pages 2 0 R /OpenAction 3 0 R >>",
                             b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>",
                             b"<< /S /JavaScript /JS 4 0 R /Next [3 0 R 3 0 R] >>",
                             b"<< /Length 4 0 R /Filter 4 0 R >>\nstream\nx\nendstream"),
             None),  # nobody follows pages and actions from one to the next
            ("streams.pdf", pdf(b"<< /Type /Catalog >>", b"<< /Type /ObjStm /N 1000000 /First 5 /Extends 2 0 R "
                                b"/Length 9 >>\nstream\n2 0 2 0 x\nendstream"), None),
            ("filters.pdf", pdf(b"<< /Type /Catalog /OpenAction << /S /JavaScript /JS 2 0 R >> >>",
                                b"<< /Length %d /Filter [/FlateDecode /FlateDecode /FlateDecode] >>\nstream\n%s\n"
                                b"endstream" % (len(twice), twice)), ["bomb", "limit"]),
            ("deep.pdf", pdf(b"<< /Type /Catalog /A " + b"[" * 100000 + b"]" * 100000 + b" >>"),
             ["damaged", "limit", "truncated", "syntax"])):
        bombs.check(name, data, kinds)


def case_rtf(bombs):
    """Groups in groups, in the text and in the hexadecimal digits of an object; and in XML."""
    deep = 100000
    bombs.check("groups.rtf", b"{\\rtf1 " + b"{" * deep + b"x" + b"}" * deep + b"}", ["limit", "damaged", "hidden",
                                                                                     "obfuscated"])
    bombs.check("object.rtf", b"{\\rtf1{\\object\\objocx{\\*\\objdata " + b"{01" * deep + b"}" * deep + b"}}}",
                ["limit", "damaged", "obfuscated", "truncated", "unsupported"])
    bombs.check("deep.docx", docm(b"", "<a>" * deep + "</a>" * deep),
                ["limit", "damaged", "syntax"])


def main():
    cases = {name[5:]: case for name, case in globals().items() if name.startswith("case_")}
    wanted = sys.argv[3:] or list(cases)
    if len(sys.argv) < 3 or any(name not in cases for name in wanted):
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        bombs = Bombs(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), folder)
        for name in wanted:
            cases[name](bombs)
    print("\n".join(bombs.faults) or "all ended within their limits")
    return 1 if bombs.faults else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Encrypted 7z archives by 7-Zip against hinomi, and ours by 7-Zip.

    python3 tools/conformance/locked_archives.py HINOMI UNIT_TEST [FILE.rar...]

HINOMI is the program, UNIT_TEST is unit_container_test_locked, whose archives `7z t` has to accept.
Further rar files (those of the Python package rarfile have the password "password") have to open
with a note that they were decrypted. Needs 7z (p7zip-full)."""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

PASSWORD = "secret \u3072"
METHODS = {
    "lzma2": ["-m0=LZMA2"], "lzma": ["-m0=LZMA"], "bzip2": ["-m0=BZip2"], "ppmd": ["-m0=PPMd"],
    "deflate": ["-m0=Deflate"], "copy": ["-m0=Copy"], "bcj": ["-m0=BCJ", "-m1=LZMA2"],
    "delta": ["-m0=Delta:4", "-m1=LZMA"],
    "bcj2": ["-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0s0:1", "-mb0s1:2", "-mb0s2:3"],
}


def quiet(command, **how):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          **how)


def objects(hinomi, path, password):
    out = subprocess.run([hinomi, "analyze", "--password", password, "--json", "-", path],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    return json.loads(out.splitlines()[-1])["objects"]


def digests(objs):
    return {f["value"] for o in objs[1:] for f in o["facts"] if f["name"] == "sha256"}


def decrypted(objs):
    return any(n["kind"] == "decrypted" for n in objs[0]["notes"])


def main():
    hinomi, unit = sys.argv[1], sys.argv[2]
    bad = total = 0
    with tempfile.TemporaryDirectory() as work:
        rng = random.Random(1)
        files = {"empty.txt": b"", "a.txt": b"hello\n", "b.bin": rng.randbytes(70001),
                 "c.txt": b"".join(b"line %d\n" % i for i in range(20000)),
                 "d.exe": open("/bin/true", "rb").read()}
        for name, data in files.items():
            with open(os.path.join(work, name), "wb") as f:
                f.write(data)
        want = {hashlib.sha256(d).hexdigest() for d in files.values()}
        for name, method in METHODS.items():
            for headers in ("off", "on"):
                for solid in ("off", "on"):
                    path = os.path.join(work, f"{name}-{headers}-{solid}.7z")
                    made = quiet(["7z", "a", "-p" + PASSWORD, "-mhe=" + headers, "-ms=" + solid,
                                  *method, path, *files], cwd=work)
                    if made.returncode != 0:
                        print(f"{path}: 7z cannot write it")
                        continue
                    objs = objects(hinomi, path, PASSWORD)
                    total += 1
                    if not decrypted(objs) or not want <= digests(objs):
                        bad += 1
                        print(f"{os.path.basename(path)}: {objs[0]['notes']}")
        ours = os.path.join(work, "ours")
        os.mkdir(ours)
        quiet([unit], env={**os.environ, "HN_LOCKED_DIR": ours})
        for name in sorted(os.listdir(ours)):
            total += 1
            if quiet(["7z", "t", "-psecret", os.path.join(ours, name)]).returncode != 0:
                bad += 1
                print(f"{name}: 7z does not accept what our tests write")
        for path in sys.argv[3:]:
            total += 1
            if not decrypted(objects(hinomi, path, "password")):
                bad += 1
                print(f"{path}: not decrypted")
    print(f"{total - bad} of {total} agree")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())

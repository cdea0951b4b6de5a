#!/usr/bin/env python3
"""Writes what Python's readers say of the mails in ../shared/data, for tests/unit/mail/test_real.c.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install extract-msg
    /tmp/venv/bin/python tools/conformance/mail_compare.py ../shared/data/documents \\
        > tests/unit/mail/real.tsv

A line is: file, key, value. Keys: subject, from (of .eml), body (SHA-256 of the plain body without
white space), part (name, and SHA-256 unless it is a mail). Where the oracle is wrong the value is
replaced and CORRECTED says why; docs/conformance-documents.md lists these."""
import email
import email.policy
import hashlib
import pathlib
import re
import sys


# (file, key): value. The code pages of these are stated (testMSG_chinese: 950; LCID 1049 and 1031)
# and extract-msg reads them as another; a mail within has no ".msg" in its name.
CORRECTED = {
    ("tika/testMSG_chinese.msg", "subject"): "Alfresco MSG format testing ( MSG \u683c\u5f0f\u6e2c\u8a66 )",
    ("poi/ASCII_CP1251_LCID1049.msg", "subject"):
        "Subject \u0430\u0432\u0442\u043e\u043c\u0430\u0442\u0438\u0447\u0435\u0441\u043a\u0438 Subject",
    ("tika/testMSG_att_msg.msg", "part"): [
        ("Test Attachment", None),
        ("smbprn.00009008.KdcPjl.pdf",
         "1bd629440fff7a30e340c95e51f2732f239ff7115be211aaa23ba498d0f1b208"),
    ],
    ("poi/58214_with_attachment.msg", "part"): [("Untitled Attachment", None)],
}
CODE_PAGES = {  # bodies that extract-msg decodes by another page than the file states
    "tika/testMSG_chinese.msg": "cp950",
    "poi/ASCII_CP1251_LCID1049.msg": "cp1251",
}


def squeeze(text):
    spaces = r"[\t\n\v\f\r \0\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
    return re.sub(spaces, "", text or "")


def digest(text):
    return hashlib.sha256(squeeze(text).encode()).hexdigest()


def by_email(path):
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    bodies, parts = [], []

    def walk(part):
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            parts.append((part.get_filename() or "", None))
            return inner
        if part.is_multipart():
            for child in part.iter_parts():
                walk(child)
            return None
        data = part.get_payload(decode=True) or b""
        name = part.get_filename()
        if part.get_content_type() == "text/plain" and not name:
            charset = part.get_content_charset() or "utf-8"
            bodies.append(data.decode(charset, "replace"))
        elif name or not part.get_content_type().startswith("text/"):
            parts.append((name or "", hashlib.sha256(data).hexdigest()))
        return None

    walk(mail)
    return {
        "subject": str(mail["subject"] or ""),
        "from": mail["from"].addresses[0].addr_spec if mail["from"] and mail["from"].addresses else "",
        "body": digest("".join(bodies)),
        "part": sorted(parts, key=str),
    }


def by_extract_msg(path):
    import extract_msg

    with extract_msg.openMsg(path) as msg:
        parts = []
        for attachment in msg.attachments:
            data = attachment.data
            name = getattr(attachment, "longFilename", None) or getattr(attachment, "shortFilename", None)
            if isinstance(data, bytes):
                parts.append((name or "", hashlib.sha256(data).hexdigest()))
            else:
                parts.append((attachment.name or "", None))
        body = msg.body or ""
        name = str(path.parent.name + "/" + path.name)
        if name in CODE_PAGES:
            stream = msg.getStream("__substg1.0_1000001E")
            body = stream.decode(CODE_PAGES[name], "replace")
        return {
            "subject": (msg.subject or "").rstrip("\0"),
            "body": digest(body),
            "part": parts,
        }


def main():
    folder = pathlib.Path(sys.argv[1])
    for path in sorted([*folder.glob("*/*.eml"), *folder.glob("*/*.msg")]):
        name = path.parent.name + "/" + path.name
        found = by_extract_msg(path) if path.suffix == ".msg" else by_email(path)
        for key, value in found.items():
            value = CORRECTED.get((name, key), value)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, tuple):
                    item = item[0] + "\t" + (item[1] or "")
                print(f"{name}\t{key}\t{item}")


main()

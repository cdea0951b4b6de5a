#!/usr/bin/env python3
"""Makes fuzz/corpus/pdf with pikepdf (qpdf): every encryption of the standard handler, object
streams, actions, a script, an embedded file. All of it inert: `.example` hosts, alert(1).

    python3 -m venv /tmp/v && /tmp/v/bin/pip install pikepdf
    /tmp/v/bin/python tools/conformance/make_pdf_seeds.py fuzz/corpus/pdf
"""
import sys
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, String


def make():
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200))
    page.Contents = pdf.make_stream(b"BT /F1 12 Tf (Please open the attachment) Tj ET")
    page.Annots = Array([
        pdf.make_indirect(Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 100, 100]),
            A=Dictionary(S=Name.URI, URI=String("https://link.example/a?b=1")))),
    ])
    pdf.Root.OpenAction = pdf.make_indirect(Dictionary(
        S=Name.JavaScript, JS=pdf.make_stream(b"app.alert(1); // from a stream")))
    page.AA = Dictionary(O=Dictionary(
        S=Name.Launch, Win=Dictionary(F=String("cmd.exe"), P=String("/c echo hello"))))
    spec = pikepdf.AttachedFileSpec(pdf, b"the content of the attached file", filename="note.txt")
    pdf.attachments["note.txt"] = spec
    return pdf


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    make().save(out / "plain.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable,
                compress_streams=False, deterministic_id=True)
    make().save(out / "packed.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate,
                deterministic_id=True)
    for revision in (2, 3, 4, 5, 6):
        for aes in ((False, True) if revision == 4 else (revision >= 5,)):
            make().save(
                out / f"r{revision}{'aes' if aes else 'rc4'}.pdf",
                object_stream_mode=pikepdf.ObjectStreamMode.generate if revision >= 4
                else pikepdf.ObjectStreamMode.disable,
                encryption=pikepdf.Encryption(owner="owner", user="", R=revision, aes=aes,
                                              metadata=aes and revision >= 4))
    make().save(out / "password.pdf",
                encryption=pikepdf.Encryption(owner="owner", user="infected", R=6))


if __name__ == "__main__":
    main()

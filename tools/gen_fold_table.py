#!/usr/bin/env python3
"""Writes src/base/fold_table.h: Unicode simple case folding as ranges.

Run by hand when the Unicode version changes; the output is committed. Python's own tables are the
source (str.casefold is full folding, so the simple one is taken from single-character results and
from lower() where casefold expands)."""
import sys
import unicodedata


def fold(cp: int) -> int:
    ch = chr(cp)
    f = ch.casefold()
    if len(f) != 1:
        f = ch.lower()
        if len(f) != 1:
            return cp
    return ord(f)


def main() -> None:
    pairs = [(cp, fold(cp)) for cp in range(0x80, 0x20000)
             if not 0xD800 <= cp <= 0xDFFF and fold(cp) != cp]
    ranges = []  # first, last, step, delta
    for cp, to in pairs:
        delta = to - cp
        if ranges:
            first, last, step, d = ranges[-1]
            if d == delta and step in (0, cp - last) and cp - last in (1, 2):
                ranges[-1] = (first, cp, cp - last, d)
                continue
        ranges.append((cp, cp, 0, delta))
    out = sys.stdout
    out.write("/* fold_table.h - made by tools/gen_fold_table.py from Unicode "
              f"{unicodedata.unidata_version}; do not edit. */\n")
    out.write("#ifndef HN_BASE_FOLD_TABLE_H\n#define HN_BASE_FOLD_TABLE_H\n\n#include <stdint.h>\n\n")
    out.write("/* Code points first, first + step, ..., last fold to themselves plus delta. */\n")
    out.write("struct fold_range {\n    uint32_t first;\n    uint32_t last;\n    int32_t delta;\n"
              "    uint32_t step;\n};\n\n")
    out.write("static const struct fold_range fold_ranges[] = {\n")
    for first, last, step, delta in ranges:
        out.write(f"    {{ 0x{first:X}, 0x{last:X}, {delta}, {max(step, 1)} }},\n")
    out.write("};\n\n#endif\n")


main()

#!/usr/bin/env python3
"""Writes src/decode/syscall_table.h: system call numbers to names for x86_64, i386 and aarch64.

Run by hand when new system calls should get their names; the output is committed. The kernel's own
headers are the source: asm/unistd_64.h, asm/unistd_32.h, asm-generic/unistd.h (linux-libc-dev)."""
import re
import sys
import textwrap

HEADERS = (("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
           ("i386", "/usr/include/x86_64-linux-gnu/asm/unistd_32.h"),
           ("aarch64", "/usr/include/asm-generic/unistd.h"))
# asm-generic gives names that differ by word size; 64-bit machines use these.
GENERIC = {"3264_fcntl": "fcntl", "3264_statfs": "statfs", "3264_fstatfs": "fstatfs",
           "3264_truncate": "truncate", "3264_ftruncate": "ftruncate", "3264_lseek": "lseek",
           "3264_sendfile": "sendfile", "3264_fstatat": "newfstatat", "3264_fstat": "fstat",
           "3264_mmap": "mmap", "3264_fadvise64": "fadvise64"}


def numbers(path: str) -> dict[int, str]:
    found = {}
    for line in open(path, encoding="ascii"):
        match = re.match(r"#define __NR(_|3264_)(\w+)\s+(\d+)\b", line)
        if not match:
            continue
        name = match[2] if match[1] == "_" else GENERIC.get("3264_" + match[2], match[2])
        if name in ("syscalls", "arch_specific_syscall"):
            continue
        if "generic" in path and 403 <= int(match[3]) <= 423:
            continue  # second versions with 64-bit times, for 32-bit machines only
        found.setdefault(int(match[3]), name)
    return found


def main() -> None:
    out = ["/* syscall_table.h - made by tools/gen_syscall_table.py from the kernel's headers; do not "
           "edit. */", "#ifndef HN_DECODE_SYSCALL_TABLE_H", "#define HN_DECODE_SYSCALL_TABLE_H", ""]
    for arch, path in HEADERS:
        found = numbers(path)
        entries = " ".join(f'[{number}]="{found[number]}",' for number in sorted(found))
        out.append(f"/* clang-format off */\nstatic const char *const syscalls_{arch}[] = {{")
        out += textwrap.wrap(entries, 96, initial_indent="    ", subsequent_indent="    ")
        out.append("};\n/* clang-format on */\n")
    out.append("#endif")
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""api.py HINOMI CASE - the API of a real `hinomi serve`, and what it must never do.

Each case says what it proves in its first line; they are in the files of this folder.
HN_API_REQUESTS, HN_API_SEED: how many random requests, and which; for long runs.
HN_API_LOAD: seconds of the case `load`.
HN_API_FOLDER: where servers keep their data; HN_API_KEEP: it is left there.
"""

import importlib
import os
import sys
import time

from server import Site

FILES = {
    "matrix": ("document", "matrix", "methods"),
    "accounts": ("sessions", "timeouts", "throttle"),
    "content": ("content",),
    "people": ("people", "terminal"),
    "transport": ("csrf", "tls"),
    "random_requests": ("random",),
    "changes": ("audit", "secrets"),
    "streams": ("paging", "etags", "stream"),
    "load": ("load",),
}
CASES = {case: name for name, cases in FILES.items() for case in cases}


def main():
    program, case = os.path.abspath(sys.argv[1]), sys.argv[2]
    run = getattr(importlib.import_module(CASES[case]), "case_" + case)
    began = time.monotonic()
    site = Site(program, tls=getattr(run, "tls", False))
    try:
        result = run(site)
        site.stop()
    except Exception:
        sys.stderr.write(site.log_text()[-4000:])
        raise
    finally:
        site.close()
    print(f"{case}: {time.monotonic() - began:.1f} s")
    return result or 0


if __name__ == "__main__":
    sys.exit(main())

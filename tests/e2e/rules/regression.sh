#!/bin/sh
# Proves that all of SigmaHQ's regression cases in the shared data fire often enough, from the event
# log and from its JSON twin, with every rule loaded, and that no rule of another log source fires.
. "$(dirname "$0")/lib.sh"

data=${HN_SHARED:-}/data
if [ ! -d "$data/sigma-regression" ] || [ ! -d "$data/sigma" ]; then
    echo "SKIPPED: no shared data (HN_SHARED)" >&2
    exit 77
fi
cases=$(find "$data/sigma-regression" -name info.yml | wc -l)
files=$(find "$data/sigma-regression" -name '*.evtx' -o -name '*.json' | wc -l)
[ "$cases" -ge 102 ] || fail "only $cases cases"
run 0 rules test -r "$data/sigma" "$data/sigma-regression"
says err "$files tests of 0 rules and $cases regression cases: $files passed, 0 failed"

#!/bin/sh
# Proves that kill -9 at any moment of an update leaves the old or the new set in force, never a mix
# and never none, and that the next update works and removes what was left.
. "$(dirname "$0")/lib.sh"

make_set()
{
    mkdir -p "$1/rules"
    i=0
    while [ $i -lt 60 ]; do
        cat >"$1/rules/r$i.yml" <<END
title: Rule $i of $1
id: 00000000-0000-4000-8000-0000000000$(printf %02d $i)
logsource: {product: windows, service: system}
detection: {s: {EventID: $i}, condition: s}
level: low
END
        i=$((i + 1))
    done
}
make_set old
make_set new
run 0 rules update --into set old
# The moments are spread over the time that an update takes here.
start=$(date +%s%N)
run 0 rules update --into set new
span=$((($(date +%s%N) - start) * 12 / 10000000 + 2))
run 0 rules update --into set old
killed=0
switched=0
for step in $(seq 1 60); do
    # Another set each time: one that the store still has would not be written again.
    sed -i "1s/.*/title: Rule 0 of new, $step/" new/rules/r0.yml
    "$HINOMI" rules update --into set new >/dev/null 2>&1 &
    pid=$!
    sleep "$(printf %d.%03d $((step * span / 60 / 1000)) $((step * span / 60 % 1000)))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ $? -ne 137 ] || killed=$((killed + 1))
    if diff -r new set/current >/dev/null; then
        switched=$((switched + 1))
        run 0 rules update --into set old
    elif ! diff -r old set/current >/dev/null; then
        fail "after kill -9 in step $step the set is neither the old nor the new one"
    fi
done
[ $killed -gt 0 ] || fail "no run was killed: nothing was proven"
run 0 rules update --into set new
diff -r new set/current || fail "the update after the kills did not take"
[ -z "$(find set -name '.incoming*')" ] || fail "scratch was left behind"
[ "$(find set/versions -mindepth 1 -maxdepth 1 | wc -l)" -le 2 ] || fail "old versions were left"
echo "killed $killed of 60, $switched of them had switched"

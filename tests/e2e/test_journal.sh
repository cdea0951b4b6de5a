# Proves that `hinomi journal` reads a journal that an earlier build wrote (the format is a promise),
# exports exactly what came in, tells damage with its place, and repairs it.
. tests/e2e/lib.sh

journal=$tmp/journal
fresh() {
    rm -rf "$journal"
    cp -r tests/golden/journal "$journal"
}
fresh

code "check" 0 "$HINOMI" journal check "$journal"
says "check" "$tmp/out" "2 segments, 6 records, offsets 0 to 619; nothing is damaged"
code "export" 0 "$HINOMI" journal export "$journal"
printf '{"a":1}\n{"a":2}\nNov 23 01:02:03 host sshd[1]: hello\na b c\n<script>\033[31m\nlast\n' >"$tmp/want"
cmp -s "$tmp/want" "$tmp/out" || fail "the bodies are not what came in"
code "export" 0 "$HINOMI" journal export -o jsonl "$journal"
golden journal.jsonl "$tmp/out"

# From and until: by offset and by time; the record at until is left out.
"$HINOMI" journal export --from 118 --until 259 "$journal" >"$tmp/out"
same "by offset" "Nov 23 01:02:03 host sshd[1]: hello" "$(cat "$tmp/out")"
"$HINOMI" journal export --from 2026-11-23T02:15:20Z --until 2026-11-23T02:16:20Z "$journal" >"$tmp/out"
same "by time" "a b c" "$(cat "$tmp/out")"
code "bad place" 3 "$HINOMI" journal export --from yesterday "$journal"
code "no folder" 3 "$HINOMI" journal check
code "absent folder" 4 "$HINOMI" journal check "$tmp/nothing"

# Four bytes of the second record changed: it is told, left out, and repaired.
printf 'XXXX' | dd of="$journal/0000000000000000.hnj" bs=1 seek=260 conv=notrunc 2>/dev/null
code "damage" 5 "$HINOMI" journal check "$journal"
says "damage" "$tmp/out" "0000000000000000.hnj, offsets 118 to 259"
says "damage" "$tmp/out" "5 records"
code "export past damage" 5 "$HINOMI" journal export "$journal"
grep -v sshd "$tmp/want" | cmp -s - "$tmp/out" || fail "the rest is not exported"
says "export past damage" "$tmp/err" "offsets 118 to 259 are lost"
code "repair" 5 "$HINOMI" journal repair "$journal"
code "repaired" 0 "$HINOMI" journal check "$journal"
says "repaired" "$tmp/out" "5 records, offsets 0 to 619; nothing is damaged"
[ -f "$journal/0000000000000000.hnj.bad" ] || fail "the damaged file is not kept"
code "nothing to repair" 0 "$HINOMI" journal repair "$journal"

# A cut-off end: what lock says was durable is missed.
fresh
truncate -s 100 "$journal/000000000000016c.hnj"
code "cut off" 5 "$HINOMI" journal check "$journal"
says "cut off" "$tmp/out" "offsets 364 to 619"

end

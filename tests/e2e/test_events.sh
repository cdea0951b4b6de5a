# Proves that `hinomi events` writes every event of any input once, in order, as valid and harmless
# JSON, whatever the threads, the packing and the way in.
. tests/e2e/lib.sh
plain="examples/logs/access.log examples/logs/auth.log examples/logs/eve.json examples/logs/mail.jsonl"

# Seconds of the shipped incident, all formats.
"$HINOMI" events -j1 --raw --since 2026-10-14T00:42:20Z --until 2026-10-14T00:42:32Z examples/logs \
    >"$tmp/window"
golden events.jsonl "$tmp/window"
"$HINOMI" events -j1 --as-decoded --tz Asia/Tokyo --since 2026-10-14T00:42:20Z \
    --until 2026-10-14T00:42:30Z examples/logs >"$tmp/window"
golden events_as_decoded.jsonl "$tmp/window"
"$HINOMI" events -j1 -o csv -F 'Image, CommandLine,hinomi.image_name,src_ip,cs-host' \
    --since 2026-10-14T00:42:20Z --until 2026-10-14T00:42:40Z examples/logs >"$tmp/window"
golden events.csv "$tmp/window"

# The same with several threads as with one. Our own JSON is JSON: read again, it has as many
# events, and nothing is odd about any.
"$HINOMI" events -j1 $plain >"$tmp/one"
"$HINOMI" events -j4 $plain >"$tmp/four"
cmp "$tmp/one" "$tmp/four" || fail "threads change the output"
lines=$(wc -l <"$tmp/one")
"$HINOMI" stats -j1 -f json -o json "$tmp/one" >"$tmp/stats"
says "read again" "$tmp/stats" "{\"events\":$lines,"
says "read again" "$tmp/stats" '"findings":[]'

# Lines of a log and events are as many; a file, standard input and gzip give the same.
same "one event per line" "$(wc -l <examples/logs/auth.log)" \
    "$("$HINOMI" events -j1 examples/logs/auth.log | wc -l)"
"$HINOMI" events -j1 examples/logs/auth.log | sed 's#"file":"[^"]*"#"file":""#' >"$tmp/file"
"$HINOMI" events -j1 - <examples/logs/auth.log | sed 's#"file":"[^"]*"#"file":""#' >"$tmp/stdin"
gzip -c examples/logs/auth.log >"$tmp/auth.log.gz"
"$HINOMI" events -j1 "$tmp/auth.log.gz" | sed 's#"file":"[^"]*"#"file":""#' >"$tmp/gz"
cmp "$tmp/file" "$tmp/stdin" || fail "standard input differs from the file"
cmp "$tmp/file" "$tmp/gz" || fail "gzip differs from the file"

# What is up to a time and what is from then on is everything.
before=$("$HINOMI" events -j1 --until 2026-10-14T02:59:59.999999999Z examples/logs/auth.log | wc -l)
after=$("$HINOMI" events -j1 --since 2026-10-14T03:00:00Z examples/logs/auth.log | wc -l)
same "parts in time" "$(wc -l <examples/logs/auth.log)" "$((before + after))"
[ "$before" -gt 0 ] && [ "$after" -gt 0 ] || fail "one part in time is empty"

# Escape sequences, C1 and bidirectional controls in a log are shown, not obeyed.
printf 'Oct 14 00:00:01 h\033[2J sshd[1]: \033]0;owned\007 \302\233 \342\200\256 \177 \200 end\n' \
    >"$tmp/hostile.log"
"$HINOMI" events -j1 --raw "$tmp/hostile.log" >"$tmp/out"
same "hostile events" 1 "$(wc -l <"$tmp/out")"
harmless "events of a hostile line" "$tmp/out"
printf '{"EventID":1,"\\u001b[31mx":"a\\u001b[2J\\u009b"}\n' >"$tmp/hostile.json"
"$HINOMI" events -j1 --raw "$tmp/hostile.json" >"$tmp/out"
harmless "events of hostile JSON" "$tmp/out"

# Exit codes.
code "nothing given" 3 "$HINOMI" events
code "unknown option" 3 "$HINOMI" events --nonsense x
code "unknown format" 3 "$HINOMI" events -f nonsense examples/logs/auth.log
says "unknown format" "$tmp/err" evtx
code "bad time" 3 "$HINOMI" events --since yesterday-ish examples/logs/auth.log
code "CSV without columns" 3 "$HINOMI" events -o csv examples/logs/auth.log
code "missing file" 5 "$HINOMI" events -j1 "$tmp/missing" examples/logs/auth.log
same "the rest is read" "$(wc -l <examples/logs/auth.log)" "$(wc -l <"$tmp/out")"
head -c 3000 /dev/zero >"$tmp/zeros"
code "nothing but an unknown format" 5 "$HINOMI" events -j1 "$tmp/zeros"
says "unknown format" "$tmp/err" zeros
code "nothing but an unknown format, quietly" 5 "$HINOMI" events -j1 -q "$tmp/zeros"
same "quiet" "" "$(cat "$tmp/err")"

# A full disk is an error; a reader that has had enough is no reason to complain.
"$HINOMI" events -j1 examples/logs/auth.log >/dev/full 2>"$tmp/err"
same "full disk" 4 $?
says "full disk" "$tmp/err" "could not be written"
{
    "$HINOMI" events -j1 $plain 2>"$tmp/err"
    echo $? >"$tmp/code"
} | head -1 >"$tmp/out"
same "closed pipe" 4 "$(cat "$tmp/code")"
same "closed pipe" "" "$(cat "$tmp/err")"
same "closed pipe" 1 "$(wc -l <"$tmp/out")"
end

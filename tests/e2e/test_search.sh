# Proves that `hinomi search` finds what is there and only that, marks it, and says by its exit code
# whether there was anything.
. tests/e2e/lib.sh

for lang in en ja; do
    "$HINOMI" search -j1 --lang $lang -o human --color yes -n 6 regsvr32 examples/logs >"$tmp/out"
    golden search_$lang.txt "$tmp/out"
done
"$HINOMI" search -j1 -o jsonl -e 'EventID=1' -e 'Image|endswith=\regsvr32.exe' examples/logs \
    >"$tmp/out"
golden search.jsonl "$tmp/out"
"$HINOMI" search -j1 -o human -n 4 'sc-status=404' examples/logs/access.log >"$tmp/out"
golden search_text.txt "$tmp/out"

# Text is found as grep finds it, wildcards of Sigma and of regular expressions being plain text.
for text in login 'wp-' '.php?' '*' 'GET /' Mozilla '(KHTML,'; do
    same "text $text" "$(grep -ciF -- "$text" examples/logs/access.log)" \
        "$("$HINOMI" search -j1 -t -c -- "$text" examples/logs/access.log)"
done
same "case" "$(grep -cF GET examples/logs/access.log)" \
    "$("$HINOMI" search -j1 --case -c GET examples/logs/access.log)"
same "regular expression" "$(grep -ciE '(get|post) /wp-[a-z]+\.php' examples/logs/access.log)" \
    "$("$HINOMI" search -j1 -E -c '(get|post) /wp-[a-z]+\.php' examples/logs/access.log)"
same "field" "$(grep -c '" 404 ' examples/logs/access.log)" \
    "$("$HINOMI" search -j1 -c 'sc-status=404' examples/logs/access.log)"

# Terms are joined with and, with or, and with not.
count() {
    "$HINOMI" search -j1 -c "$@" examples/logs/access.log
}
a=$(count -e sc-status=404)
b=$(count -e 'cs-method=POST')
both=$(count -e sc-status=404 -e 'cs-method=POST')
either=$(count --or -e sc-status=404 -e 'cs-method=POST')
only=$(count -e sc-status=404 --not 'cs-method=POST')
same "or" "$((a + b - both))" "$either"
same "not" "$((a - both))" "$only"
[ "$a" -gt 0 ] && [ "$b" -gt 0 ] || fail "nothing to join"
same "max" 3 "$("$HINOMI" search -j1 -o jsonl -n 3 GET examples/logs/access.log | wc -l)"
same "time" "$(grep -c '14/Oct/2026:00:07:00' examples/logs/access.log)" \
    "$(count --since 2026-10-13T15:07:00Z --until 2026-10-13T15:07:00.999Z -e 'GET' --or -e 'POST' \
        -e HEAD)"

code "found" 0 "$HINOMI" search -j1 GET examples/logs/access.log
code "not found" 1 "$HINOMI" search -j1 nothing-like-this examples/logs/access.log
code "found, and a file missing" 5 "$HINOMI" search -j1 GET examples/logs/access.log "$tmp/missing"
code "no input" 3 "$HINOMI" search GET
code "unknown modifier" 3 "$HINOMI" search 'a|nonsense=b' examples/logs/access.log
says "unknown modifier" "$tmp/err" nonsense
code "bad regular expression" 3 "$HINOMI" search -E '(' examples/logs/access.log
"$HINOMI" search -j1 -o human GET examples/logs/access.log >/dev/full 2>"$tmp/err"
same "full disk" 4 $?

# What is shown of a hostile line is harmless, marks and all.
printf 'Oct 14 00:00:01 h\033[2J sshd[1]: \033]0;owned\007 needle\302\233\342\200\256 \177 \200 end\n' \
    >"$tmp/hostile.log"
"$HINOMI" search -j1 -o human --color yes needle "$tmp/hostile.log" >"$tmp/out"
same "hostile line" 2 "$(wc -l <"$tmp/out")"
harmless "search in a hostile line" "$tmp/out"
printf '{"a\\u001b[2J":"\\u001b]0;x\\u0007needle\\u009b\\u202e"}\n' >"$tmp/hostile.json"
"$HINOMI" search -j1 -o human --color yes needle "$tmp/hostile.json" >"$tmp/out"
says "hostile JSON" "$tmp/out" needle
harmless "search in hostile JSON" "$tmp/out"
end

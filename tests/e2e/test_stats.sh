# Proves that `hinomi stats` counts what is there, finds pauses, missing records and clocks that were
# set back where there are some and nowhere else, and shows nothing harmful.
. tests/e2e/lib.sh

for lang in en ja; do
    "$HINOMI" stats -j1 --lang $lang -n 5 examples/logs >"$tmp/out"
    golden stats_$lang.txt "$tmp/out"
done
"$HINOMI" stats -j1 -n 2 -o json examples/logs/auth.log examples/logs/eve.json >"$tmp/out"
golden stats.json "$tmp/out"
"$HINOMI" stats -j1 -o json examples/logs >"$tmp/out"
says "as many events as lines" "$tmp/out" \
    "{\"events\":$("$HINOMI" events -j1 examples/logs | wc -l),"
code "readable JSON" 0 "$HINOMI" events -j1 -f json "$tmp/out"

# A line every ten seconds for 20 minutes, then, after the pause, once more.
regular() {
    awk -v pause="$1" -v back="$2" 'BEGIN {
        t = 36000
        for (i = 0; i < 240; i++) {
            if (i == 120) t += pause
            if (i == 200) t -= back
            printf "2026-10-14T%02d:%02d:%02dZ host app[1]: line %d\n", t / 3600, t % 3600 / 60, t % 60, i
            t += 10
        }
    }'
}
regular 0 0 >"$tmp/steady.log"
"$HINOMI" stats -j1 -o json "$tmp/steady.log" >"$tmp/out"
says "steady" "$tmp/out" '"pauses":[],'
says "steady" "$tmp/out" '"clock_steps_back":[],'
regular 7200 0 >"$tmp/pause.log"
"$HINOMI" stats -j1 -o json "$tmp/pause.log" >"$tmp/out"
says "pause" "$tmp/out" \
    '"start":"2026-10-14T10:19:50Z","end":"2026-10-14T12:20:00Z","seconds":7210'
says "pause" "$tmp/out" '"clock_steps_back":[],'
regular 0 600 >"$tmp/back.log"
"$HINOMI" stats -j1 -o json "$tmp/back.log" >"$tmp/out"
says "clock" "$tmp/out" '"times":1,"largest_seconds":590'
says "clock" "$tmp/out" '"pauses":[],'

# Records 5 to 7 of a channel are missing, in whatever order the rest comes; a copy changes nothing.
records() {
    for record in "$@"; do
        printf '{"Channel":"Security","Computer":"pc","EventID":4624,"EventRecordID":%d}\n' "$record"
    done
}
records 8 9 10 1 2 3 4 >"$tmp/a.json"
records 2 3 4 11 12 >"$tmp/b.json"
"$HINOMI" stats -j1 -o json "$tmp/a.json" "$tmp/b.json" >"$tmp/out"
says "missing records" "$tmp/out" \
    '"host":"pc","channel":"Security","records":3,"selection":false,"gaps":[{"first":5,"last":7}]'
records 5 6 7 >"$tmp/c.json"
"$HINOMI" stats -j1 -o json "$tmp/a.json" "$tmp/b.json" "$tmp/c.json" >"$tmp/out"
says "no missing records" "$tmp/out" '"missing_records":[],'

# Damage is shown with its place, and what is no log at all is named.
printf '{"a":1}\n{"a":\n{"a":2}\n' >"$tmp/damaged.json"
head -c 3000 /dev/zero >"$tmp/zeros"
code "damage" 5 "$HINOMI" stats -j1 "$tmp/damaged.json" "$tmp/zeros"
says "damage" "$tmp/out" undecodable
says "damage" "$tmp/out" "damaged.json:2"
says "unknown format" "$tmp/out" "zeros: no decoder recognises the format"

# Names of hosts, accounts and files are shown, not obeyed.
printf '{"Computer":"\\u001b[2Jh\\u202e","User":"\\u009bu","Channel":"\\u0007c","EventID":"\\u001b"}\n' \
    >"$tmp/$(printf 'x\033[2Jy').json"
"$HINOMI" stats -j1 --color yes "$tmp"/x*.json >"$tmp/out"
harmless "hostile names" "$tmp/out"
"$HINOMI" stats -j1 -o json "$tmp"/x*.json >"$tmp/out"
harmless "hostile names as JSON" "$tmp/out"

"$HINOMI" stats -j1 examples/logs/auth.log >/dev/full 2>"$tmp/err"
same "full disk" 4 $?
code "nothing given" 3 "$HINOMI" stats
for command in events stats search; do
    "$HINOMI" man $command >"$tmp/out" || fail "no manual page of $command"
    says "manual" "$tmp/out" "hinomi $command"
    for lang in en ja; do
        code "help" 0 "$HINOMI" $command --help --lang $lang
        says "help" "$tmp/out" "--since"
    done
    for shell in bash zsh fish; do
        "$HINOMI" completion $shell >"$tmp/out"
        says "completion for $shell" "$tmp/out" $command
    done
done
end

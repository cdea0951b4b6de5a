#!/bin/sh
# Proves that rules cost says what each rule waits for, and with logs counts evaluations and hits.
. "$(dirname "$0")/lib.sh"

cat >rules.yml <<'END'
title: Literal
id: 11111111-1111-4111-8111-111111111111
logsource: {product: windows, service: system}
detection: {s: {Image|endswith: ['\rare_tool.exe', '\other_tool.exe']}, condition: s}
---
title: Regex
id: 22222222-2222-4222-8222-222222222222
logsource: {product: windows, service: system}
detection: {s: {Image|re: '[a-c]{2}[0-9]'}, condition: s}
---
title: Keyword
id: 33333333-3333-4333-8333-333333333333
logsource: {product: windows, service: system}
detection: {s: [suspicious], condition: s}
---
title: Negation
id: 44444444-4444-4444-8444-444444444444
logsource: {product: windows, service: system}
detection: {s: {Image: x}, condition: not s}
END
run 0 rules cost -o jsonl -r rules.yml
[ "$(wc -l <out)" -eq 4 ] || fail "four rules"
head -1 out >first
says first '"title":"Negation","waits_for":"nothing"'
says out '"title":"Literal","waits_for":"literal","any_of":2,"values":2,"literals":2,"regexes":0,"keywords":0'
says out '"title":"Keyword","waits_for":"keyword"'
grep '"Regex"' out | grep -q '"regexes":1' || fail "the regular expression is counted"
says_not out nanoseconds
run 0 rules cost -o jsonl --top 1 -r rules.yml
[ "$(wc -l <out)" -eq 1 ] || fail "--top"

for image in a b x; do
    printf '{"Channel":"System","EventID":1,"Computer":"h","Image":"%s"}\n' $image
done >log.json
run 0 rules cost -o jsonl -r rules.yml log.json
grep '"Negation"' out | grep -q '"evaluated":3,"hits":2' || fail "evaluations and hits"
grep '"Literal"' out | grep -q '"evaluated":0,"hits":0' || fail "what waits for a literal waits"
run 0 rules cost -r rules.yml log.json
says out "Negation"
says err "3 events, 2 hits"
run 0 rules cost --lang ja -r rules.yml log.json
says out "待つもの"
run 4 rules cost -r nowhere.yml

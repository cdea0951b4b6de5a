#!/bin/sh
# Proves that rules list shows each rule once in each form, filters as scan does, says what can never
# fire, and that cells of a spreadsheet cannot become formulas.
. "$(dirname "$0")/lib.sh"

mkdir rules
cat >rules/a.yml <<'END'
title: =cmd()
id: 11111111-1111-4111-8111-111111111111
status: stable
tags: [attack.execution, attack.t1059.001]
logsource: {product: windows, category: process_creation}
detection: {s: {Image: a}, condition: s}
level: high
END
cat >rules/b.yml <<'END'
title: Second
id: 22222222-2222-4222-8222-222222222222
status: test
logsource: {product: linux}
detection: {s: {Image: a}, condition: s and not s}
level: low
---
title: Counted
id: 33333333-3333-4333-8333-333333333333
correlation:
    type: event_count
    rules: [22222222-2222-4222-8222-222222222222]
    group-by: [Image]
    timespan: 1m
    condition: {gte: 2}
level: medium
END
run 0 rules list rules
[ "$(wc -l <out)" -eq 4 ] || fail "a header and three rows"
says out "windows/process_creation"
says out "correlation event_count"
says err "3 listed of 2 rules and 1 correlations"
run 0 rules list -o jsonl rules
[ "$(wc -l <out)" -eq 3 ] || fail "three lines"
says out '"file":"rules/b.yml","line":1,"silent":true'
run 0 rules list -o csv rules
says out "level,status,id,title,logsource,tags,file,silent,never"
says out "'=cmd()"
run 0 rules list -o jsonl --level high rules
[ "$(wc -l <out)" -eq 1 ] || fail "--level"
run 0 rules list -o jsonl --tag attack.t1059 rules
[ "$(wc -l <out)" -eq 1 ] || fail "--tag"
run 0 rules list -o jsonl --status test rules
[ "$(wc -l <out)" -eq 1 ] || fail "--status"
run 0 rules list -o jsonl --rule count rules
[ "$(wc -l <out)" -eq 1 ] || fail "--rule"
run 0 rules list --lang ja rules
says out "ログソース"

#!/bin/sh
# Proves that rules coverage counts rules by family, trace, tactic and technique, warns of fragile
# families, and draws files that are inert whatever titles hold.
. "$(dirname "$0")/lib.sh"

mkdir rules
rule()
{
    cat >"rules/$1.yml" <<END
title: "$2"
id: $1
tags: [attack.execution, attack.$3]
logsource: {product: windows, category: process_creation}
detection: {s: {Image: a}, condition: s}
level: high
hinomi: {family: "$4", trace: $5}
END
}
rule 11111111-1111-4111-8111-111111111111 'A <script>alert(1)</script>' t1059.001 'Fam <b>' ttp
rule 22222222-2222-4222-8222-222222222222 'B' t1059.001 'Fam <b>' hash
rule 33333333-3333-4333-8333-333333333333 'C' t1047 'Other' domain
run 0 rules coverage -o json --svg c.svg --html c.html --navigator c.json rules
says out '"without_family":0'
says out '{"name":"Fam <b>","traces":{"hash":1,"ip":0,"domain":0,"url":0,"host_artefact":0,"network_artefact":0,"tool":0,"ttp":1},"rules":2,"fragile":false}'
says out '"name":"Other"'
says out '"fragile":true'
says out '{"id":"execution","rules":3,"techniques":{"T1047":1,"T1059.001":2}}'
says err "1 families rest on hashes"
says c.json '"techniqueID":"T1059.001","score":2'
says c.json '"layer":"4.5"'
for file in c.svg c.html; do
    says_not $file "<script"
    says_not $file "<b>"
    says $file "&lt;script&gt;"
    ! grep -qE '(href|src|url)[=(]' $file || fail "$file points somewhere"
done
says c.html "default-src 'none'; style-src 'unsafe-inline'"
run 0 rules coverage --lang ja --svg c.svg rules
says out "端末の痕跡"
says c.svg "端末の痕跡"
run 0 rules coverage -o json --tag attack.t1047 rules
says out '{"rules":1,'
touch file
run 4 rules coverage --svg file/c.svg rules

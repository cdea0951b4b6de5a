#!/bin/sh
# Proves that every test of our own rule pack passes, that none of its rules lacks tests, and that a
# wrong rule is caught: with one condition turned around, exactly its tests fail.
. "$(dirname "$0")/lib.sh"

run 0 rules test --missing "$SOURCE/rules"
says err " 0 failed; 0 rules without tests"
[ ! -s out ] || fail "a passing run lists something"

cp -r "$SOURCE/rules" pack
rule=pack/ransomware/ransomware_backup_catalog_deleted.yml
sed -i 's/delete\\s+(catalog|systemstatebackup|backup)/start/' $rule
grep -q "'(?i)start'" $rule || fail "the rule was not changed"
run 2 rules test pack
says err " 3 failed;"
says out "FAIL $rule:43: "
says out "expected: fires"
says out "got: does not fire"
# Why: the condition that decided, with the event's value.
says out 'CommandLine = "wbadmin delete catalog -quiet"'
says out '✗ "(?i)start"'

run 2 rules test -o jsonl pack
[ "$(grep -c '"result":"failed"' out)" -eq 3 ] || fail "three failures as JSON lines"
says out '"decides":true'
run 2 rules test --lang ja pack
says out "失敗 $rule:43: "
says err "失敗 3"

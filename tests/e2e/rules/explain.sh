#!/bin/sh
# Proves that rules explain tells why: a hit with its bytes, another value, an absent field with the
# names that were tried, another log source, a filter; of several events the nearest; for people in
# two languages, as JSON, and with nothing from the event reaching the terminal raw.
. "$(dirname "$0")/lib.sh"

cat >rule.yml <<'END'
title: Tool
id: 11111111-1111-4111-8111-111111111111
logsource: {product: windows, category: process_creation}
detection:
    selection:
        Image|endswith: '\tool.exe'
        ParentImage|endswith: '\office.exe'
    filter_admin:
        User: ADMIN
    condition: selection and not filter_admin
level: high
END
event()
{
    printf '{"Channel":"%s","EventID":%s,"Computer":"h"%s}\n' "$1" "$2" "$3"
}
sysmon=Microsoft-Windows-Sysmon/Operational
event $sysmon 1 ',"Image":"C:\\tool.exe","ParentImage":"C:\\office.exe","User":"U"' >hit.json
run 0 rules explain rule.yml hit.json
says out "the rule fires"
says out 'bytes 2-11 of Image "C:\tool.exe"'

event Security 4688 ',"NewProcessName":"C:\\tool.exe","SubjectUserName":"U"' >absent.json
run 0 rules explain rule.yml absent.json
says out "the rule does not fire"
says out 'Image (logged as NewProcessName) = "C:\tool.exe"'
says out "the event has no ParentImage; also tried: "
says out "ParentProcessName"
run 0 rules explain --reasons rule.yml absent.json
says_not out "NewProcessName)"
says out "ParentImage"

event $sysmon 1 ',"Image":"C:\\tool.exe","ParentImage":"C:\\office.exe","User":"admin"' >filter.json
run 0 rules explain --reasons rule.yml filter.json
says out "✓ filter_admin"
says out 'User = "admin"'
says_not out "ParentImage"

event System 1 ',"Image":"C:\\tool.exe","ParentImage":"C:\\office.exe"' >source.json
run 0 rules explain rule.yml source.json
says out "✗ log source: the rule wants product windows, category process_creation; the event is product windows, service system"
says out "✓ condition"

# The nearest of several, one by number, none of that number.
cat source.json absent.json filter.json >several.json
run 0 rules explain rule.yml several.json
says out "event 2 of several.json, line 2"
says err "fires on 0 of 3 events"
run 0 rules explain --event 3 rule.yml several.json
says out "event 3 of several.json, line 3"
run 3 rules explain --event 9 rule.yml several.json
"$HINOMI" rules explain rule.yml - <hit.json >out 2>err || fail "standard input"
says out "the rule fires"

run 0 rules explain -o json rule.yml hit.json
says out '"fires":true'
says out '"start":2,"length":9'
run 0 rules explain --lang ja rule.yml absent.json
says out "ルールは発火しない"

event $sysmon 1 ',"Image":"\u001b[31mred\u202e"' >hostile.json
run 0 rules explain rule.yml hostile.json
! grep -q "$(printf '\033')" out || fail "an escape sequence of the event reached the terminal"
says out '\x1b[31mred\u202e'

# By id and title among many rules; a correlation has no condition of its own.
run 0 rules explain -r "$SOURCE/rules" 539e210c-52e2-45e1-b654-3db1820f2452 hit.json
says out "Backup Catalogue"
run 3 rules explain -r "$SOURCE/rules" "Cobalt Strike" hit.json
run 2 rules explain -r "$SOURCE/rules" "no such rule at all" hit.json
run 3 rules explain -r "$SOURCE/rules" "Sysmon Stopped and Not Started Again" hit.json
says err "Sysmon Service Stopped"
run 3 rules explain rule.yml

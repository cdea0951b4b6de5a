#!/bin/sh
# Proves what rules test does with tests that cannot be read or run, with rules that do not load, and
# with info.yml beside its files.
. "$(dirname "$0")/lib.sh"

cat >bad.yml <<'END'
title: Bad Test
id: 11111111-1111-4111-8111-111111111111
logsource: {product: windows, service: system}
detection: {s: {EventID: 1}, condition: s}
hinomi:
    tests:
        - name: unknown format
          fires: true
          format: smoke
          event: x
END
run 2 rules test bad.yml
says out "bad.yml:1: Bad Test"
says out "9:19: format must be the name of a decoder"

cat >broken.yml <<'END'
title: Broken Rule
id: 22222222-2222-4222-8222-222222222222
logsource: {product: windows, service: system}
detection: {s: {EventID|nonsense: 1}, condition: s}
hinomi:
    tests:
        - {name: a, fires: true, format: json, event: '{"EventID": 1}'}
END
run 2 rules test broken.yml
says out "expected: the rule loads"
says out "nonsense"

cat >unread.yml <<'END'
title: Unread Event
id: 33333333-3333-4333-8333-333333333333
logsource: {product: windows, service: system}
detection: {s: {EventID: 1}, condition: s}
hinomi:
    tests:
        - {name: cut off, fires: false, format: json, event: '{"EventID": 1'}
END
run 2 rules test unread.yml
says out "expected: readable events"

cat >silent.yml <<'END'
title: No Tests
id: 44444444-4444-4444-8444-444444444444
logsource: {product: windows, service: system}
detection: {s: {EventID: 1}, condition: s}
level: low
END
run 0 rules test -m silent.yml
says out "silent.yml:1: No Tests"
says err "1 rules without tests"

# A regression case whose path starts at the repository's root, and one that expects too much.
mkdir -p repo/rules repo/regression_data/case
cp silent.yml repo/rules/
printf '{"Channel":"System","EventID":1,"Computer":"h"}\n{"Channel":"System","EventID":1}\n' \
    >repo/regression_data/case/a.json
info()
{
    cat >repo/regression_data/case/info.yml <<END
rule_metadata:
    - id: 44444444-4444-4444-8444-444444444444
regression_tests_info:
    - {name: Positive, type: json, match_count: $1, path: regression_data/case/a.json}
END
}
info 2
run 0 rules test repo
says err "1 tests of 0 rules and 1 regression cases: 1 passed, 0 failed; 0 rules without tests"
info 3
run 2 rules test repo
says out "expected: at least 3 hits"
says out "got: 2 hits"
rm repo/regression_data/case/a.json
run 2 rules test repo
says out "the file is missing"

run 4 rules test nowhere
mkdir empty
run 2 rules test empty

# Proves that a source's pipelines change the rules for its events alone, that a changed pipeline takes
# effect while the server runs, and that a broken one leaves what was there, says why, and ends a start.
. tests/e2e/lib.sh
command -v curl >/dev/null && command -v python3 >/dev/null ||
    { echo "SKIPPED: curl or python3 is missing" >&2; exit 77; }

server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
data=$tmp/data
mkdir "$tmp/rules"
cat >"$tmp/rules/rule.yml" <<END
title: evil
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: windows, service: security}
detection: {s: {Order: evil}, condition: s}
END
cat >"$tmp/h.yaml" <<END
http: {address: "127.0.0.1:0"}
rules: {paths: ["$tmp/rules"], level: informational}
sources: [{name: plain}, {name: own, pipelines: ["$tmp/map.yml"]}]
log: {format: text}
END
# pipeline NAME: the source writes the field Order under this name
pipeline() {
    printf 'name: map\ntransformations:\n  - {type: field_name_mapping, mapping: {Order: %s}}\n' \
        "$1" >"$tmp/map.yml"
}
start() {
    "$HINOMI" serve -c "$tmp/h.yaml" --data "$data" 2>>"$tmp/log" &
    server=$!
    for _ in $(seq 300); do
        url=https://127.0.0.1:$(sed -n 's/.*http\.listening.* port=\([0-9]*\).*/\1/p' "$tmp/log")
        curl -sf --noproxy '*' --cacert "$data/tls.crt" "$url/readyz" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "the server is not ready"
    cat "$tmp/log" >&2
    end
}
# send TOKEN HOST FIELD
send() {
    printf '{"Channel":"Security","EventID":1,"Computer":"%s","%s":"evil"}\n' "$2" "$3" |
        curl -sf --noproxy '*' --cacert "$data/tls.crt" -H "Authorization: Bearer $1" \
            --data-binary @- "$url/v1/events" >/dev/null || fail "the event of $2 was refused"
}
# hosts: those that alerts name, once EVENTS are judged
hosts() {
    tools/serve_client "$url" "$data" wait "$1" || fail "events are not judged"
    tools/serve_client "$url" "$data" alerts "$viewer" |
        grep -o '"host": *"[A-Z][0-9]"' | grep -o '[A-Z][0-9]' | sort -u | tr '\n' ' '
}
# logged WORD: waits for the server to say it
logged() {
    for _ in $(seq 100); do
        grep -q "$1" "$tmp/log" && return
        sleep 0.1
    done
    fail "the server does not say $1"
}

pipeline cmd
start
plain=$(tools/serve_client "$url" "$data" token plain ingest plain)
own=$(tools/serve_client "$url" "$data" token own ingest own)
viewer=$(tools/serve_client "$url" "$data" token out viewer)
send "$plain" A1 Order
send "$plain" A2 cmd
send "$own" B1 Order
send "$own" B2 cmd
same "each source by its names" "A1 B2 " "$(hosts 4)"

: >"$tmp/log"
pipeline act
kill -HUP "$server"
logged set.switched
send "$own" C1 cmd
send "$own" C2 act
same "a changed pipeline" "A1 B2 C2 " "$(hosts 6)"

echo 'transformations: [{type: nonsense}]' >"$tmp/map.yml"
kill -HUP "$server"
logged set.refused
says "the reason" "$tmp/log" "map.yml"
send "$own" D1 act
same "after a broken pipeline" "A1 B2 C2 D1 " "$(hosts 7)"
kill "$server"
wait "$server" || fail "the server ended with $?"
server=
"$HINOMI" serve -c "$tmp/h.yaml" --data "$data" 2>"$tmp/log" &&
    fail "a broken pipeline does not end a start"
says "the reason at a start" "$tmp/log" "map.yml"
end

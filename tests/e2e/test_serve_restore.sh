# Proves that what comes in after a restore is judged: with the database alone beside an empty journal,
# and with an older database beside the journal of now.
. tests/e2e/lib.sh
command -v curl >/dev/null && command -v python3 >/dev/null ||
    { echo "SKIPPED: curl or python3 is missing" >&2; exit 77; }

server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=https://127.0.0.1:$port
data=$tmp/data
cat >"$tmp/h.yaml" <<END
http: {address: "127.0.0.1:$port"}
rules: {paths: ["$PWD/rules/ransomware"], level: informational}
sources: [{name: test}]
log: {format: text}
END

start() {
    "$HINOMI" serve -c "$tmp/h.yaml" --data "$data" 2>>"$tmp/log" &
    server=$!
    for _ in $(seq 300); do
        curl -sf --noproxy '*' --cacert "$data/tls.crt" "$url/readyz" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "the server is not ready"
    cat "$tmp/log" >&2
    end
}
stop() {
    kill "$server"
    wait "$server" || fail "the server ended with $?"
    server=
}
# send HOST: an event that fires, on another machine each time
send() {
    printf '{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"%s","UtcTime":"2026-11-01 10:00:00.000","Image":"C:\\\\Windows\\\\System32\\\\vssadmin.exe","CommandLine":"vssadmin.exe delete shadows /all /quiet"}\n' "$1" |
        curl -sf --noproxy '*' --cacert "$data/tls.crt" -H "Authorization: Bearer $token" \
            --data-binary @- "$url/v1/events" >/dev/null || fail "the event of $1 was refused"
}
# alerts HOST: how many of it there are, once what was sent has been judged
alerts() {
    for _ in $(seq 100); do
        tools/serve_client "$url" "$data" alerts "$viewer" >"$tmp/alerts"
        grep -q "\"$1\"" "$tmp/alerts" && break
        sleep 0.1
    done
    grep -c "\"$1\"" "$tmp/alerts"
}

start
token=$(tools/serve_client "$url" "$data" token in ingest test)
viewer=$(tools/serve_client "$url" "$data" token out viewer)
send PC1
same "before" 1 "$(alerts PC1)"
"$HINOMI" db backup --db "$data/hinomi.db" "$tmp/backup.db" >/dev/null || fail "no backup"
send PC2
same "after the backup" 1 "$(alerts PC2)"
stop

# The journal is whole, the database older: what it does not know is judged again.
cp "$tmp/backup.db" "$data/hinomi.db"
rm -f "$data"/hinomi.db-*
start
same "an older database" 1 "$(alerts PC2)"
same "an older database, before the backup" 1 "$(alerts PC1)"
stop

# The database alone. Its offset is far behind the end of the new journal.
rm -rf "$data/journal" "$data/sets" "$data/state"
start
says "a database ahead" "$tmp/log" "store.ahead"
send PC3
same "the database alone" 1 "$(alerts PC3)"
same "the database alone, before" 1 "$(alerts PC1)"
stop
end

#!/bin/sh
# bench_restart.sh - seconds from start until /readyz says yes, on the journal of bench_restart.
#
#     bench/bench_restart.sh HINOMI CONFIG DATA URL
#
# In turn: a first start (everything is read, once to know keys and once to be judged), then, once
# all is judged, after SIGTERM, after kill -9, and without the saved keys.
set -eu
hinomi=$1 config=$2 data=$3 url=$4
pid=

now() { date +%s.%N; }
stop() { [ -z "$pid" ] || { kill "$1" "$pid"; wait "$pid" || :; pid=; }; }
trap 'stop -KILL' EXIT

# Prints the seconds; the server stays.
start()
{
    begin=$(now)
    "$hinomi" serve -c "$config" >"$data.log" 2>&1 &
    pid=$!
    until curl -fso /dev/null "$url/readyz"; do
        kill -0 "$pid" || { tail -3 "$data.log" >&2; exit 1; }
        sleep 0.02
    done
    echo "$1: $(echo "$(now) - $begin" | bc) s; $(grep -o '"milliseconds":[0-9]*' "$data.log" || :)"
}

# Both are named by offsets: until the newest snapshot stands in the journal's last segment.
settle()
{
    until expr "$(newest "$data/state")" ">" "$(newest "$data/journal")" >/dev/null; do
        sleep 1
    done
}

newest() { find "$1" -name '0*' -exec basename {} \; | sort | tail -1; }

start "first start"
settle
stop -TERM
start "after SIGTERM"
sleep 25
stop -KILL
start "after kill -9"
stop -TERM
rm -rf "$data/intake"
start "without the saved keys"
stop -TERM

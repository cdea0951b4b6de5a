# Proves on real event logs that `hinomi events` writes as many events as the chunks' own headers
# say they hold, apart from those recovered from unused space, which are marked.
. tests/e2e/lib.sh
data=$HN_SHARED/data/evtx/evtx-to-mitre
if [ ! -d "$data" ]; then
    echo "SKIPPED: $data is absent; set HN_SHARED" >&2
    exit 77
fi

# Sum over all chunks of (last - first + 1), the record numbers of a chunk's header.
find "$data" -name '*.evtx' | sort >"$tmp/files"
while read -r file; do
    size=$(wc -c <"$file")
    offset=4096
    while [ $((offset + 65536)) -le "$size" ]; do
        od -A n -t u8 -j "$offset" -N 24 "$file" | tr '\n' ' '
        echo
        offset=$((offset + 65536))
    done
done <"$tmp/files" >"$tmp/chunks"
# The first number is "ElfChnk" and a NUL; awk must not take it for a rounded float.
records=$(awk '$1 "" == "30239216594480197" && $3 >= $2 { n += $3 - $2 + 1 } END { print n }' \
    "$tmp/chunks")
"$HINOMI" events -j1 -q "$data" >"$tmp/events"
grep -F '.evtx","offset"' "$tmp/events" | grep -v '"findings":\[[^]]*"recovered"' >"$tmp/whole"
same "records" "$records" "$(wc -l <"$tmp/whole")"
[ "$records" -gt 1000 ] || fail "only $records records"

# stats counts the same.
"$HINOMI" stats -j1 -q -o json "$data" >"$tmp/stats"
says "stats" "$tmp/stats" "{\"events\":$(wc -l <"$tmp/events"),"
end

# Proves that `hinomi config` reads the files a server would, in their order, says what is wrong with
# them and where, and that the reference page is the program's own.
. tests/e2e/lib.sh

"$HINOMI" config document >"$tmp/page"
cmp -s "$tmp/page" docs/configuration.md ||
    fail "docs/configuration.md is not what \`hinomi config document\` prints"

mkdir -p "$tmp/etc/conf.d"
printf 'data: /srv/a\nrules: {paths: [/r1], level: high}\n' >"$tmp/etc/h.yaml"
printf 'data: /srv/b\n' >"$tmp/etc/conf.d/20.yaml"
printf 'data: /srv/c\nrules: {paths: [/r2]}\nsources: [{name: s, udp: "*:514"}]\n' >"$tmp/etc/conf.d/10.yaml"
printf 'data: /srv/hidden\n' >"$tmp/etc/conf.d/.30.yaml"
printf 'not read' >"$tmp/etc/conf.d/40.txt"
code "check" 0 "$HINOMI" config check -c "$tmp/etc/h.yaml"
says "check" "$tmp/out" "3 files, 1 sources, 0 outputs"
code "show" 0 "$HINOMI" config show -c "$tmp/etc/h.yaml"
same "show" 'data: "/srv/b"
rules:
  paths:
    - "/r1"
    - "/r2"
  level: high
sources:
  - name: "s"
    udp:
      - "*:514"' "$(cat "$tmp/out")"
code "environment" 0 env HINOMI_DATA=/srv/e "$HINOMI" config show -c "$tmp/etc/h.yaml"
says "environment" "$tmp/out" 'data: "/srv/e"'
code "wrong variable" 3 env HINOMI_HTTP_ADRESS=x "$HINOMI" config show -c "$tmp/etc/h.yaml"
says "wrong variable" "$tmp/err" "HINOMI_HTTP_ADRESS"

# What is shown is a configuration.
"$HINOMI" config show --all -c "$tmp/etc/h.yaml" >"$tmp/all.yaml"
"$HINOMI" config show --all -c "$tmp/all.yaml" >"$tmp/again.yaml"
cmp -s "$tmp/all.yaml" "$tmp/again.yaml" || fail "what is shown reads back to something else"

# Every mistake at once, with its place; hostile text stays text.
printf 'jurnal: {}\nhttp:\n  address: "\\e[31mred"\n' >"$tmp/bad.yaml"
code "mistakes" 3 "$HINOMI" config check -c "$tmp/bad.yaml"
says "mistakes" "$tmp/err" 'bad.yaml:1:1: unknown key "jurnal"; did you mean journal?'
says "mistakes" "$tmp/err" 'bad.yaml:3:12: address: "'
! grep -q "$(printf '\033')" "$tmp/err" || fail "an escape sequence reached the terminal"
code "no file" 4 "$HINOMI" config check -c "$tmp/none.yaml"
end

#!/bin/sh
# Proves that rules update takes folders, archives and git repositories, shows the difference, keeps
# the previous set, writes nothing where it must not, and refuses what would leave the folder.
. "$(dirname "$0")/lib.sh"

rule()
{
    printf 'title: %s\nid: %s\nlogsource: {product: windows, service: system}\n' "$2" "$3"
    printf 'detection: {s: {EventID: %s}, condition: s}\nlevel: %s\n' "$4" "$5"
} >"$1"
mkdir -p src/rules/windows src/unsupported src/.hidden
rule src/rules/windows/a.yml One 11111111-1111-4111-8111-111111111111 1 low
rule src/rules/b.yml Two 22222222-2222-4222-8222-222222222222 2 high
rule src/unsupported/c.yml Three 33333333-3333-4333-8333-333333333333 3 high
rule src/.hidden/d.yml Four 44444444-4444-4444-8444-444444444444 4 high
ln -s /etc/passwd src/rules/link.yml

run 0 rules update --dry-run --into set src
says err "2 files, 2 rules, 0 correlations: 2 added, 0 changed, 0 removed; nothing was written"
[ ! -e set ] || fail "--dry-run wrote something"
run 0 rules update --into set src
says err "in force: set/current"
[ -f set/current/rules/windows/a.yml ] || fail "a.yml is not there"
[ "$(find -L set/current -type f | wc -l)" -eq 2 ] || fail "more than the two rules was taken"
run 0 rules list -o jsonl set/current
[ "$(wc -l <out)" -eq 2 ] || fail "the set is not usable"
cp -rL set/current first

rule src/rules/b.yml Two 22222222-2222-4222-8222-222222222222 2 critical
rule src/rules/e.yml Five 55555555-5555-4555-8555-555555555555 5 low
rm src/rules/windows/a.yml
run 0 rules update --into set src
says out "+ low      Five  rules/e.yml"
says out "~ critical Two (was high)  rules/b.yml"
says out "- low      One  rules/windows/a.yml"
cp -rL set/current second
run 0 rules update --into set src
[ ! -s out ] || fail "the same set again is a change"
run 0 rules update --rollback --into set
diff -r first set/current || fail "--rollback is not the first set"
run 0 rules update --rollback --into set
diff -r second set/current || fail "--rollback twice is not the second set"
run 0 rules update -o jsonl --dry-run --into set first
says out '{"change":"changed","id":"22222222-2222-4222-8222-222222222222","title":"Two","level":"high","old_level":"critical","file":"rules/b.yml"}'
diff -r second set/current || fail "--dry-run changed the set"

# Nothing that loads, or --strict: the set stays.
mkdir none bad
printf 'title: x\n' >none/x.yml
run 2 rules update --into set none
cp second/rules/b.yml bad/
printf 'title: x\nlogsource: {product: p}\ndetection: {s: {a|no: 1}, condition: s}\n' >bad/x.yml
run 2 rules update --strict --into set bad
diff -r second set/current || fail "a refused set is in force"
[ -z "$(find set -name '.incoming*')" ] || fail "something was left behind"
run 2 rules update --rollback --into fresh
run 3 rules update --into set
run 3 rules update --rollback --into set src
run 4 rules update --into set nowhere

# Archives: a folder around everything is taken off; the checksum is held to.
tar czf a.tar.gz src
sum=$(sha256sum a.tar.gz | cut -d' ' -f1)
run 2 rules update --sha256 "$(echo "$sum" | tr 0-9a-f 1-9a-f0)" --into packed a.tar.gz
says err "its SHA-256 is $sum"
[ ! -e packed/current ] || fail "a wrong checksum was accepted"
run 0 rules update --sha256 "$sum" --into packed a.tar.gz
diff -r second packed/current || fail "the archive gives other rules"
# A path that leaves the folder refuses the whole archive.
mkdir -p evil/in/rules
cp second/rules/b.yml evil/in/rules/
cp second/rules/e.yml evil/out.yml
(cd evil/in && tar cPf ../../evil.tar rules/b.yml ../out.yml)
run 2 rules update --into packed evil.tar
says err "this path is not safe to write"
(cd evil/in && tar cPf ../../absolute.tar "$work/evil/out.yml")
run 2 rules update --into packed absolute.tar
diff -r second packed/current || fail "an evil archive changed the set"
# A link in an archive is not made, and nothing goes through it.
mkdir -p link outside
ln -s "$work/outside" link/rules
tar cf link.tar -C link rules
rm link/rules && mkdir link/rules && cp second/rules/b.yml link/rules/
tar rf link.tar -C link rules/b.yml
run 0 rules update --into linked link.tar
[ -z "$(ls outside)" ] || fail "the archive wrote through a link"
[ -z "$(find linked/current/ -type l)" ] || fail "a link was made"

# Somebody else's folders below versions are left alone.
mkdir -p own/versions/mine
run 0 rules update --into own first
run 0 rules update --into own second
run 0 rules update --into own src
[ -d own/versions/mine ] || fail "a folder that is not ours was removed"

if command -v git >/dev/null; then
    export HOME="$work" GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.example \
        GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.example
    git init -q repo && cp -r src/rules repo/ && git -C repo add -A && git -C repo commit -qm x ||
        fail "git"
    git clone -q --bare repo bare.git || fail "git clone"
    # Hooks of templates, and what the environment would bring in, do not run.
    mkdir -p templates/hooks
    printf '#!/bin/sh\ntouch "%s/hooked"\n' "$work" >templates/hooks/post-checkout
    chmod +x templates/hooks/post-checkout
    GIT_TEMPLATE_DIR="$work/templates" "$HINOMI" rules update --into git bare.git >out 2>err ||
        fail "a bare repository"
    [ ! -e hooked ] || fail "a hook ran"
    [ -f git/current/rules/e.yml ] && [ ! -e git/current/.git ] || fail "not the repository's rules"
    [ -z "$(find git/current/ -type l)" ] || fail "a link was made"
    run 0 rules update --into git "file://$work/bare.git"
    run 4 rules update --into git "ext::sh -c 'touch $work/hooked' ://x"
    run 4 rules update --into git "http://127.0.0.1:1/x.git"
    [ ! -e hooked ] || fail "a command ran"
    [ -z "$(find git -name '.incoming*')" ] || fail "a clone was left behind"
else
    echo "git is not installed: repositories are not tested" >&2
fi

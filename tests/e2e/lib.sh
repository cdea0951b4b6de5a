# lib.sh - what the whole-program tests share; sourced from the source folder. Each check says what
# it expected and what it saw, and the script ends with the number of failures.
#
# The build under test may be one with AddressSanitizer, whose allocator can hang in a child that is
# forked while another thread allocates; so packed inputs are read with one thread (-j1).
set -u
: "${HINOMI:?the program to test}"
golden=tests/golden/cli
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8 LANG=C.UTF-8 TZ=UTC
unset NO_COLOR
failures=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $*" >&2
}

# same WHAT EXPECTED ACTUAL
same() {
    [ "$2" = "$3" ] || fail "$1: expected \"$2\", got \"$3\""
}

# code WHAT EXPECTED COMMAND...: its exit code; output in $tmp/out and $tmp/err
code() {
    what=$1 expected=$2
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err"
    actual=$?
    [ "$actual" = "$expected" ] || {
        fail "$what: exit code $actual instead of $expected"
        head -5 "$tmp/err" >&2
    }
}

# says WHAT FILE TEXT: the file has this text
says() {
    grep -qF -- "$3" "$2" || fail "$1: \"$3\" is missing"
}

# golden NAME FILE: the file is as expected
golden() {
    if [ -n "${HN_GOLDEN_UPDATE:-}" ]; then
        cp "$2" "$golden/$1"
    elif ! diff -u "$golden/$1" "$2" >"$tmp/diff"; then
        fail "$1 differs"
        head -40 "$tmp/diff" >&2
    fi
}

# harmless WHAT FILE: nothing in it that a terminal would obey, our own colours aside
harmless() {
    sed 's/\x1b\[[0-9;]*m//g' "$2" >"$tmp/plain"
    if LC_ALL=C tr -d '\n' <"$tmp/plain" | LC_ALL=C grep -qP \
        '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c'; then
        fail "$1: control characters reach the terminal"
    fi
}

end() {
    [ "$failures" = 0 ] && echo ok
    exit $((failures > 0))
}

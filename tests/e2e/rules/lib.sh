# lib.sh - what the scripts of this folder share. HINOMI names the program, SOURCE the checkout.
# A script runs in an empty folder of its own, which is removed behind it.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export XDG_CACHE_HOME="$work/cache" XDG_DATA_HOME="$work/data" NO_COLOR=1 LC_ALL=C.UTF-8

fail()
{
    echo "FAILED: $*" >&2
    [ ! -f out ] || sed 's/^/  out: /' out >&2
    [ ! -f err ] || sed 's/^/  err: /' err >&2
    exit 1
}

# run CODE ARGUMENTS...: hinomi ends with this code; what it says is in out and err.
run()
{
    code=$1
    shift
    "$HINOMI" "$@" >out 2>err
    got=$?
    [ $got -eq "$code" ] || fail "hinomi $*: exit status $got instead of $code"
}

# says FILE TEXT: the file holds this text.
says()
{
    grep -qF -- "$2" "$1" || fail "$1 does not say: $2"
}

says_not()
{
    ! grep -qF -- "$2" "$1" || fail "$1 says: $2"
}

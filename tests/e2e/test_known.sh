# Proves that `hinomi analyze` holds samples against YARA rules, lists of digests, clamd and results of
# vendors: what is found reaches verdict, terminal, JSON and HTML; what is broken or away is told and
# never passed over. clamd and the service are servers of this test's own.
. tests/e2e/lib.sh
export XDG_CACHE_HOME="$tmp/cache"

cat >"$tmp/run.vbs" <<'SAMPLE'
CreateObject("WScript.Shell").Run "powershell -w hidden -enc VwByAGkAdABlAC0ASABvAHMAdAAgACcAaABpACcA"
SAMPLE
printf 'nothing to see\n' >"$tmp/note.txt"
digest=$(sha256sum "$tmp/note.txt" | cut -c1-64)

# ---- YARA ----
mkdir "$tmp/yara"
cat >"$tmp/yara/good.yar" <<'RULES'
rule Layer_Text { meta: description = "prints a word" score = 80
  strings: $word = "Write-Host" condition: $word }
rule Seen { strings: $a = "to see" condition: $a }
RULES
printf 'rule Broken {\n  condition: $none }\n' >"$tmp/yara/broken.yar"
code "YARA rules" 0 "$HINOMI" analyze --yara "$tmp/yara" --details --report "$tmp/r.html" "$tmp/run.vbs"
says "the broken file and its line" "$tmp/err" 'yara/broken.yar:2: undefined string "$none"'
says "how many" "$tmp/err" '1 of 2 files are left out'
says "a hit in a layer, with its place" "$tmp/out" 'yara_high: Layer_Text: $word at 0x0; prints a word'
says "the same in the report" "$tmp/r.html" 'Layer_Text: $word at 0x0'
code "in Japanese" 0 "$HINOMI" analyze --lang ja --yara "$tmp/yara/good.yar" "$tmp/note.txt"
says "why" "$tmp/out" '重要度'
code "a rule without a score does not convict" 0 "$HINOMI" analyze -q --fail-on suspicious --yara "$tmp/yara/good.yar" "$tmp/note.txt"
code "nothing but broken rules" 2 "$HINOMI" analyze --yara "$tmp/yara/broken.yar" "$tmp/note.txt"
code "no such folder" 4 "$HINOMI" analyze --yara "$tmp/none" "$tmp/note.txt"

# ---- Lists of digests ----
printf '# list\n%s\n' "$digest" >"$tmp/bad.txt"
printf '"SHA-1","MD5","CRC32","FileName"\r\n"%s","","","run.vbs"\r\n' \
    "$(sha1sum "$tmp/run.vbs" | cut -c1-40 | tr a-f A-F)" >"$tmp/NSRLFile.txt"
code "known bad" 1 "$HINOMI" analyze -q --fail-on malicious --known-bad "$tmp/bad.txt" "$tmp/note.txt"
code "known bad, shown" 0 "$HINOMI" analyze --known-bad "$tmp/bad.txt" "$tmp/note.txt"
says "list and age" "$tmp/out" 'known_bad: bad.txt (sha256), of '
code "not known" 1 "$HINOMI" analyze -q --fail-on suspicious "$tmp/run.vbs"
code "known good" 0 "$HINOMI" analyze -q --fail-on suspicious --known-good "$tmp/NSRLFile.txt" "$tmp/run.vbs"
code "known good, shown" 0 "$HINOMI" analyze --details --report "$tmp/g.html" --json "$tmp/g.json" --known-good "$tmp/NSRLFile.txt" "$tmp/run.vbs"
says "that it does not count" "$tmp/out" 'in files that are known to be good: it does not count'
says "the list" "$tmp/out" 'known good: NSRLFile.txt (sha1), of '
says "in the report" "$tmp/g.html" 'it does not count'
says "in the JSON" "$tmp/g.json" '"known_good":true'
[ "$(ls "$tmp/cache/hinomi" | grep -c '^digests-')" = 2 ] || fail "lists are not kept in the cache"
code "a list that is missing" 4 "$HINOMI" analyze --known-bad "$tmp/none" "$tmp/note.txt"
code "a list without digests" 4 "$HINOMI" analyze --known-bad "$tmp/yara/good.yar" "$tmp/note.txt"

# ---- clamd and the service ----
cat >"$tmp/servers.py" <<'SERVERS'
import http.server, os, socketserver, sys, threading
folder = sys.argv[1]
class Clamd(socketserver.StreamRequestHandler):
    def word(self):
        text = b""
        while not text.endswith(b"\0"):
            text += self.rfile.read(1)
        return text[:-1]
    def handle(self):
        command, data = self.word(), b""
        if command == b"zVERSION":
            self.wfile.write(b"ClamAV 0.0.0/1/Mon Nov 23 00:00:00 2026\0")
            return
        while (size := int.from_bytes(self.rfile.read(4), "big")) > 0:
            data += self.rfile.read(size)
        found = b"to see" in data
        self.wfile.write(b"stream: " + (b"Txt.Test.Inert-1 FOUND" if found else b"OK") + b"\0")
class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(folder + "/asked", "a") as asked:
            asked.write(f"{self.path} {self.headers['x-apikey']} {self.headers['content-length']}\n")
        body = open(folder + "/many.json", "rb").read()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
clamd = socketserver.ThreadingUnixStreamServer(folder + "/clamd.ctl", Clamd)
service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
for server in (clamd, service):
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(folder + "/port.new", "w") as port:
    port.write(str(service.server_address[1]))
os.rename(folder + "/port.new", folder + "/port")
sys.stdin.read()
SERVERS
python3 - "$tmp/many.json" "$(sha256sum "$tmp/yara/good.yar" | cut -c1-64)" "$(sha256sum "$tmp/run.vbs" | cut -c1-64)" <<'REPORT'
import json, sys
names = ["Trojan.Inert.%d" % i for i in range(12)]
results = {str(i): {"category": "malicious", "result": n} for i, n in enumerate(names)}
results |= {"u%d" % i: {"category": "undetected", "result": None} for i in range(8)}
files = [{"id": d, "type": "file", "attributes": {"sha256": d, "last_analysis_date": 1760000000,
          "last_analysis_results": results}} for d in sys.argv[2:]]
json.dump({"data": files}, open(sys.argv[1], "w"))
REPORT
mkfifo "$tmp/end"
python3 "$tmp/servers.py" "$tmp" <"$tmp/end" &
exec 9>"$tmp/end"
for _ in $(seq 100); do
    [ -e "$tmp/port" ] && break
    sleep 0.1
done
code "clamd" 0 "$HINOMI" analyze --details --clamd "$tmp/clamd.ctl" "$tmp/note.txt" "$tmp/run.vbs"
says "its signature" "$tmp/out" 'clamav: Txt.Test.Inert-1'
code "clamd convicts nobody alone" 0 "$HINOMI" analyze -q --fail-on malicious --clamd "$tmp/clamd.ctl" "$tmp/note.txt"
code "but it is suspicious" 1 "$HINOMI" analyze -q --fail-on suspicious --clamd "$tmp/clamd.ctl" "$tmp/note.txt"
code "results in a file" 0 "$HINOMI" analyze --details --vt "$tmp/many.json" "$tmp/run.vbs"
says "the consensus" "$tmp/out" 'vendors: 12 of 20 engines, inert in 12 of 12 names, on 2025-10-09, '
says "its rule" "$tmp/out" 'Many Vendors Call This File Malicious'
[ ! -e "$tmp/asked" ] || fail "somebody was asked without a key"
printf 'sesame\n' >"$tmp/key"
code "the service" 0 "$HINOMI" analyze --details --vt-key "$tmp/key" --vt-url "http://127.0.0.1:$(cat "$tmp/port")/v3" "$tmp/run.vbs"
says "the consensus" "$tmp/out" '12 of 20 engines'
same "what left" "/v3/files/$(sha256sum "$tmp/run.vbs" | cut -c1-64) sesame None" "$(cat "$tmp/asked")"
code "a key over plain HTTP" 3 "$HINOMI" analyze --vt-key "$tmp/key" --vt-url "http://service.example/v3" "$tmp/run.vbs"
exec 9>&-
wait

# ---- Away ----
code "clamd is away" 1 "$HINOMI" analyze -q --fail-on unknown --clamd "$tmp/clamd.ctl" "$tmp/note.txt"
says "that it is" "$tmp/err" 'is not there'
code "what was not done" 0 "$HINOMI" analyze --clamd "$tmp/clamd.ctl" "$tmp/note.txt"
says "a gap" "$tmp/out" 'could not be held against what others know'
code "no address" 3 "$HINOMI" analyze --clamd nonsense "$tmp/note.txt"
end

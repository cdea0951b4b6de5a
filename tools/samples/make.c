/* make.c - a sample of any shape: which row the seed is for, and chance for all else. */
#include "samples_internal.h"

#include "base/attr.h"

#include <stdio.h>

static const char *const hosts[] = { "hana-sato", "kissaten-aoi", "yamabiko-cycle", "minato-kogyo",
    "sakura-shoji", "kita-nouen", "takumi-dental", "umi-no-ie" };
static const char *const folders[] = { "wp-content", "wp-includes", "cgi-bin", "images", "old",
    "shop/inc", "css" };

static void choose_urls(struct chance *chance, struct sample *sample)
{
    size_t count = 1 + chance_next(chance, 5);

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(sample->urls[i], sizeof sample->urls[i], "%s://%s%u.example/%s/%x/",
                chance_next(chance, 3) == 0 ? "https" : "http",
                hosts[chance_next(chance, HN_COUNT_OF(hosts))], (unsigned)chance_next(chance, 90),
                folders[chance_next(chance, HN_COUNT_OF(folders))],
                (unsigned)chance_next(chance, 1u << 28));
    }
    sample->url_count = count;
}

/* Every row; those behind "powershell:" and "store:" say what is within, the others what it is. */
static const char *const rows[] = { "powershell: -EncodedCommand by a prefix",
    "powershell: -EncodedCommand behind a slash", "powershell: dash look-alikes",
    "powershell: ^ and quote noise", "powershell: base64 UTF-16LE", "powershell: base64 UTF-8",
    "powershell: base64 nested", "powershell: gzip", "powershell: deflate", "powershell: -f",
    "powershell: concat", "powershell: backtick", "powershell: case", "powershell: quotes",
    "powershell: -replace", "powershell: .Replace", "powershell: -split", "powershell: -join",
    "powershell: [string]::Join", "powershell: [char] array", "powershell: base 2/8/16",
    "powershell: -as", "powershell: %{} pipeline", "powershell: -bxor", "powershell: reverse",
    "powershell: [-1..-n]", "powershell: RightToLeft regex", "powershell: $env:ComSpec[]",
    "powershell: $PSHOME[]", "powershell: $ShellId[]", "powershell: wildcard variable",
    "powershell: SecureString with -key", "powershell: variables", "powershell: functions",
    "powershell: loops", "powershell: switch/if control flow",
    "powershell: list by +=", "store: UserForm text", "store: UserForm caption",
    "store: UserForm tip", "store: UserForm tag", "store: UserForm nested frame",
    "store: UserForm page", "store: document variable", "store: custom property",
    "store: builtin property", "store: alternative text", "store: comment", "store: table",
    "store: hidden text", "store: bookmark", "store: cell", "file: ps1", "file: js", "file: vbs",
    "file: bat", "file: polyglot bat", "file: hta", "file: wsf", "file: lnk", "file: jse",
    "file: vbe", "file: msi", "document: doc", "document: docm", "document: xlsm",
    "document: remote template", "document: DDE field", "document: DDE in CSV",
    "document: RTF with a package", "document: Excel 4.0 macro", "chain: zip",
    "chain: encrypted zip > mail", "chain: mail", "chain: 7z", "chain: tar.gz", "chain: iso",
    "chain: iso > mail", "chain: zip > html smuggling", "chain: iso > html smuggling > mail",
    "chain: OneNote", "chain: OneNote > mail", "chain: iso > encrypted zip > mail",
    "chain: zip > zip", "chain: msg", "chain: encrypted zip > msg", "chain: msg > mail" };

const char *sample_row(size_t index)
{
    return index < HN_COUNT_OF(rows) ? rows[index] : NULL;
}

/* What may hold a row of what is within. */
static const char *choose_kind(struct chance *chance)
{
    static const char *const files[] = { "file: ps1", "file: js", "file: vbs", "file: bat",
        "file: polyglot bat", "file: hta", "file: wsf", "file: lnk", "file: jse", "file: vbe",
        "file: msi" };
    static const char *const documents[] = { "document: doc", "document: docm", "document: xlsm" };
    static const char *const word[] = { "document: docm" };
    static const char *const others[] = { "document: remote template", "document: DDE field",
        "document: DDE in CSV", "document: RTF with a package", "document: Excel 4.0 macro" };
    static const char *const lines[] = { "file: lnk", "document: docm", "document: doc" };
    static const char *const forms[] = { "UserForm", "document variable" };

    if (chance_wants_any(chance, "file: ") || chance_wants_any(chance, "document: "))
        return chance->want;
    if (chance_wants(chance, "store: cell"))
        return "document: xlsm";
    for (size_t i = 0; i < HN_COUNT_OF(forms); i++)
        if (chance->want != NULL && strstr(chance->want, forms[i]) != NULL)
            return chance_next(chance, 2) == 0 ? "document: doc" : "document: docm";
    if (chance_wants_any(chance, "store: "))
        return word[0];
    if (chance_wants(chance, "powershell: dash look-alikes"))
        return "file: lnk";
    if (chance_wants_any(chance, "powershell: -Enc") || chance_wants_any(chance, "powershell: ^"))
        return lines[chance_next(chance, HN_COUNT_OF(lines))];
    if (chance_wants_any(chance, "powershell: "))
        return chance_next(chance, 2) == 0 ? "file: ps1" : documents[chance_next(chance, 3)];
    if (chance_next(chance, 8) == 0)
        return others[chance_next(chance, HN_COUNT_OF(others))];
    return chance_next(chance, 2) == 0 ? files[chance_next(chance, HN_COUNT_OF(files))]
                                       : documents[chance_next(chance, HN_COUNT_OF(documents))];
}

static const char *choose_chain(struct chance *chance)
{
    size_t first = 0;
    size_t count;

    if (chance_wants_any(chance, "chain: "))
        return chance->want;
    while (strncmp(rows[first], "chain: ", 7) != 0)
        first++;
    count = HN_COUNT_OF(rows) - first;
    return chance_next(chance, 2) == 0 ? NULL : rows[first + chance_next(chance, (uint32_t)count)];
}

void sample_make(uint64_t seed, struct sample *ret_sample)
{
    struct chance chance = { .state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1,
        .sample = ret_sample,
        .want = rows[seed % HN_COUNT_OF(rows)] };
    const char *kind;
    const char *chain;
    size_t len = 0;

    for (int i = 0; i < 4; i++)
        (void)chance_next(&chance, 2);
    *ret_sample = (struct sample){ .url_count = 0 };
    choose_urls(&chance, ret_sample);
    kind = choose_kind(&chance);
    chain = choose_chain(&chance);
    if (strcmp(kind, "file: lnk") == 0) {
        contain_link(&chance);
        chance_row(&chance, "file: lnk");
    } else if (strncmp(kind, "file: ", 6) == 0) {
        make_script(&chance, kind);
    } else {
        make_document(&chance, kind);
        make_plain_document(&chance, kind);
    }
    if (chain != NULL)
        contain(&chance, chain);
    for (size_t i = ret_sample->row_count; i-- > 0;) {
        const char *row = ret_sample->rows[i];

        if (strncmp(row, "powershell: ", 12) == 0 || strncmp(row, "store: ", 7) == 0)
            continue;
        len += (size_t)snprintf(ret_sample->shape + len, sizeof ret_sample->shape - len, "%s%s",
                len > 0 ? " < " : "", strchr(row, ' ') + 1);
        if (len >= sizeof ret_sample->shape)
            break;
    }
}

void sample_deinit(struct sample *sample)
{
    hn_buf_deinit(&sample->bytes);
}

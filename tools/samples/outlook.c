/* outlook.c - a mail as Outlook saves it (.msg, [MS-OXMSG]): properties as streams of a compound
 * file, the sample as its attachment. */
#include "samples_internal.h"

#include "base/utf.h"
#include "support/cfb_writer.h"

#include <stdio.h>

#define ENTRY_BYTES 16u
#define TEXT        0x001Fu
#define BINARY      0x0102u
#define LONG        0x0003u

/* The entries of a property stream, and the streams they speak of. */
struct properties {
    struct cfb_writer *cfb;
    const char *folder; /* "" or "__attach_version1.0_#00000000/" */
    struct hn_buf entries;
};

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(value >> (8 * i)));
}

static void put_stream(struct properties *all, unsigned tag, unsigned type, struct hn_bytes bytes)
{
    char path[96];

    (void)snprintf(path, sizeof path, "%s__substg1.0_%04X%04X", all->folder, tag, type);
    cfb_writer_stream(all->cfb, path, bytes);
    put(&all->entries, type, 2);
    put(&all->entries, tag, 2);
    put(&all->entries, 6, 4);
    put(&all->entries, bytes.len + (type == TEXT ? 2 : 0), 8);
}

static void put_text(struct properties *all, unsigned tag, const char *text)
{
    struct hn_buf wide = { 0 };

    hn_utf8_to_utf16le(&wide, hn_text_cstr(text));
    put_stream(all, tag, TEXT, hn_bytes_of(wide.ptr, wide.len));
    hn_buf_deinit(&wide);
}

static void put_long(struct properties *all, unsigned tag, uint32_t value)
{
    put(&all->entries, LONG, 2);
    put(&all->entries, tag, 2);
    put(&all->entries, 6, 4);
    put(&all->entries, value, 8);
}

static void end(struct properties *all, size_t head_bytes)
{
    struct hn_buf stream = { 0 };
    char path[96];

    /* Of the message, the head counts recipients and attachments; of what is in it, it is empty. */
    hn_buf_add_repeat(&stream, '\0', 8);
    if (head_bytes > 8) {
        put(&stream, 0, 4);
        put(&stream, 1, 4);
        put(&stream, 0, 4);
        put(&stream, 1, 4);
        hn_buf_add_repeat(&stream, '\0', head_bytes - stream.len);
    }
    hn_buf_add_text(&stream, hn_buf_text(&all->entries));
    (void)snprintf(path, sizeof path, "%s__properties_version1.0", all->folder);
    cfb_writer_stream(all->cfb, path, hn_bytes_of(stream.ptr, stream.len));
    hn_buf_deinit(&stream);
    hn_buf_deinit(&all->entries);
}

void contain_outlook(struct chance *chance, const char *password)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct properties message = { .cfb = cfb, .folder = "" };
    struct properties attachment = { .cfb = cfb, .folder = "__attach_version1.0_#00000000/" };
    struct hn_buf out = { 0 };
    char text[256];

    (void)snprintf(text, sizeof text,
            password != NULL ? "お世話になっております。\r\n解凍パスワード：%s\r\n"
                             : "お世話になっております。%s\r\n",
            password != NULL ? password : "");
    put_text(&message, 0x001A, "IPM.Note");
    put_text(&message, 0x0037, "請求書送付のお願い");
    put_text(&message, 0x0C1A, "佐藤");
    put_text(&message, 0x0C1F, "sato@hinomi-works.example");
    put_text(&message, 0x1000, text);
    end(&message, 32);
    put_text(&attachment, 0x3704, "ORDER~1");
    put_text(&attachment, 0x3707, chance->sample->name);
    put_stream(&attachment, 0x3701, BINARY,
            hn_bytes_of(chance->sample->bytes.ptr, chance->sample->bytes.len));
    put_long(&attachment, 0x3705, 1);
    end(&attachment, 8);
    /* One named property, of which nothing is set: readers want these streams to be there. */
    cfb_writer_stream(cfb, "__nameid_version1.0/__substg1.0_00020102",
            hn_bytes_of("\x08\x20\x06\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", 16));
    cfb_writer_stream(cfb, "__nameid_version1.0/__substg1.0_00030102",
            hn_bytes_of("\x54\x85\0\0\x06\0\0\0", 8));
    cfb_writer_stream(cfb, "__nameid_version1.0/__substg1.0_00040102", hn_bytes_of("", 0));
    cfb_writer_finish(cfb, &out);
    cfb_writer_free(cfb);
    contain_as(chance, &out, "mail.msg");
}

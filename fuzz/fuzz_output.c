/* fuzz: output support */
/* What outputs say of any text: CEF has its seven bars and no control character; a mail has its
 * nine headers, each of them ASCII in lines of at most 76 columns, and a body without controls. */
#include "output/output_internal.h"

#include "base/enc.h"
#include "support/alert_check.h"

#include <stdlib.h>

#define HEADERS 9

static void require(bool fine)
{
    if (!fine)
        abort();
}

/* The input in pieces, one for each text. */
static struct hn_text piece(struct hn_text *rest)
{
    struct hn_text part = HN_TEXT("");

    (void)hn_text_split(rest, '\x1f', &part);
    return part;
}

static void check_cef(const struct output_fact *fact, struct hn_buf *out)
{
    unsigned bars = 0;

    hn_buf_reset(out);
    output_cef_write(fact, out);
    require(hn_buf_ok(out) && alert_check_shown(hn_buf_text(out)));
    for (size_t i = 0; i < out->len && bars < 7; i++) {
        if (out->ptr[i] == '\\')
            i++; /* and what it escapes */
        else if (out->ptr[i] == '|')
            bars++;
        else if (bars == 6)
            require(out->ptr[i] >= '0' && out->ptr[i] <= '9'); /* the severity, and only that */
    }
    require(bars == 7);
}

static void check_mail(const struct output_letter *letter, struct hn_buf *out)
{
    struct hn_buf body = { 0 };
    struct hn_text rest;
    struct hn_text line;
    unsigned headers = 0;
    bool inside = false;

    hn_buf_reset(out);
    output_mail_write(letter, out);
    require(hn_buf_ok(out));
    rest = hn_buf_text(out);
    while (hn_text_line(&rest, &line)) {
        for (size_t i = 0; i < line.len; i++)
            require(line.ptr[i] >= ' ' && line.ptr[i] <= '~');
        if (inside)
            require(line.len <= 76 && hn_base64_decode(&body, line));
        else if (line.len > 0)
            headers += line.ptr[0] != ' ';
        inside = inside || line.len == 0;
    }
    require(headers == HEADERS);
    rest = hn_buf_text(&body);
    while (hn_text_line(&rest, &line))
        require(alert_check_shown(line));
    require(hn_text_find(hn_buf_text(&body), HN_TEXT("://"), 0) == SIZE_MAX);
    hn_buf_deinit(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text rest = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_text to[] = { HN_TEXT_INIT("b@soc.example") };
    const struct config_output config = { .from = HN_TEXT("a@soc.example"), .to = { to, 1 } };
    struct alert_match match = { .field = piece(&rest), .value = piece(&rest) };
    struct output_fact fact = { .key = HN_TEXT("0123"),
        .kind = HN_TEXT("alert"),
        .level = (uint32_t)(size % 7),
        .title = piece(&rest),
        .host = piece(&rest),
        .user = piece(&rest),
        .source = piece(&rest),
        .tenant = piece(&rest),
        .family = piece(&rest),
        .json = HN_TEXT("{}"),
        .read = { .rule_id = piece(&rest), .matches = &match, .match_count = 1 } };
    const struct output_letter letter = { &config, &fact, 1, INT64_C(1795400000000000000) };
    struct hn_buf out = { 0 };

    check_cef(&fact, &out);
    check_mail(&letter, &out);
    hn_buf_reset(&out);
    fact.json = HN_TEXT("");
    for (int format = CONFIG_JSONL; format <= CONFIG_OCSF; format++) {
        output_body_write(&fact, (enum config_output_format)format, &out);
        hn_buf_add_char(&out, '\n');
        require(hn_buf_ok(&out) && alert_check_json(hn_buf_text(&out)));
        hn_buf_reset(&out);
    }
    hn_buf_deinit(&out);
    return 0;
}

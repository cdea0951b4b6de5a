/* remote_words.c - words, times and paragraphs of the server's answers, as people read them. */
#include "app/remote_table.h"

#include "app/cells.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#define PROSE_COLUMNS_MAX 100 /* longer lines are hard to read */
#define PROSE_COLUMNS_MIN 30

struct word {
    const char *word;
    const char *en;
    const char *ja;
};
static const struct word words[] = {
    { "new", "new", "新規" },
    { "in_progress", "in progress", "対応中" },
    { "pending", "pending", "保留" },
    { "closed", "closed", "完了" },
    { "tp_impact", "attack, impact", "攻撃・被害あり" },
    { "tp_no_impact", "attack, no impact", "攻撃・被害なし" },
    { "benign_tp", "benign", "正当な操作" },
    { "fp", "false alarm", "誤検知" },
    { "undetermined", "undetermined", "判定できず" },
    { "inhibited", "inhibited", "抑止" },
    { "silenced", "silenced", "消音" },
    { "exception", "exception", "例外" },
    { "silence", "silence", "消音" },
    { "inhibition", "inhibition", "抑止" },
    { "repeated", "repeated", "繰り返し" },
    { "claimed", "being sent", "送信中" },
    { "sent", "sent", "送信済み" },
    { "dead", "dead", "断念" },
    { "administrator", "administrator", "管理者" },
    { "analyst", "analyst", "アナリスト" },
    { "viewer", "viewer", "閲覧者" },
    { "rule_editor", "rule editor", "ルール編集者" },
    { "responder", "responder", "対応者" },
    { "ingest", "ingest", "イベント送信" },
    { "auditor", "auditor", "監査人" },
};

struct hn_text remote_word(struct hn_text word)
{
    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq(word, hn_text_cstr(words[i].word)))
            return hn_text_cstr(UI_TEXT(words[i].en, words[i].ja));
    }
    return word;
}

enum sigma_level remote_level(struct hn_text word)
{
    for (unsigned i = SIGMA_LEVEL_INFORMATIONAL; i <= SIGMA_LEVEL_CRITICAL; i++) {
        if (hn_text_eq(word, hn_text_cstr(sigma_level_text((enum sigma_level)i))))
            return (enum sigma_level)i;
    }
    return SIGMA_LEVEL_NONE;
}

void remote_add_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone)
{
    if (time == HN_TIME_NONE)
        hn_buf_add_char(out, '-');
    else
        cell_time(out, time, zone);
}

/* Bytes of text up to where a line of so many columns may end. */
static size_t line_len(struct hn_text text, unsigned columns)
{
    size_t used = 0;
    size_t pos = 0;
    size_t blank = 0;

    while (pos < text.len) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &c);
        size_t width = hn_utf8_code_point_columns(c);

        if (used + width > columns)
            return blank > 0 ? blank : pos == 0 ? len : pos;
        used += width;
        pos += len == 0 ? 1 : len;
        /* Between Japanese characters a line may end anywhere. */
        if (c == ' ' || (width == 2 && pos < text.len && (unsigned char)text.ptr[pos] >= 0xE3 &&
                                c != 0x300C && c != 0xFF08))
            blank = pos;
    }
    return text.len;
}

static void add_wrapped(struct hn_buf *out, struct hn_text text, unsigned indent)
{
    unsigned width = ui.width == 0 || ui.width > PROSE_COLUMNS_MAX ? PROSE_COLUMNS_MAX : ui.width;
    unsigned columns = width > indent + PROSE_COLUMNS_MIN ? width - indent : PROSE_COLUMNS_MIN;

    do {
        size_t len = line_len(text, columns);

        if (len == 0)
            len = text.len;
        hn_buf_add_repeat(out, ' ', indent);
        hn_buf_add_text(out, hn_text_trim(hn_text_sub(text, 0, len)));
        hn_buf_add_char(out, '\n');
        text = hn_text_sub(text, len, text.len);
    } while (text.len > 0);
}

void remote_add_prose(struct hn_buf *out, struct hn_text text, unsigned indent)
{
    struct hn_text line;

    while (hn_text_line(&text, &line)) {
        struct hn_buf safe = { 0 };

        hn_terminal_text(&safe, hn_text_trim(line));
        if (safe.len > 0)
            add_wrapped(out, hn_buf_text(&safe), indent);
        hn_buf_deinit(&safe);
    }
}

/* batch_for.c - For in its forms: over words, numbers, fields of lines; what files hold and
 * programs print is unknown. */
#include "batch/batch_internal.h"

#include "base/num.h"

struct fields {
    bool wanted[32];
    unsigned last; /* of those wanted */
    bool rest;     /* tokens=1,* */
    struct hn_text delims;
    bool back;    /* usebackq */
    int64_t skip; /* lines */
};

static enum bt_flow turn(struct bt *bt, const struct bt_node *node, struct bt_text value)
{
    unsigned char name = (unsigned char)node->variable;
    struct bt_text *outer = bt->for_vars[name & 127];
    enum bt_flow flow;

    bt->for_vars[name & 127] = &value;
    flow = bt_exec(bt, node->left);
    bt->for_vars[name & 127] = outer;
    return flow;
}

static struct bt_text unknown_item(struct bt *bt, const char *what, struct hn_text of)
{
    char room[300];
    struct hn_buf buf = hn_buf_over(room, sizeof room);

    hn_buf_addf(&buf, "{%s %.*s}", what, HN_TEXT_ARG(hn_text_sub(of, 0, 200)));
    return bt_copy(bt, hn_buf_text(&buf), true);
}

static enum bt_flow for_words(struct bt *bt, const struct bt_node *node, struct bt_text set)
{
    struct hn_text rest = set.text;
    enum bt_flow flow = BT_NEXT;

    while (flow == BT_NEXT && script_spend(bt->run, 2)) {
        struct hn_text word = bt_word(&rest);

        if (word.len == 0)
            break;
        if (node->mode != 0 || hn_text_find_char(word, '*', 0) != SIZE_MAX ||
                hn_text_find_char(word, '?', 0) != SIZE_MAX)
            flow = turn(bt, node, unknown_item(bt, "file of", word));
        else
            flow = turn(bt, node, (struct bt_text){ word, set.unknown });
    }
    return flow;
}

static enum bt_flow for_numbers(struct bt *bt, const struct bt_node *node, struct bt_text set)
{
    struct hn_text rest = set.text;
    int64_t parts[3] = { 0, 1, 0 };
    uint64_t end = bt->run->steps + (bt->run->limits.steps_max - bt->run->steps) / 3;
    enum bt_flow flow = BT_NEXT;

    for (size_t i = 0; i < 3; i++) {
        struct hn_text word = bt_word(&rest);

        if (word.len > 0 && !bt_arithmetic(bt, word, &parts[i]))
            return turn(bt, node, unknown_item(bt, "number of", set.text));
    }
    for (int64_t at = parts[0];
            flow == BT_NEXT && (parts[1] >= 0 ? at <= parts[2] : at >= parts[2]); at += parts[1]) {
        char room[32];
        struct hn_buf digits = hn_buf_over(room, sizeof room);

        hn_buf_add_i64(&digits, at);
        if (bt->run->steps >= end) {
            bt_note(bt, SCRIPT_NOTE_LIMIT, "loop given up");
            break;
        }
        if (!script_spend(bt->run, 4))
            break;
        flow = turn(bt, node, bt_copy(bt, hn_buf_text(&digits), false));
    }
    return flow;
}

/* 1,3-4* */
static void tokens_of(struct fields *fields, struct hn_text text)
{
    unsigned from = 0;

    for (size_t at = 0; at < text.len && strchr("0123456789,-*", text.ptr[at]) != NULL;) {
        unsigned number = 0;

        for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && number < 32; at++)
            number = number * 10 + (unsigned)(text.ptr[at] - '0');
        for (unsigned i = from > 0 ? from : number; number > 0 && i <= number && i < 32; i++) {
            fields->wanted[i] = true;
            fields->last = i > fields->last ? i : fields->last;
        }
        from = at < text.len && text.ptr[at] == '-' ? number : 0;
        fields->rest |= at < text.len && text.ptr[at] == '*';
        if (at < text.len && (text.ptr[at] < '0' || text.ptr[at] > '9'))
            at++;
    }
}

/* "tokens=1,3-4* delims=, skip=2 usebackq" */
static struct fields options_of(struct hn_text text)
{
    struct fields fields = { .delims = HN_TEXT(" \t") };
    size_t at;
    size_t delims;
    size_t skip;

    text = bt_unquote(text);
    at = hn_text_find_nocase(text, HN_TEXT("tokens="), 0);
    delims = hn_text_find_nocase(text, HN_TEXT("delims="), 0);
    fields.back = hn_text_find_nocase(text, HN_TEXT("usebackq"), 0) != SIZE_MAX;
    skip = hn_text_find_nocase(text, HN_TEXT("skip="), 0);
    if (skip != SIZE_MAX) {
        struct hn_text number = hn_text_sub(text, skip + 5, SIZE_MAX);

        if (!hn_parse_i64(hn_text_sub(number, 0, hn_text_find_char(number, ' ', 0)), &fields.skip))
            fields.skip = 0;
    }
    if (delims != SIZE_MAX) {
        fields.delims = hn_text_sub(text, delims + 7, SIZE_MAX);
        if (hn_text_find_char(fields.delims, ' ', 1) != SIZE_MAX)
            fields.delims = hn_text_sub(fields.delims, 0, hn_text_find_char(fields.delims, ' ', 1));
    }
    tokens_of(&fields, at != SIZE_MAX ? hn_text_sub(text, at + 7, SIZE_MAX) : HN_TEXT("1"));
    return fields;
}

static bool is_delim(const struct fields *fields, char c)
{
    return hn_text_find_char(fields->delims, c, 0) != SIZE_MAX;
}

/* Fields of one line go to the variable and the letters behind it. */
static enum bt_flow for_line(
        struct bt *bt, const struct bt_node *node, const struct fields *fields, struct bt_text line)
{
    struct bt_text values[27] = { 0 };
    struct bt_text *outer[27] = { 0 };
    size_t count = 0;
    size_t at = 0;
    enum bt_flow flow;

    for (unsigned field = 1; field <= fields->last && at <= line.text.len && count < 26; field++) {
        size_t start;

        while (at < line.text.len && is_delim(fields, line.text.ptr[at]))
            at++;
        start = at;
        while (at < line.text.len && !is_delim(fields, line.text.ptr[at]))
            at++;
        if (fields->wanted[field])
            values[count++] =
                    (struct bt_text){ hn_text_sub(line.text, start, at - start), line.unknown };
        if (at >= line.text.len)
            break;
    }
    while (fields->rest && at < line.text.len && is_delim(fields, line.text.ptr[at]))
        at++;
    if (fields->rest)
        values[count++] = (struct bt_text){ hn_text_sub(line.text, at, SIZE_MAX), line.unknown };
    if (count == 0)
        return BT_NEXT;
    for (size_t i = 0; i < count; i++) {
        size_t name = ((unsigned char)node->variable + i) & 127;

        outer[i] = bt->for_vars[name];
        bt->for_vars[name] = &values[i];
    }
    flow = bt_exec(bt, node->left);
    for (size_t i = 0; i < count; i++)
        bt->for_vars[((unsigned char)node->variable + i) & 127] = outer[i];
    return flow;
}

/* What a command prints, where it is echo or set; else it is told and its output is unknown. */
static struct bt_text output_of(struct bt *bt, struct hn_text command)
{
    struct bt_out out = { .outer = bt->out };
    struct bt_text made;

    hn_buf_init(&out.buf, BT_LINE_MAX);
    bt->out = &out;
    bt_run_text(bt, (struct bt_text){ command, false }, true);
    bt->out = out.outer;
    made = bt_copy(bt, hn_buf_text(&out.buf), out.unknown);
    hn_buf_deinit(&out.buf);
    if (made.text.len == 0)
        return unknown_item(bt, "output of", command);
    return made;
}

static enum bt_flow for_fields(struct bt *bt, const struct bt_node *node, struct bt_text set)
{
    struct fields fields = options_of(node->other.text);
    struct hn_text source = hn_text_trim(set.text);
    char first = source.len > 1 ? source.ptr[0] : '\0';
    struct bt_text lines = unknown_item(bt, "content of", source);
    struct hn_text rest;
    struct hn_text line;
    enum bt_flow flow = BT_NEXT;

    if (first == (fields.back ? '`' : '\''))
        lines = output_of(bt, hn_text_sub(source, 1, source.len - 2));
    else if (first == (fields.back ? '\'' : '"'))
        lines = (struct bt_text){ hn_text_sub(source, 1, source.len - 2), set.unknown };
    else
        (void)bt_read(bt, source, &lines);
    if (lines.unknown && lines.text.len > 0 && lines.text.ptr[0] == '{') {
        fields.delims = HN_TEXT("");
        for (size_t i = 2; i < 32; i++)
            fields.wanted[1] |= fields.wanted[i];
    }
    rest = lines.text;
    while (flow == BT_NEXT && hn_text_line(&rest, &line) && script_spend(bt->run, 2)) {
        if (fields.skip > 0)
            fields.skip--;
        else if (line.len > 0)
            flow = for_line(bt, node, &fields, (struct bt_text){ line, lines.unknown });
    }
    return flow;
}

enum bt_flow bt_exec_for(struct bt *bt, const struct bt_node *node)
{
    struct bt_text set = bt_expand_late(bt, node->text);

    if (node->mode == 'l')
        return for_numbers(bt, node, set);
    if (node->mode == 'f')
        return for_fields(bt, node, set);
    return for_words(bt, node, set);
}

/* ioc_list.c - plain lists: one indicator per line, as maltrail, blocklists, hosts files, hash sums
 * and people write them.
 *
 * '#', '//' and ';' start comments; "# Reference: ..." tells where the lines below come from. The
 * family is the name of the file. Leaves to others: what a line's indicator is (ioc_norm.c). */
#include "ioc/ioc_internal.h"

struct list_reader {
    struct ioc_reading *reading;
    struct hn_buf plain;   /* a line of several words, refanged */
    bool after_reference;  /* the line before was a reference, too */
    bool any_entry;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static size_t first_space(struct hn_text text)
{
    size_t pos = 0;

    while (pos < text.len && !is_space(text.ptr[pos]))
        pos++;
    return pos;
}

/* "emotet" of "/feeds/emotet.txt". */
static struct hn_text family_of(struct hn_text name)
{
    size_t start = name.len;
    size_t end;

    while (start > 0 && name.ptr[start - 1] != '/' && name.ptr[start - 1] != '\\')
        start--;
    name = hn_text_sub(name, start, name.len);
    end = hn_text_find_char(name, '.', 1);
    return end == SIZE_MAX ? name : hn_text_sub(name, 0, end);
}

static bool is_comment(struct hn_text line)
{
    return line.ptr[0] == '#' || line.ptr[0] == ';' || hn_text_starts(line, HN_TEXT("//"));
}

/* What a comment line says about the lines below it. */
static void read_comment(struct list_reader *list, struct hn_text line)
{
    struct ioc_reading *reading = list->reading;
    size_t colon = hn_text_find_char(line, ':', 0);
    struct hn_text word = hn_text_sub(line, 0, colon == SIZE_MAX ? 0 : colon);
    struct hn_text rest = hn_text_trim(hn_text_sub(line, word.len + 1, line.len));
    bool was_reference = list->after_reference;

    list->after_reference = false;
    while (word.len > 0 && ioc_in(word.ptr[0], "#;/ \t"))
        word = hn_text_sub(word, 1, word.len);
    if (hn_text_eq_nocase(word, HN_TEXT("reference")) && rest.len > 0) {
        list->after_reference = true;
        if (was_reference)
            return; /* the first of several is where it was found first */
        reading->about.reference = rest;
        ioc_about_changed(reading);
    } else if (hn_text_eq_nocase(word, HN_TEXT("aliases")) && !list->any_entry) {
        reading->about.tags = rest;
        ioc_about_changed(reading);
    }
}

/* Takes a comment behind the indicator off the line. */
static struct hn_text split_comment(struct hn_text *line)
{
    for (size_t i = 1; i < line->len; i++) {
        size_t mark = 0;

        if (!is_space(line->ptr[i - 1]))
            continue;
        if (line->ptr[i] == '#' || line->ptr[i] == ';')
            mark = 1;
        else if (hn_text_starts(hn_text_sub(*line, i, 2), HN_TEXT("//")))
            mark = 2;
        if (mark > 0) {
            struct hn_text comment = hn_text_trim(hn_text_sub(*line, i + mark, line->len));

            *line = hn_text_trim(hn_text_sub(*line, 0, i));
            return comment;
        }
    }
    return HN_TEXT("");
}

/* The address that hosts files give to names they block. */
static bool is_hosts_address(struct hn_text word)
{
    return hn_text_eq(word, HN_TEXT("0.0.0.0")) || hn_text_eq(word, HN_TEXT("127.0.0.1")) ||
            hn_text_eq(word, HN_TEXT("::1")) || hn_text_eq(word, HN_TEXT("::"));
}

static bool read_hosts(struct ioc_reading *reading, struct hn_text names)
{
    while ((names = hn_text_trim(names)).len > 0) {
        struct hn_text name = hn_text_sub(names, 0, first_space(names));

        names = hn_text_sub(names, name.len, names.len);
        if (hn_text_find_char(name, '.', 0) == SIZE_MAX || is_hosts_address(name))
            ioc_refuse(reading, IOC_REASON_CONTEXT, name); /* localhost */
        else if (!ioc_take(reading, IOC_DOMAIN, name))
            return false;
    }
    return true;
}

static bool has_extension(struct hn_text name)
{
    size_t dot = name.len;

    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    return dot > 0 && ioc_is_file_extension(hn_text_sub(name, dot, name.len));
}

/* A line of several words: hosts file, indicator with description, file name with spaces, or
 * defanged with spaces. */
static bool read_words(struct list_reader *list, struct hn_text line)
{
    struct ioc_reading *reading = list->reading;
    enum ioc_reason reason;
    struct hn_text text;
    struct hn_text word;

    hn_buf_reset(&list->plain);
    ioc_refang(&list->plain, line);
    if (!hn_buf_ok(&list->plain)) {
        reading->status = list->plain.status;
        return false;
    }
    text = hn_buf_text(&list->plain);
    word = hn_text_sub(text, 0, first_space(text));
    if (word.len < text.len && is_hosts_address(word))
        return read_hosts(reading, hn_text_sub(text, word.len, text.len));
    if (word.len < text.len && reading->about.comment.len == 0) {
        reading->about.comment = hn_text_trim(hn_text_sub(text, word.len, text.len));
        ioc_about_changed(reading);
    }
    if (!ioc_try(reading, IOC_TYPE_ANY, word, &reason))
        return false;
    if (reason == IOC_REASON_UNKNOWN && word.len < text.len && has_extension(text))
        return ioc_take(reading, IOC_FILENAME, text);
    if (reason != IOC_FINE)
        ioc_refuse(reading, reason, line);
    return true;
}

static bool read_line(struct list_reader *list, struct hn_text line)
{
    struct ioc_reading *reading = list->reading;
    struct hn_text comment;
    bool goes_on;

    line = hn_text_trim(line);
    if (line.len == 0) {
        list->after_reference = false;
        return true;
    }
    if (is_comment(line)) {
        read_comment(list, line);
        return true;
    }
    list->after_reference = false;
    list->any_entry = true;
    reading->report->entries++;
    if (line.len > reading->builder->options.limits.line_bytes_max) {
        ioc_refuse(reading, IOC_REASON_LENGTH, line);
        return true;
    }
    comment = split_comment(&line);
    if (comment.len > 0) {
        reading->about.comment = comment;
        ioc_about_changed(reading);
    }
    if (first_space(line) == line.len)
        goes_on = ioc_take(reading, IOC_TYPE_ANY, line);
    else
        goes_on = read_words(list, line);
    if (reading->about.comment.len > 0) {
        reading->about.comment = HN_TEXT("");
        ioc_about_changed(reading);
    }
    return goes_on;
}

enum hn_status ioc_list_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err)
{
    struct list_reader list = { .reading = reading };
    struct hn_text rest = hn_bytes_as_text(input->bytes);
    struct hn_text line;

    (void)err; /* a list as a whole cannot be wrong */
    reading->about.family = family_of(input->name);
    ioc_about_changed(reading);
    while (hn_text_line(&rest, &line)) {
        reading->line++;
        if (!read_line(&list, line))
            break;
    }
    hn_buf_deinit(&list.plain);
    return reading->status;
}

/* alert_check.h - what every written alert must be, whatever the log held: for tests and fuzzers.
 *
 * JSON lines and OCSF: one line, valid JSON, valid UTF-8, nothing that a terminal would obey. CSV:
 * one record of the header's columns, no cell that a spreadsheet would take for a formula. */
#ifndef HN_TESTS_ALERT_CHECK_H
#define HN_TESTS_ALERT_CHECK_H

#include "base/escape.h"
#include "base/utf.h"
#include "json_check.h"

#define ALERT_CSV_COLUMNS 15

static inline bool alert_check_shown(struct hn_text text)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len == 0 || hn_is_control(c))
            return false;
        pos += len;
    }
    return true;
}

static inline bool alert_check_json(struct hn_text line)
{
    struct hn_text json = hn_text_sub(line, 0, line.len - 1);

    return line.len > 2 && line.ptr[line.len - 1] == '\n' && json.ptr[0] == '{' &&
           alert_check_shown(json) && json_check_valid(json);
}

/* Cells that stay what they are, in Excel and Calc, also in full width. */
static inline bool alert_check_cell(struct hn_text cell)
{
    static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D",
        "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0" };

    for (size_t i = 0; i < HN_COUNT_OF(starts); i++) {
        if (hn_text_starts(cell, hn_text_cstr(starts[i])))
            return false;
    }
    for (size_t pos = 0; pos < cell.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(cell, pos, &c);

        if (len == 0 || (hn_is_control(c) && c != '\t' && c != '\r' && c != '\n'))
            return false;
        pos += len;
    }
    return true;
}

/* The cell at *at, by RFC 4180; *at is behind the comma or line end that follows it. */
static inline bool alert_check_next_cell(struct hn_text line, size_t *at, struct hn_text *ret_cell)
{
    size_t start = *at;
    size_t end = start;

    if (start < line.len && line.ptr[start] == '"') {
        for (end = start + 1; end < line.len; end++) {
            if (line.ptr[end] != '"')
                continue;
            if (end + 1 < line.len && line.ptr[end + 1] == '"')
                end++;
            else
                break;
        }
        if (end == line.len)
            return false;
        *ret_cell = hn_text_sub(line, start + 1, end - start - 1);
        end++;
    } else {
        while (end < line.len && line.ptr[end] != ',' && line.ptr[end] != '\r') {
            if (line.ptr[end] == '"' || line.ptr[end] == '\n')
                return false;
            end++;
        }
        *ret_cell = hn_text_sub(line, start, end - start);
    }
    if (end < line.len && line.ptr[end] == ',')
        *at = end + 1;
    else if (hn_text_eq(hn_text_sub(line, end, line.len), HN_TEXT("\r\n")))
        *at = line.len;
    else
        return false;
    return true;
}

static inline bool alert_check_csv(struct hn_text line)
{
    size_t columns = 0;
    size_t at = 0;

    while (at < line.len) {
        struct hn_text cell;

        if (!alert_check_next_cell(line, &at, &cell) || !alert_check_cell(cell))
            return false;
        columns++;
    }
    return columns == ALERT_CSV_COLUMNS;
}

#endif

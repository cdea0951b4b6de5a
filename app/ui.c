/* ui.c - language, colours and messages. */
#include "app/ui.h"

#include "base/escape.h"
#include "base/utf.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct ui ui; /* NOLINT(bugprone-dynamic-static-initializers) */

static bool wants_japanese(const char *lang)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

    if (lang != NULL)
        return strcmp(lang, "ja") == 0;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0')
            return strncmp(value, "ja", 2) == 0;
    }
    return false;
}

static unsigned terminal_width(int fd)
{
    struct winsize size;

    if (!isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
        return 80;
    return size.ws_col;
}

void ui_init(const char *lang)
{
    ui.japanese = wants_japanese(lang);
    ui.width = terminal_width(STDOUT_FILENO);
    ui.err_width = terminal_width(STDERR_FILENO);
    ui.progress = isatty(STDERR_FILENO) != 0;
    ui_set_color(NULL);
}

void ui_set_color(const char *when)
{
    const char *no_color = getenv("NO_COLOR");
    bool allowed = no_color == NULL || no_color[0] == '\0';

    if (when != NULL && strcmp(when, "auto") != 0) {
        ui.color_out = ui.color_err = strcmp(when, "yes") == 0;
        return;
    }
    ui.color_out = allowed && isatty(STDOUT_FILENO) != 0;
    ui.color_err = allowed && isatty(STDERR_FILENO) != 0;
}

const char *ui_style(enum ui_style style, bool color)
{
    static const char *const sequences[] = { "\033[0m", "\033[1m", "\033[2m", "\033[31m",
        "\033[33m", "\033[32m", "\033[34m", "\033[35m" };

    return color ? sequences[style] : "";
}

enum ui_style ui_level_style(enum sigma_level level)
{
    switch (level) {
    case SIGMA_LEVEL_CRITICAL:
        return UI_MAGENTA;
    case SIGMA_LEVEL_HIGH:
        return UI_RED;
    case SIGMA_LEVEL_MEDIUM:
        return UI_YELLOW;
    case SIGMA_LEVEL_LOW:
        return UI_GREEN;
    case SIGMA_LEVEL_NONE:
    case SIGMA_LEVEL_INFORMATIONAL:
        break;
    }
    return UI_DIM;
}

const char *ui_level_name(enum sigma_level level)
{
    switch (level) {
    case SIGMA_LEVEL_CRITICAL:
        return UI_TEXT("critical", "緊急");
    case SIGMA_LEVEL_HIGH:
        return UI_TEXT("high", "高");
    case SIGMA_LEVEL_MEDIUM:
        return UI_TEXT("medium", "中");
    case SIGMA_LEVEL_LOW:
        return UI_TEXT("low", "低");
    case SIGMA_LEVEL_INFORMATIONAL:
        return UI_TEXT("info", "情報");
    case SIGMA_LEVEL_NONE:
        break;
    }
    return "-";
}

HN_PRINTF(3, 0)
static void message(const char *prefix, enum ui_style style, const char *fmt, va_list args)
{
    char text[1024];

    (void)vsnprintf(text, sizeof text, fmt, args);
    (void)fprintf(stderr, "%s%shinomi: %s%s%s\n", ui.progress ? "\r\033[K" : "",
            ui_style(style, ui.color_err), prefix, ui_style(UI_PLAIN, ui.color_err), text);
}

void ui_error(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    message(UI_TEXT("error: ", "エラー: "), UI_RED, fmt, args);
    va_end(args);
}

void ui_warn(const char *fmt, ...)
{
    va_list args;

    if (ui.quiet)
        return;
    va_start(args, fmt);
    message(UI_TEXT("warning: ", "警告: "), UI_YELLOW, fmt, args);
    va_end(args);
}

void ui_error_at(struct hn_text what, const struct hn_err *err)
{
    struct hn_buf line = { 0 };

    hn_terminal_text(&line, what);
    if (err->line > 0)
        hn_buf_addf(&line, ":%u", (unsigned)err->line);
    if (err->column > 0)
        hn_buf_addf(&line, ":%u", (unsigned)err->column);
    if (line.len > 0)
        hn_buf_add_lit(&line, ": ");
    hn_terminal_text(
            &line, hn_text_cstr(err->msg[0] != '\0' ? err->msg : hn_status_text(err->status)));
    hn_buf_add_char(&line, '\0');
    ui_error("%s", hn_buf_ok(&line) ? line.ptr : "out of memory");
    hn_buf_deinit(&line);
}

/* ---- Cells ---- */

/* Bytes of text that fit into columns, whole code points. */
static size_t fitting(struct hn_text text, size_t columns, size_t *ret_used)
{
    size_t used = 0;
    size_t pos = 0;

    while (pos < text.len) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &c);
        size_t width = hn_utf8_code_point_columns(c);

        if (used + width > columns)
            break;
        used += width;
        pos += len == 0 ? 1 : len;
    }
    *ret_used = used;
    return pos;
}

void ui_add_cell(struct hn_buf *out, struct hn_text text, size_t columns)
{
    struct hn_buf safe = { 0 };
    size_t used;
    size_t len;

    hn_terminal_text(&safe, text);
    if (columns == 0 || hn_utf8_columns(hn_buf_text(&safe)) <= columns) {
        hn_buf_add_text(out, hn_buf_text(&safe));
        if (columns > 0)
            hn_buf_add_repeat(out, ' ', columns - hn_utf8_columns(hn_buf_text(&safe)));
    } else {
        len = fitting(hn_buf_text(&safe), columns - 1, &used);
        hn_buf_add(out, safe.ptr, len);
        hn_buf_add_lit(out, "…");
        hn_buf_add_repeat(out, ' ', columns - 1 - used);
    }
    hn_buf_deinit(&safe);
}

void ui_add_cell_middle(struct hn_buf *out, struct hn_text text, size_t columns)
{
    struct hn_buf safe = { 0 };
    size_t head_used;
    size_t head;
    size_t tail;

    hn_terminal_text(&safe, text);
    if (columns == 0 || hn_utf8_columns(hn_buf_text(&safe)) <= columns) {
        hn_buf_deinit(&safe);
        ui_add_cell(out, text, columns);
        return;
    }
    head = fitting(hn_buf_text(&safe), columns / 2, &head_used);
    tail = safe.len;
    while (tail > head && hn_utf8_columns(hn_text_sub(hn_buf_text(&safe), tail - 1, safe.len)) <=
                                  columns - head_used - 1)
        tail--;
    while (tail < safe.len && ((unsigned char)safe.ptr[tail] & 0xC0) == 0x80)
        tail++;
    hn_buf_add(out, safe.ptr, head);
    hn_buf_add_lit(out, "…");
    hn_buf_add(out, safe.ptr + tail, safe.len - tail);
    hn_buf_deinit(&safe);
}

void ui_add_count(struct hn_buf *out, uint64_t count)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            hn_buf_add_char(out, ',');
        hn_buf_add_char(out, digits[i]);
    }
}

void ui_add_bytes(struct hn_buf *out, uint64_t bytes)
{
    static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1000 && unit + 1 < HN_COUNT_OF(units)) {
        value /= 1000;
        unit++;
    }
    hn_buf_addf(out, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

bool ui_write(FILE *file, struct hn_text text)
{
    return (text.len == 0 || fwrite(text.ptr, 1, text.len, file) == text.len) && fflush(file) == 0;
}

/* batch_expand.c - variables, and the three ways in which they are put in: %x%, %%i, !x!. */
#include "batch/batch_internal.h"

#include "base/utf.h"

#include <ctype.h>

static void fail(struct bt *bt)
{
    if (bt->run->stop == SCRIPT_STOP_NONE)
        bt->run->stop = hn_arena_status(&bt->run->arena) == HN_LIMIT ? SCRIPT_STOP_BYTES
                                                                     : SCRIPT_STOP_MEMORY;
}

struct bt_text bt_copy(struct bt *bt, struct hn_text text, bool unknown)
{
    struct hn_text copy = { "", 0 };

    if (text.len > 0)
        copy = hn_arena_text(&bt->run->arena, text);
    if (copy.ptr == NULL) {
        fail(bt);
        copy = HN_TEXT("");
    }
    return (struct bt_text){ copy, unknown };
}

static struct bt_var *var_of(struct bt *bt, struct hn_text name, bool make)
{
    char lower[256];
    struct hn_text key;
    uint32_t index;
    struct bt_var *var;

    name = hn_text_sub(name, 0, sizeof lower);
    hn_lower_ascii(name, lower);
    key = hn_text_of(lower, name.len);
    index = hn_map_find(&bt->names, key);
    if (index != HN_MAP_NONE)
        return &bt->vars.ptr[index];
    if (!make)
        return NULL;
    key = bt_copy(bt, key, false).text;
    var = hn_vec_add(&bt->vars);
    if (var == NULL || !hn_map_put(&bt->names, key, (uint32_t)bt->vars.count - 1, &index)) {
        fail(bt);
        return NULL;
    }
    var->name = key;
    return var;
}

void bt_set(struct bt *bt, struct hn_text name, struct bt_text value)
{
    struct bt_var *var = var_of(bt, name, true);

    if (var == NULL)
        return;
    var->value = bt_copy(bt, value.text, value.unknown);
    var->set = true;
}

/* What changes by itself. */
static bool is_dynamic(struct hn_text name)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("random"), HN_TEXT_INIT("time"),
        HN_TEXT_INIT("date"), HN_TEXT_INIT("cd"), HN_TEXT_INIT("errorlevel"),
        HN_TEXT_INIT("cmdcmdline"), HN_TEXT_INIT("path") };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hn_text_eq_nocase(name, names[i]))
            return true;
    return false;
}

struct bt_text bt_get(struct bt *bt, struct hn_text name, bool *ret_defined)
{
    const struct bt_var *var = var_of(bt, name, false);
    const char *value;
    char room[300];
    struct hn_buf unknown = hn_buf_over(room, sizeof room);

    *ret_defined = true;
    if (var != NULL && var->set) {
        *ret_defined = var->value.text.len > 0;
        return var->value;
    }
    if (script_environment(name, &value) && value != NULL)
        return (struct bt_text){ hn_text_cstr(value), false };
    if (!is_dynamic(name) && !script_environment(name, &value)) {
        *ret_defined = false;
        return (struct bt_text){ HN_TEXT(""), false };
    }
    hn_buf_add_char(&unknown, '{');
    hn_buf_add_text(&unknown, hn_text_sub(name, 0, 200));
    hn_buf_add_char(&unknown, '}');
    return bt_copy(bt, hn_buf_text(&unknown), true);
}

/* ---- Parts: :~start,length and :old=new ---- */

static int64_t number_of(struct hn_text *rest, bool *ret_given)
{
    bool negative = rest->len > 0 && rest->ptr[0] == '-';
    int64_t number = 0;
    size_t i = negative ? 1 : 0;

    *ret_given = false;
    for (; i < rest->len && isdigit((unsigned char)rest->ptr[i]) && number < 1000000; i++) {
        number = number * 10 + (rest->ptr[i] - '0');
        *ret_given = true;
    }
    *rest = hn_text_sub(*rest, i, SIZE_MAX);
    return negative ? -number : number;
}

static struct hn_text part_of(struct hn_text value, struct hn_text spec)
{
    bool given;
    int64_t len = (int64_t)value.len;
    int64_t start = number_of(&spec, &given);
    int64_t count = len;

    if (start < 0)
        start = start + len < 0 ? 0 : start + len;
    if (start > len)
        start = len;
    if (spec.len > 0 && spec.ptr[0] == ',') {
        spec = hn_text_sub(spec, 1, SIZE_MAX);
        count = number_of(&spec, &given);
        if (!given)
            count = len;
        if (count < 0)
            count = len - start + count < 0 ? 0 : len - start + count;
    }
    return hn_text_sub(value, (size_t)start, (size_t)count);
}

/* %x:old=new%, where *old takes all in front of it as well. */
static void replace(struct bt *bt, struct hn_buf *out, struct hn_text value, struct hn_text spec)
{
    size_t equals = hn_text_find_char(spec, '=', 1);
    struct hn_text old = hn_text_sub(spec, 0, equals);
    struct hn_text new = hn_text_sub(spec, equals == SIZE_MAX ? spec.len : equals + 1, SIZE_MAX);
    bool head = old.len > 1 && old.ptr[0] == '*';
    size_t at = 0;

    if (head)
        old = hn_text_sub(old, 1, SIZE_MAX);
    while (old.len > 0 && script_spend(bt->run, 1)) {
        size_t found = hn_text_find_nocase(value, old, at);

        if (found == SIZE_MAX)
            break;
        if (!head)
            hn_buf_add_text(out, hn_text_sub(value, at, found - at));
        hn_buf_add_text(out, new);
        at = found + old.len;
        if (head)
            break;
    }
    hn_buf_add_text(out, hn_text_sub(value, at, SIZE_MAX));
}

/* The content between two signs: name or name:spec. False: there is no such variable. */
static bool add_variable(struct bt *bt, struct hn_buf *out, struct hn_text content, bool *unknown)
{
    size_t colon = hn_text_find_char(content, ':', 0);
    struct hn_text name = hn_text_sub(content, 0, colon);
    struct hn_text spec =
            hn_text_sub(content, colon == SIZE_MAX ? content.len : colon + 1, SIZE_MAX);
    bool defined;
    struct bt_text value = bt_get(bt, name, &defined);

    if (!defined)
        return false;
    *unknown |= value.unknown;
    if (spec.len > 1 && !value.unknown)
        bt_note(bt, SCRIPT_NOTE_OBFUSCATION, spec.ptr[0] == '~' ? "substring" : "substitution");
    if (spec.len == 0 || value.unknown)
        hn_buf_add_text(out, value.text);
    else if (spec.ptr[0] == '~')
        hn_buf_add_text(out, part_of(value.text, hn_text_sub(spec, 1, SIZE_MAX)));
    else
        replace(bt, out, value.text, spec);
    return true;
}

/* ---- Arguments: %1, %~dpnx1, %* ---- */

static struct hn_text file_part(struct hn_text path, struct hn_text modifiers)
{
    size_t slash = path.len;
    size_t dot;
    bool name = hn_text_find_char(modifiers, 'n', 0) != SIZE_MAX;
    bool extension = hn_text_find_char(modifiers, 'x', 0) != SIZE_MAX;

    while (slash > 0 && path.ptr[slash - 1] != '\\' && path.ptr[slash - 1] != '/')
        slash--;
    dot = path.len;
    while (dot > slash && path.ptr[dot - 1] != '.')
        dot--;
    if (dot == slash)
        dot = path.len + 1;
    if (name && extension)
        return hn_text_sub(path, slash, SIZE_MAX);
    if (name)
        return hn_text_sub(path, slash, dot - 1 - slash);
    return extension ? hn_text_sub(path, dot - 1, SIZE_MAX) : path;
}

static void add_modified(struct hn_buf *out, struct bt_text value, struct hn_text modifiers,
        bool tilde, bool *unknown)
{
    struct hn_text text = tilde ? bt_unquote(value.text) : value.text;

    *unknown |= value.unknown;
    if (hn_text_find_char(modifiers, 'd', 0) != SIZE_MAX ||
            hn_text_find_char(modifiers, 'p', 0) != SIZE_MAX) {
        hn_buf_add_lit(out, "{folder}\\");
        *unknown = true;
        if (hn_text_find_char(modifiers, 'n', 0) == SIZE_MAX)
            return;
    } else if (hn_text_find_char(modifiers, 'f', 0) != SIZE_MAX &&
               hn_text_find_char(text, '\\', 0) == SIZE_MAX) {
        hn_buf_add_lit(out, "{folder}\\");
        *unknown = true;
    }
    hn_buf_add_text(out, file_part(text, modifiers));
}

/* %1, %~1, %~nx1, %*; the bytes taken, 0: none. */
static size_t add_argument(struct bt *bt, struct hn_buf *out, struct hn_text rest, bool *unknown)
{
    size_t i = 1;
    bool tilde = rest.len > 2 && rest.ptr[1] == '~';

    if (rest.len > 1 && rest.ptr[1] == '*') {
        for (size_t k = 1; k < 10; k++) {
            if (k > 1 && bt->args[k].text.len > 0)
                hn_buf_add_char(out, ' ');
            hn_buf_add_text(out, bt->args[k].text);
            *unknown |= bt->args[k].unknown;
        }
        return 2;
    }
    if (tilde)
        for (i = 2; i < rest.len && isalpha((unsigned char)rest.ptr[i]); i++)
            continue;
    if (i >= rest.len || !isdigit((unsigned char)rest.ptr[i]))
        return 0;
    add_modified(out, bt->args[rest.ptr[i] - '0'], hn_text_sub(rest, 2, tilde ? i - 2 : 0), tilde,
            unknown);
    return i + 1;
}

struct bt_text bt_expand_percent(struct bt *bt, struct hn_text line)
{
    struct hn_buf out = { 0 };
    bool unknown = false;
    struct bt_text made;

    hn_buf_init(&out, BT_LINE_MAX);
    for (size_t i = 0; i < line.len && script_spend(bt->run, (i & 31) == 0);) {
        size_t end;
        size_t taken;

        if (line.ptr[i] != '%') {
            hn_buf_add_char(&out, line.ptr[i++]);
            continue;
        }
        if (i + 1 < line.len && line.ptr[i + 1] == '%' && !bt->interactive) {
            hn_buf_add_char(&out, '%');
            i += 2;
            continue;
        }
        taken = bt->interactive ? 0
                                : add_argument(bt, &out, hn_text_sub(line, i, SIZE_MAX), &unknown);
        if (taken > 0) {
            i += taken;
            continue;
        }
        end = hn_text_find_char(line, '%', i + 1);
        if (end == SIZE_MAX || end == i + 1 ||
                !add_variable(bt, &out, hn_text_sub(line, i + 1, end - i - 1), &unknown)) {
            if (bt->interactive || end == SIZE_MAX) {
                if (bt->interactive)
                    hn_buf_add_char(&out, '%');
                i++;
                continue;
            }
        }
        i = end + 1;
    }
    if (!hn_buf_ok(&out))
        bt_note(bt, SCRIPT_NOTE_LIMIT, "length of a line");
    made = bt_copy(bt, hn_buf_text(&out), unknown);
    hn_buf_deinit(&out);
    return made;
}

/* %i and %~nxi of a For; the bytes taken, 0: none. */
static size_t add_for(struct bt *bt, struct hn_buf *out, struct hn_text rest, bool *unknown)
{
    size_t i = 1;
    bool tilde = rest.len > 2 && rest.ptr[1] == '~';

    if (tilde) {
        /* The letter furthest away is the variable, those in front of it say which part. */
        i = 2;
        while (i + 1 < rest.len && isalpha((unsigned char)rest.ptr[i]) &&
                isalpha((unsigned char)rest.ptr[i + 1]) && strchr("fdpnxsatz", rest.ptr[i]) != NULL)
            i++;
    }
    if (i >= rest.len || (unsigned char)rest.ptr[i] >= 128 ||
            bt->for_vars[(unsigned char)rest.ptr[i]] == NULL)
        return 0;
    add_modified(out, *bt->for_vars[(unsigned char)rest.ptr[i]],
            hn_text_sub(rest, 2, tilde ? i - 2 : 0), tilde, unknown);
    return i + 1;
}

struct bt_text bt_expand_late(struct bt *bt, struct bt_text text)
{
    struct hn_buf out = { 0 };
    struct hn_text line = text.text;
    bool unknown = text.unknown;
    struct bt_text made;

    if (hn_text_find_char(line, '%', 0) == SIZE_MAX && hn_text_find_char(line, '!', 0) == SIZE_MAX)
        return text;
    hn_buf_init(&out, BT_LINE_MAX);
    for (size_t i = 0; i < line.len && script_spend(bt->run, (i & 31) == 0);) {
        size_t taken = 0;
        size_t end = SIZE_MAX;

        if (line.ptr[i] == '%')
            taken = add_for(bt, &out, hn_text_sub(line, i, SIZE_MAX), &unknown);
        if (line.ptr[i] == '!' && bt->delayed) {
            end = hn_text_find_char(line, '!', i + 1);
            if (end != SIZE_MAX) { /* for variables may stand within: !x:~%i,1! */
                struct bt_text inner = bt_expand_late(
                        bt, (struct bt_text){ hn_text_sub(line, i + 1, end - i - 1), false });

                (void)add_variable(bt, &out, inner.text, &unknown);
            }
            taken = end != SIZE_MAX ? end + 1 - i : 1;
        }
        if (taken == 0) {
            hn_buf_add_char(&out, line.ptr[i]);
            taken = 1;
        }
        i += taken;
    }
    if (!hn_buf_ok(&out))
        bt_note(bt, SCRIPT_NOTE_LIMIT, "length of a line");
    made = bt_copy(bt, hn_buf_text(&out), unknown);
    hn_buf_deinit(&out);
    return made;
}

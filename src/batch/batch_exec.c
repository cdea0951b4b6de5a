/* batch_exec.c - one evaluation: lines in order, both ways of what cannot be known, files that are
 * written by redirections. */
#include "batch/batch_internal.h"

#include "base/num.h"

void bt_note(struct bt *bt, enum script_note_kind kind, const char *text)
{
    uint32_t already;

    if (hn_map_find(&bt->noted, hn_text_cstr(text)) != HN_MAP_NONE ||
            !hn_map_put(&bt->noted, hn_text_cstr(text), 1, &already))
        return;
    script_tell_note(bt->run, kind, bt->offset, hn_text_cstr(text));
}

bool bt_too_deep(struct bt *bt)
{
    if (bt->depth < BATCH_DEPTH_MAX)
        return false;
    bt_note(bt, SCRIPT_NOTE_LIMIT, "depth");
    return true;
}

bool bt_too_many_jumps(struct bt *bt)
{
    if (bt->jumps++ <= BT_JUMPS_MAX)
        return false;
    bt_note(bt, SCRIPT_NOTE_LIMIT, "jumps");
    return true;
}

/* Words are parted by spaces, commas, semicolons and equals signs; quotes hold one together. */
struct hn_text bt_word(struct hn_text *rest)
{
    size_t start = 0;
    size_t end;
    bool quoted = false;
    struct hn_text word;

    while (start < rest->len && strchr(" \t,;=\n\r", rest->ptr[start]) != NULL)
        start++;
    for (end = start; end < rest->len; end++) {
        quoted ^= rest->ptr[end] == '"';
        if (!quoted && strchr(" \t,;=\n\r", rest->ptr[end]) != NULL)
            break;
    }
    word = hn_text_sub(*rest, start, end - start);
    *rest = hn_text_sub(*rest, end, SIZE_MAX);
    return word;
}

struct hn_text bt_unquote(struct hn_text text)
{
    text = hn_text_trim(text);
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
        return hn_text_sub(text, 1, text.len - 2);
    return text.len > 0 && text.ptr[0] == '"' ? hn_text_sub(text, 1, SIZE_MAX) : text;
}

/* ---- Files ---- */

const struct script_text *bt_told(struct bt *bt, struct bt_text text)
{
    const struct script_text *made = script_text_new(bt->run, text.text,
            script_origin_new(bt->run, "expand", bt->offset, HN_TEXT(""), NULL, NULL));
    struct script_text *marked;

    if (made == NULL || !text.unknown)
        return made;
    marked = hn_new(&bt->run->arena, struct script_text, 1);
    if (marked == NULL)
        return made;
    *marked = *made;
    marked->unknown = true;
    return marked;
}

static struct bt_file *file_of(const struct bt *bt, struct hn_text name)
{
    struct bt_file *at = bt->files;

    while (at != NULL && !hn_text_eq_nocase(at->name, name))
        at = at->next;
    return at;
}

bool bt_read(struct bt *bt, struct hn_text name, struct bt_text *ret_text)
{
    const struct bt_file *file;

    name = bt_unquote(name);
    file = file_of(bt, name);
    if (file != NULL && file->content != NULL) {
        *ret_text = (struct bt_text){ script_text_flat(bt->run, file->content),
            file->content->unknown };
        return ret_text->text.ptr != NULL;
    }
    ret_text->unknown = false;
    return script_file(bt->source, name, &ret_text->text) &&
           script_spend(bt->run, 1 + ret_text->text.len / 64);
}

void bt_write(struct bt *bt, struct bt_text name, struct bt_text content, bool append)
{
    struct hn_text file = bt_unquote(name.text);
    struct bt_file *at;
    const struct script_text *more = bt_told(bt, content);

    if (file.len == 0 || hn_text_eq_nocase(file, HN_TEXT("nul")) ||
            hn_text_eq_nocase(file, HN_TEXT("con")))
        return;
    at = file_of(bt, file);
    if (at == NULL) {
        at = hn_new(&bt->run->arena, struct bt_file, 1);
        if (at == NULL)
            return;
        at->name = bt_copy(bt, file, false).text;
        at->next = bt->files;
        bt->files = at;
    }
    at->content =
            at->content != NULL && append ? script_text_join(bt->run, at->content, more) : more;
}

struct hn_text bt_last_part(struct hn_text path)
{
    size_t slash = path.len;

    while (slash > 0 && path.ptr[slash - 1] != '\\' && path.ptr[slash - 1] != '/')
        slash--;
    return hn_text_sub(path, slash, SIZE_MAX);
}

void bt_write_program(struct bt *bt, struct bt_text name, struct hn_text program)
{
    struct bt_file *file = hn_new(&bt->run->arena, struct bt_file, 1);

    if (file == NULL)
        return;
    file->name = bt_copy(bt, bt_last_part(bt_unquote(name.text)), false).text;
    file->program = bt_copy(bt, program, false).text;
    file->next = bt->files;
    bt->files = file;
}

struct hn_text bt_program_copied(const struct bt *bt, struct hn_text name)
{
    name = bt_last_part(name);
    for (const struct bt_file *file = bt->files; file != NULL; file = file->next) {
        struct hn_text known = file->name;

        if (file->program.len == 0)
            continue;
        if (hn_text_eq_nocase(known, name) ||
                (hn_text_ends_nocase(known, HN_TEXT(".exe")) &&
                        hn_text_eq_nocase(hn_text_sub(known, 0, known.len - 4), name)))
            return file->program;
    }
    return HN_TEXT("");
}

static void tell_variables(struct bt *bt)
{
    for (size_t i = 0; bt->hosts && i < bt->vars.count; i++) {
        const struct bt_var *var = &bt->vars.ptr[i];

        if (var->set)
            script_tell_variable(bt->run, var->name, bt_told(bt, var->value));
    }
}

static void tell_files(struct bt *bt)
{
    for (const struct bt_file *file = bt->files; file != NULL; file = file->next) {
        struct script_act act =
                script_act(bt->run, SCRIPT_ACT_FILE_WRITE, SCRIPT_NOWHERE, "redirection");
        struct script_layer layer = { .language = script_language_of_file(file->name),
            .text = file->content,
            .how = "redirection",
            .name = file->name,
            .offset = SCRIPT_NOWHERE };

        if (file->program.len > 0)
            continue; /* told when it was copied */
        script_act_add(&act, "TargetFilename", script_text_new(bt->run, file->name, NULL));
        script_tell(bt->run, &act);
        script_tell_layer(bt->run, &layer);
    }
}

/* ---- If ---- */

enum truth { NO, YES, MAYBE };

static enum truth compare_numbers(const char *op, int64_t a, int64_t b)
{
    if (op[0] == 'E' || op[0] == '=')
        return a == b ? YES : NO;
    if (op[0] == 'N')
        return a != b ? YES : NO;
    if (op[0] == 'L')
        return a < b || (op[1] == 'E' && a == b) ? YES : NO;
    return a > b || (op[1] == 'E' && a == b) ? YES : NO;
}

static enum truth compare(const struct bt_node *node, struct bt_text a, struct bt_text b)
{
    int64_t x;
    int64_t y;
    int order;

    if (a.unknown || b.unknown)
        return MAYBE;
    if (node->op[0] != '=' && hn_parse_i64(a.text, &x) && hn_parse_i64(b.text, &y))
        return compare_numbers(node->op, x, y);
    if (node->fold || node->op[0] != '=')
        order = hn_text_eq_nocase(a.text, b.text) ? 0 : hn_text_cmp(a.text, b.text);
    else
        order = hn_text_cmp(a.text, b.text);
    return compare_numbers(node->op, order, 0);
}

static enum truth condition(struct bt *bt, const struct bt_node *node)
{
    struct bt_text text = bt_expand_late(bt, node->text);
    bool defined;
    enum truth truth = MAYBE;

    if (node->mode == 'd') {
        (void)bt_get(bt, text.text, &defined);
        truth = defined ? YES : NO;
    } else if (node->mode == 'c') {
        truth = compare(node, text, bt_expand_late(bt, node->other));
    }
    if (truth == MAYBE || !node->negate)
        return truth;
    return truth == YES ? NO : YES;
}

/* A label that an undecided branch goes to is visited at the end, unless it was before. */
static void defer(struct bt *bt)
{
    if (bt->deferred_count < BT_DEFERRED_MAX && !hn_text_eq_nocase(bt->target, HN_TEXT(":eof")))
        bt->deferred[bt->deferred_count++] = bt->target;
}

static enum bt_flow exec_if(struct bt *bt, const struct bt_node *node)
{
    enum truth truth = condition(bt, node);
    bool conditional = bt->run->conditional;
    enum bt_flow first;
    enum bt_flow second = BT_NEXT;

    if (truth != MAYBE)
        return bt_exec(bt, truth == YES ? node->left : node->right);
    bt_note(bt, SCRIPT_NOTE_BOTH, "unknown condition");
    bt->run->conditional = true;
    bt->undecided++;
    first = bt_exec(bt, node->left);
    if (first == BT_GOTO)
        defer(bt);
    if (node->right != NULL)
        second = bt_exec(bt, node->right);
    if (second == BT_GOTO && first == BT_NEXT)
        defer(bt);
    bt->undecided--;
    bt->run->conditional = conditional;
    return first != BT_NEXT && second != BT_NEXT ? second : BT_NEXT;
}

/* ---- Commands ---- */

/* left | right: what echo writes on the left is the input of the right. */
static enum bt_flow exec_pipe(struct bt *bt, const struct bt_node *node)
{
    struct bt_out out = { .outer = bt->out };
    struct bt_text outer = bt->input;
    enum bt_flow flow;

    hn_buf_init(&out.buf, BT_LINE_MAX);
    bt->out = &out;
    (void)bt_exec(bt, node->left);
    bt->out = out.outer;
    bt->input = bt_copy(bt, hn_buf_text(&out.buf), out.unknown);
    hn_buf_deinit(&out.buf);
    flow = bt_exec(bt, node->right);
    bt->input = outer;
    return flow;
}

static enum bt_flow exec_plain(struct bt *bt, const struct bt_node *node)
{
    return node->kind == BT_SIMPLE ? bt_command(bt, bt_expand_late(bt, node->text))
                                   : bt_exec(bt, node->left);
}

static enum bt_flow exec_into_file(struct bt *bt, const struct bt_node *node)
{
    struct bt_out out = { .outer = bt->out };
    enum bt_flow flow;

    hn_buf_init(&out.buf, bt->run->limits.text_bytes_max);
    bt->out = &out;
    flow = exec_plain(bt, node);
    bt->out = out.outer;
    bt_write(bt, bt_expand_late(bt, node->file), bt_copy(bt, hn_buf_text(&out.buf), out.unknown),
            node->append);
    hn_buf_deinit(&out.buf);
    return flow;
}

/* left && right, left || right: both are carried out; whether the right is, a program on the left
 * decides, so that what leaves the script there may not. */
static enum bt_flow exec_either(struct bt *bt, const struct bt_node *node)
{
    enum bt_flow flow = bt_exec(bt, node->left);
    const struct bt_node *left = node->left;

    if (flow != BT_NEXT)
        return flow;
    while (left != NULL && left->kind == BT_AND)
        left = left->right;
    if (node->kind == BT_AND && left != NULL && left->kind == BT_SIMPLE &&
            bt_is_builtin(left->text.text))
        return bt_exec(bt, node->right);
    bt->undecided++;
    flow = bt_exec(bt, node->right);
    bt->undecided--;
    if (flow == BT_GOTO)
        defer(bt);
    return flow == BT_EXIT ? flow : BT_NEXT;
}

static enum bt_flow exec_kind(struct bt *bt, const struct bt_node *node)
{
    enum bt_flow flow = BT_NEXT;

    switch (node->kind) {
    case BT_SIMPLE:
    case BT_BLOCK:
        return node->file.text.len > 0 ? exec_into_file(bt, node) : exec_plain(bt, node);
    case BT_SEQUENCE:
        for (; node != NULL && flow == BT_NEXT && script_goes_on(bt->run); node = node->right)
            flow = bt_exec(bt, node->left);
        return flow;
    case BT_AND:
    case BT_OR:
        return exec_either(bt, node);
    case BT_PIPE:
        return exec_pipe(bt, node);
    case BT_IF:
        return exec_if(bt, node);
    case BT_FOR:
        return bt_exec_for(bt, node);
    }
    return flow;
}

enum bt_flow bt_exec(struct bt *bt, const struct bt_node *node)
{
    enum bt_flow flow;

    if (node == NULL || bt_too_deep(bt) || !script_spend(bt->run, 1))
        return BT_NEXT;
    bt->depth++;
    flow = exec_kind(bt, node);
    bt->depth--;
    return flow;
}

/* ---- Lines ---- */

static struct hn_text label_of(struct hn_text line)
{
    line = hn_text_trim(line);
    if (line.len < 2 || line.ptr[0] != ':' || line.ptr[1] == ':')
        return HN_TEXT("");
    line = hn_text_trim(hn_text_sub(line, 1, SIZE_MAX));
    for (size_t i = 0; i < line.len; i++)
        if (strchr(" \t:&|<>", line.ptr[i]) != NULL)
            return hn_text_sub(line, 0, i);
    return line;
}

bool bt_label_find(struct bt *bt, struct hn_text name, size_t *ret_pos)
{
    struct hn_text rest = bt->script;
    struct hn_text line;

    name = hn_text_trim(name);
    if (name.len > 0 && name.ptr[0] == ':')
        name = hn_text_sub(name, 1, SIZE_MAX);
    while (name.len > 0 && hn_text_line(&rest, &line) && script_spend(bt->run, 1)) {
        if (!hn_text_eq_nocase(label_of(line), name))
            continue;
        *ret_pos = bt->script.len - rest.len;
        return true;
    }
    return false;
}

static void mark(struct bt *bt, struct hn_text name)
{
    uint32_t already;

    /* Without memory the label is visited again, within the steps there are. */
    if (!hn_map_put(&bt->visited, bt_copy(bt, name, false).text, 1, &already))
        bt->run->stop = SCRIPT_STOP_MEMORY;
}

enum bt_flow bt_run(struct bt *bt, size_t from)
{
    bt->pos = from;
    while (bt->pos < bt->script.len && script_spend(bt->run, 1)) {
        size_t start = bt->pos;
        struct hn_text rest = hn_text_sub(bt->script, start, SIZE_MAX);
        struct hn_text line;
        struct bt_node *node;
        enum bt_flow flow;

        if (hn_text_line(&rest, &line) && label_of(line).len > 0)
            mark(bt, label_of(line));
        node = bt_parse_next(bt);
        if (bt->pos == start)
            return BT_NEXT;
        flow = node != NULL ? bt_exec(bt, node) : BT_NEXT;
        if (flow == BT_EXIT)
            return flow;
        if (flow == BT_GOTO) {
            if (bt_too_many_jumps(bt) || hn_text_eq_nocase(bt->target, HN_TEXT(":eof")) ||
                    !bt_label_find(bt, bt->target, &bt->pos))
                return BT_NEXT;
            mark(bt, bt->target);
        }
    }
    return BT_NEXT;
}

void bt_run_text(struct bt *bt, struct bt_text text, bool interactive)
{
    struct hn_text script = bt->script;
    size_t pos = bt->pos;
    bool outer = bt->interactive;
    uint64_t offset = bt->offset;

    if (bt_too_deep(bt))
        return;
    bt->depth++;
    bt->script = text.text;
    bt->interactive = interactive;
    (void)bt_run(bt, 0);
    bt->script = script;
    bt->pos = pos;
    bt->interactive = outer;
    bt->offset = offset;
    bt->depth--;
}

static void run_deferred(struct bt *bt)
{
    bt->run->conditional = true;
    for (uint32_t i = 0; i < bt->deferred_count && script_goes_on(bt->run); i++) {
        size_t pos;

        if (hn_map_find(&bt->visited, bt->deferred[i]) != HN_MAP_NONE ||
                !bt_label_find(bt, bt->deferred[i], &pos))
            continue;
        mark(bt, bt->deferred[i]);
        (void)bt_run(bt, pos);
    }
    bt->run->conditional = false;
}

enum hn_status batch_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct bt *bt = hn_new(&run->arena, struct bt, 1);

    if (bt == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the evaluator");
    bt->run = run;
    bt->source = source;
    bt->interactive = source->language == SCRIPT_COMMAND;
    bt->args[0] = (struct bt_text){
        source->file_name.len > 0 ? source->file_name : HN_TEXT(BATCH_NO_NAME), false
    };
    for (size_t i = 1; i < 10; i++)
        bt->args[i] = (struct bt_text){ HN_TEXT(""), false };
    for (size_t i = 0; i < source->part_count && script_goes_on(run); i++) {
        bt->script = source->parts[i].text;
        if (hn_text_starts(bt->script, HN_TEXT("\xEF\xBB\xBF")))
            bt->script = hn_text_sub(bt->script, 3, SIZE_MAX);
        if (bt_run_cmd(bt, bt->script))
            continue;
        (void)bt_run(bt, 0);
        run_deferred(bt);
    }
    tell_files(bt);
    tell_variables(bt);
    hn_map_deinit(&bt->names);
    hn_map_deinit(&bt->visited);
    hn_map_deinit(&bt->noted);
    hn_vec_deinit(&bt->vars);
    if (run->stop == SCRIPT_STOP_MEMORY)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the values of a script");
    return HN_OK;
}

/* cmd_analyze.c - hinomi analyze: samples taken apart, in a tree. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/files.h"
#include "app/opt_shared.h"
#include "app/ui.h"

#include "analyze/analyze.h"
#include "base/attr.h"
#include "base/escape.h"

#include <string.h>

enum { O_DUMP };

static const struct opt_spec options[] = {
    { O_DUMP, "dump", '\0', OPT_FLAG, NULL, NULL, "show texts and stores as well",
            "テキストと格納文字列も示す" },
    { O_PASSWORD, "password", '\0', OPT_TEXTS, "TEXT", NULL,
            "password to try for encrypted content, repeatable",
            "暗号化された中身のパスワード(複数可)" },
    OPT_UI_ROWS,
};

static void add_indent(struct hn_buf *out, const struct dissect_object *object, unsigned more)
{
    hn_buf_add_repeat(out, ' ', 2 * (object->depth + more));
}

static void add_named(struct hn_buf *out, const struct dissect_object *object, const char *kind,
        const char *name, struct hn_text value)
{
    add_indent(out, object, 2);
    hn_buf_addf(out, "%s %s: ", kind, name);
    hn_terminal_text(out, hn_text_sub(value, 0, 300));
    hn_buf_add_char(out, '\n');
}

static void add_object(struct hn_buf *out, const struct dissect_object *object, bool dump)
{
    add_indent(out, object, 0);
    hn_buf_addf(out, "#%u %s %s ", (unsigned)object->id, object->relation,
            dissect_format_id(object->format));
    hn_terminal_text(out, object->name);
    hn_buf_addf(out, " (%zu bytes)\n", object->data.len);
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next)
        add_named(out, object, "fact", fact->name, fact->value);
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next)
        add_named(out, object, "note", dissect_note_id(note->kind), note->detail);
    for (const struct dissect_act *act = object->acts; act != NULL; act = act->next) {
        add_named(out, object, "act", script_act_id(act->kind), hn_text_cstr(act->via));
        for (size_t i = 0; i < act->field_count; i++)
            add_named(out, object, "   ", act->fields[i].name, act->fields[i].value);
    }
    for (const struct dissect_store *store = object->stores; dump && store != NULL;
            store = store->next) {
        add_indent(out, object, 2);
        hn_buf_add_lit(out, "store ");
        hn_terminal_text(out, store->name);
        hn_buf_add_lit(out, " = ");
        hn_terminal_text(out, hn_text_sub(store->value, 0, 300));
        hn_buf_add_char(out, '\n');
    }
    for (const struct dissect_text *text = object->texts; dump && text != NULL; text = text->next)
        add_named(out, object, "text", text->what, text->text);
}

static int analyze_file(const struct opt_values *values, const char *path)
{
    struct dissect *dissect = dissect_new(NULL);
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = dissect == NULL ? HN_NOMEM : file_read(path, &file, &err);
    struct dissect_child sample = { .name = hn_text_cstr(path),
        .relation = "sample",
        .data = hn_text_as_bytes(file.text),
        .offset = DISSECT_NOWHERE,
        .borrowed = true };
    struct hn_buf out = { 0 };
    const char *const *passwords;
    size_t count = opt_texts(values, O_PASSWORD, &passwords);

    if (status == HN_OK)
        status = dissect_child(dissect, DISSECT_NONE, &sample, NULL);
    for (size_t i = 0; status == HN_OK && i < count; i++)
        dissect_password_add(dissect, hn_text_cstr(passwords[i]));
    if (status == HN_OK)
        status = analyze_take_apart(dissect, NULL, &err);
    if (status == HN_OK) {
        for (uint32_t id = 0; id < dissect_count(dissect); id++)
            add_object(&out, dissect_get(dissect, id), opt_flag(values, O_DUMP));
        (void)ui_write(stdout, hn_buf_text(&out));
    } else {
        ui_error_at(hn_text_cstr(path), &err);
    }
    hn_buf_deinit(&out);
    dissect_free(dissect);
    file_text_free(&file);
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

static int analyze_command(const struct opt_values *values)
{
    int code = EXIT_FINE;

    for (size_t i = 0; i < values->operand_count; i++) {
        int one = analyze_file(values, values->operands[i]);

        code = one != EXIT_FINE ? one : code;
    }
    return code;
}

const struct opt_command cmd_analyze = {
    .name = "analyze",
    .operands = "PATH...",
    .summary = "Takes suspicious mails, documents, scripts and programs apart, and judges them",
    .summary_ja = "不審なメール・文書・スクリプト・プログラムを分解して判定する",
    .details = "Nothing of a sample is ever run.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = analyze_command,
};

/* retry.c - opening an object, and once more when a password was found after it: in a second mail,
 * in a text beside the archive, in the name of a picture. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf.h"
#include "mail/mail.h"

#define TRIES_MAX      3u                 /* of one object, after the first */
#define TEXT_BYTES_MAX ((size_t)64 << 10) /* of one text that is looked through */
#define HARVEST_MAX    ((size_t)2 << 20)  /* of all texts looked through at a time */

static enum dissect_note_kind note_of(enum hn_status status)
{
    if (status == HN_LIMIT)
        return DISSECT_NOTE_LIMIT;
    if (status == HN_UNSUPPORTED)
        return DISSECT_NOTE_UNSUPPORTED;
    return status == HN_TRUNCATED ? DISSECT_NOTE_TRUNCATED : DISSECT_NOTE_DAMAGED;
}

static bool is_locked(const struct dissect *dissect, uint32_t id)
{
    const struct dissect_note *note = dissect_get(dissect, id)->notes;

    while (note != NULL && note->kind != DISSECT_NOTE_PASSWORD)
        note = note->next;
    return note != NULL;
}

static enum hn_status run_opener(struct take *take, uint32_t id, struct hn_err *err)
{
    dissect_opener *open = analyze_opener_of(take->tables, dissect_get(take->dissect, id)->format);
    struct hn_err why = { 0 };
    enum hn_status status;

    take_step(take, id, ANALYZE_STEP_OPEN);
    status = open(take->dissect, id, &why);
    if (status == HN_NOMEM)
        return hn_fail(err, status, why.offset, "%s", why.msg);
    if (status != HN_OK) { /* openers note what is odd; this one gave up */
        dissect_note(take->dissect, id, note_of(status), why.offset, "%s",
                why.msg[0] != '\0' ? why.msg : hn_status_text(status));
    }
    return HN_OK;
}

enum hn_status take_open(struct take *take, uint32_t id, struct hn_err *err)
{
    struct take_locked locked = { .id = id,
        .mark = dissect_mark(take->dissect, id),
        .passwords = dissect_password_count(take->dissect) };
    enum hn_status status = run_opener(take, id, err);
    struct take_locked *slot;

    if (status != HN_OK || !is_locked(take->dissect, id))
        return status;
    slot = hn_vec_add(&take->locked);
    if (slot == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    *slot = locked;
    return HN_OK;
}

/* ---- Harvest ---- */

static void on_password(void *ctx, struct hn_text password)
{
    dissect_password_add(ctx, password);
}

/* In names, what parts words elsewhere is underscores, dots and dashes. */
static void harvest_name(struct dissect *dissect, struct hn_text name)
{
    struct hn_buf spaced = { .cap_bytes = TEXT_BYTES_MAX };

    for (size_t i = 0; i < name.len; i++)
        hn_buf_add_char(&spaced, strchr("_.()[]-", name.ptr[i]) != NULL ? ' ' : name.ptr[i]);
    if (hn_buf_ok(&spaced))
        mail_find_passwords(hn_buf_text(&spaced), on_password, dissect);
    hn_buf_deinit(&spaced);
}

static void harvest_text(struct dissect *dissect, struct hn_text text, size_t *left)
{
    text = hn_text_sub(text, 0, TEXT_BYTES_MAX);
    if (text.len > *left)
        return;
    *left -= text.len;
    mail_find_passwords(text, on_password, dissect);
}

/* Mails are src/mail's, which knows more of them. */
static void harvest_object(struct dissect *dissect, uint32_t id, size_t *left)
{
    const struct dissect_object *object = dissect_get(dissect, id);

    harvest_name(dissect, object->name);
    for (const struct dissect_text *text = object->texts; text != NULL; text = text->next)
        harvest_text(dissect, text->text, left);
}

/* ---- Once more ---- */

enum hn_status take_retry(struct take *take, bool *ret_more, struct hn_err *err)
{
    size_t left = HARVEST_MAX;
    enum hn_status status = HN_OK;

    if (take->locked.count == 0)
        return HN_OK;
    for (; take->harvested < dissect_count(take->dissect); take->harvested++)
        harvest_object(take->dissect, take->harvested, &left);
    for (size_t i = 0; i < take->locked.count && status == HN_OK; i++) {
        struct take_locked *locked = &take->locked.ptr[i];
        size_t known = dissect_password_count(take->dissect);

        if (locked->passwords == known || locked->tries == TRIES_MAX ||
                !is_locked(take->dissect, locked->id))
            continue;
        locked->passwords = known;
        locked->tries++;
        dissect_rewind(take->dissect, locked->id, &locked->mark);
        status = run_opener(take, locked->id, err);
        *ret_more = true;
    }
    return status;
}

/* office_encrypted.c - documents under a password: what is inside becomes a child, opened like any
 * other document. Excel and PowerPoint open some without asking, which is how malware hides. */
#include "office/office_internal.h"

#include "msocrypt/msocrypt.h"

static bool may_be_encrypted(struct ole_file *file)
{
    static const char *const streams[] = { "EncryptedPackage", "WordDocument", "Workbook", "Book",
        "PowerPoint Document" };

    for (size_t i = 0; i < HN_COUNT_OF(streams); i++) {
        if (ole_find(file, hn_text_cstr(streams[i])) != OLE_NONE)
            return true;
    }
    return false;
}

static struct hn_text *passwords_of(struct office *o, size_t *ret_count)
{
    size_t count = dissect_password_count(o->dissect);
    struct hn_text *list = hn_new(&o->scratch, struct hn_text, count + 1);

    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = dissect_password(o->dissect, i);
    *ret_count = count;
    return list;
}

static void say_opened(struct office *o, const struct msocrypt_result *result)
{
    dissect_fact(o->dissect, o->id, "password", result->password);
    if (result->usual_password)
        dissect_fact_bool(o->dissect, o->id, "password_usual", true);
    dissect_note(o->dissect, o->id, DISSECT_NOTE_DECRYPTED, DISSECT_NOWHERE, "%.*s",
            OFFICE_SHOWN(result->scheme));
    if (result->forged)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the password fits, but the data was changed after it was encrypted");
    (void)office_child(
            o, "decrypted", HN_TEXT("decrypted document"), result->bytes, DISSECT_UNKNOWN);
}

bool office_decrypt(struct office *o, struct ole_file *file)
{
    struct msocrypt_result result = { 0 };
    struct hn_text *passwords;
    size_t count;
    enum hn_status status;

    if (!may_be_encrypted(file))
        return false;
    passwords = passwords_of(o, &count);
    if (passwords == NULL)
        return false;
    status = msocrypt_open(&o->scratch, file, passwords, count, &result, NULL);
    o->nomem |= status == HN_NOMEM;
    if (status != HN_OK || result.kind == MSOCRYPT_NONE)
        return false;
    dissect_fact_bool(o->dissect, o->id, "encrypted", true);
    dissect_fact(o->dissect, o->id, "encryption", hn_text_cstr(msocrypt_kind_id(result.kind)));
    if (result.damaged)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE, "the encryption");
    if (result.opened) {
        say_opened(o, &result);
        return true;
    }
    o->encrypted = true;
    dissect_note(o->dissect, o->id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
            "%.*s; %lu passwords tried%s", OFFICE_SHOWN(result.scheme), (unsigned long)result.tried,
            result.gave_up ? ", the others would take too long" : "");
    return false;
}

enum hn_status office_open_encrypted(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    return office_open_ole(dissect, id, err);
}

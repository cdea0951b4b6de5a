/* issue.c - what is said about documents: severity and code from one list, place, text. */
#include "sigma/sigma_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_BYTES_MAX 512
#define ISSUES_MAX        1000000u /* per loader; a hostile rule set cannot fill the memory */

struct code_info {
    enum sigma_severity severity;
    struct hn_text text;
};

static const struct code_info codes[] = {
#define CODE_INFO(name, severity, text) [name] = { (severity), HN_TEXT_INIT(text) },
    CODE_LIST(CODE_INFO)
#undef CODE_INFO
};

const char *issue_code_text(enum sigma_code code)
{
    return codes[code].text.ptr;
}

enum sigma_severity issue_code_severity(enum sigma_code code)
{
    return codes[code].severity;
}

void issue_add(struct work *w, enum sigma_code code, struct sigma_place place, const char *fmt, ...)
{
    char message[MESSAGE_BYTES_MAX];
    struct issue_draft *draft;
    va_list args;

    if (codes[code].severity == SIGMA_REJECTED)
        w->rejected = true;
    if (w->quiet || w->loader->issues.count >= ISSUES_MAX)
        return;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    draft = hn_vec_add(&w->loader->issues);
    if (draft == NULL) {
        w->status = HN_NOMEM;
        return;
    }
    draft->file = w->file_index;
    draft->issue.severity = codes[code].severity;
    draft->issue.code = codes[code].text;
    draft->issue.place = place;
    draft->issue.rule_id = w->id;
    draft->issue.title = w->title;
    draft->issue.message = sigma_keep_text(w, hn_text_cstr(message));
}

/* Order of place: files as they were added, then lines. What stands at one place keeps the order
 * in which it was found, which is the same on every run. */
static int compare_issues(const void *left, const void *right)
{
    const struct issue_draft *a = left;
    const struct issue_draft *b = right;
    int by_code;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->issue.place.line != b->issue.place.line)
        return a->issue.place.line < b->issue.place.line ? -1 : 1;
    if (a->issue.place.column != b->issue.place.column)
        return a->issue.place.column < b->issue.place.column ? -1 : 1;
    by_code = hn_text_cmp(a->issue.code, b->issue.code);
    return by_code != 0 ? by_code : hn_text_cmp(a->issue.message, b->issue.message);
}

enum hn_status sigma_issues_finish(struct sigma_loader *loader)
{
    struct sigma_set *set = &loader->box->set;
    size_t count = loader->issues.count;
    uint32_t kept = 0;

    set->issues = hn_new(&loader->box->arena, struct sigma_issue, count);
    if (set->issues == NULL)
        return hn_arena_status(&loader->box->arena);
    if (count > 0)
        qsort(loader->issues.ptr, count, sizeof *loader->issues.ptr, compare_issues);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && compare_issues(&loader->issues.ptr[i - 1], &loader->issues.ptr[i]) == 0)
            continue; /* said twice about one place: a rule repeated by a collection */
        set->issues[kept++] = loader->issues.ptr[i].issue;
    }
    set->issue_count = kept;
    return HN_OK;
}

uint32_t sigma_documents_with(const struct sigma_set *set, enum sigma_severity severity)
{
    const struct sigma_issue *last = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < set->issue_count; i++) { /* in order of place */
        const struct sigma_issue *issue = &set->issues[i];

        if (issue->severity != severity)
            continue;
        count += last == NULL || !hn_text_eq(last->place.file, issue->place.file) ||
                 !hn_text_eq(last->rule_id, issue->rule_id) ||
                 !hn_text_eq(last->title, issue->title);
        last = issue;
    }
    return count;
}

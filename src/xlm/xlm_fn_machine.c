/* xlm_fn_machine.c - what macros ask the machine: the clock, the screen, windows. All of it is
 * unknown, but in the worlds that xlm_evaluate() tries. */
#include "xlm/xlm_functions.h"

#include <stdio.h>

/* A question that cannot be answered, with its first argument, told once. */
struct xl_value xl_fn_machine(struct xl *ev, const struct xl_call *call)
{
    char name[96];
    struct xl_value first = xl_arg_plain(ev, call, 0);
    struct script_act act = script_act(ev->run, SCRIPT_ACT_ENVIRONMENT, call->offset, call->name);
    struct xl_value made;

    if (first.kind == XL_NUMBER)
        (void)snprintf(name, sizeof name, "%s(%.6g)", call->name, first.as.number);
    else
        (void)snprintf(name, sizeof name, "%s", call->name);
    made = xl_unknown(ev, "%s", name);
    if (strncmp(call->name, "GET.", 4) == 0 && ev->quiet == 0 && made.kind == XL_UNKNOWN) {
        ev->asked_machine = true;
        script_act_add(&act, "Name", script_text_new(ev->run, hn_text_cstr(name), NULL));
        (void)xl_tell(ev, &act);
    }
    return made;
}

struct answer {
    double question;
    double number;
    const char *text; /* NULL: the number, or a truth */
    bool truth;
};

/* As an ordinary machine with a screen, a mouse and a sound card would answer. */
static struct xl_value ordinary(
        struct xl *ev, const struct xl_call *call, const struct answer *answers, size_t count)
{
    double question = xl_arg_number(ev, call, 0, 0.0);

    ev->asked_machine = true;
    for (size_t i = 0; ev->world != 0 && i < count; i++) {
        if (answers[i].question != question)
            continue;
        if (answers[i].text != NULL)
            return xl_literal(ev, answers[i].text);
        return answers[i].truth ? xl_bool(answers[i].number != 0.0) : xl_number(answers[i].number);
    }
    return xl_fn_machine(ev, call);
}

struct xl_value xl_fn_get_workspace(struct xl *ev, const struct xl_call *call)
{
    static const struct answer answers[] = {
        { 1, 0, "Windows (32-bit) NT 10.00", false }, /* the system */
        { 2, 0, "16.0", false },                      /* the version of Excel */
        { 13, 1034, NULL, false },                    /* the width of the room, in points */
        { 14, 545, NULL, false },                     /* and its height */
        { 19, 1, NULL, true },                        /* a mouse */
        { 31, 0, NULL, true },                        /* a macro carried out step by step */
        { 42, 1, NULL, true },                        /* a sound card */
        { 43, 1, NULL, true },
    };

    return ordinary(ev, call, answers, HN_COUNT_OF(answers));
}

struct xl_value xl_fn_get_window(struct xl *ev, const struct xl_call *call)
{
    static const struct answer answers[] = {
        { 7, 0, NULL, true },   /* hidden */
        { 20, 1, NULL, true },  /* maximised */
        { 23, 3, NULL, false }, /* 3: maximised */
    };

    return ordinary(ev, call, answers, HN_COUNT_OF(answers));
}

/* ---- The clock ---- */

struct xl_value xl_fn_now(struct xl *ev, const struct xl_call *call)
{
    return xl_unknown(ev, "%s", call->name);
}

/* xlm_fn_logic.c - Excel's functions over many values, and of truths and kinds. */
#include "xlm/xlm_functions.h"

/* ---- Many values ---- */

struct many {
    double sum;
    double product;
    double least;
    double most;
    double numbers;
    double values;
    double blanks;
    struct xl_value obstacle; /* what cannot be counted */
};

static void count_in(struct xl *ev, struct many *many, struct xl_value value, bool direct)
{
    double x;

    if (value.kind == XL_BLANK || value.kind == XL_MISSING) {
        many->blanks += 1.0;
        return;
    }
    many->values += 1.0;
    if (value.kind == XL_ERROR || xl_is_unknown(value)) {
        many->obstacle = value;
        return;
    }
    /* Texts and truths count where they stand in the formula, not in cells. */
    if ((value.kind != XL_NUMBER && !direct) || !xl_to_number(ev, value, &x))
        return;
    many->sum += x;
    many->product *= x;
    if (many->numbers == 0.0 || x < many->least)
        many->least = x;
    if (many->numbers == 0.0 || x > many->most)
        many->most = x;
    many->numbers += 1.0;
}

static struct many look_at(struct xl *ev, const struct xl_call *call)
{
    struct many many = { .product = 1.0 };

    for (uint32_t i = 0; i < call->count; i++) {
        struct xl_value arg = call->args[i];
        bool direct = arg.kind != XL_REF && arg.kind != XL_ARRAY;
        uint32_t count = xl_item_count(arg);

        for (uint32_t k = 0; k < count; k++)
            count_in(ev, &many, xl_item(ev, arg, k), direct);
    }
    return many;
}

static struct xl_value result(
        struct xl *ev, const struct xl_call *call, const struct many *many, double number)
{
    if (many->obstacle.kind != XL_BLANK)
        return xl_cannot(ev, many->obstacle, call->name);
    return xl_number(number);
}

struct xl_value xl_fn_sum(struct xl *ev, const struct xl_call *call)
{
    struct many many = look_at(ev, call);

    return result(ev, call, &many, many.sum);
}

struct xl_value xl_fn_product(struct xl *ev, const struct xl_call *call)
{
    struct many many = look_at(ev, call);

    return result(ev, call, &many, many.numbers > 0.0 ? many.product : 0.0);
}

struct xl_value xl_fn_max(struct xl *ev, const struct xl_call *call)
{
    struct many many = look_at(ev, call);

    return result(ev, call, &many, many.most);
}

struct xl_value xl_fn_min(struct xl *ev, const struct xl_call *call)
{
    struct many many = look_at(ev, call);

    return result(ev, call, &many, many.least);
}

struct xl_value xl_fn_average(struct xl *ev, const struct xl_call *call)
{
    struct many many = look_at(ev, call);

    if (many.numbers == 0.0 && many.obstacle.kind == XL_BLANK)
        return xl_error("#DIV/0!");
    return result(ev, call, &many, many.numbers > 0.0 ? many.sum / many.numbers : 0.0);
}

struct xl_value xl_fn_count(struct xl *ev, const struct xl_call *call)
{
    return xl_number(look_at(ev, call).numbers);
}

struct xl_value xl_fn_counta(struct xl *ev, const struct xl_call *call)
{
    return xl_number(look_at(ev, call).values);
}

struct xl_value xl_fn_countblank(struct xl *ev, const struct xl_call *call)
{
    return xl_number(look_at(ev, call).blanks);
}

/* ---- Truths ---- */

/* decisive: the value that settles it whatever the others are. */
static struct xl_value truth_of_all(struct xl *ev, const struct xl_call *call, bool decisive)
{
    bool unknown = false;

    for (uint32_t i = 0; i < call->count; i++) {
        uint32_t count = xl_item_count(call->args[i]);

        for (uint32_t k = 0; k < count; k++) {
            struct xl_value value = xl_item(ev, call->args[i], k);
            bool truth;

            if (value.kind == XL_ERROR)
                return value;
            if (value.kind == XL_BLANK)
                continue;
            if (!xl_to_truth(ev, value, &truth))
                unknown = unknown || xl_is_unknown(value);
            else if (truth == decisive)
                return xl_bool(decisive);
        }
    }
    return unknown ? xl_unknown(ev, "condition") : xl_bool(!decisive);
}

struct xl_value xl_fn_and(struct xl *ev, const struct xl_call *call)
{
    return truth_of_all(ev, call, false);
}

struct xl_value xl_fn_or(struct xl *ev, const struct xl_call *call)
{
    return truth_of_all(ev, call, true);
}

struct xl_value xl_fn_xor(struct xl *ev, const struct xl_call *call)
{
    bool made = false;

    for (uint32_t i = 0; i < call->count; i++) {
        bool truth;

        if (!xl_to_truth(ev, call->args[i], &truth))
            return xl_cannot(ev, call->args[i], "condition");
        made ^= truth;
    }
    return xl_bool(made);
}

struct xl_value xl_fn_not(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    bool truth;

    return xl_to_truth(ev, value, &truth) ? xl_bool(!truth) : xl_cannot(ev, value, "condition");
}

struct xl_value xl_fn_true(struct xl *ev, const struct xl_call *call)
{
    (void)ev;
    (void)call;
    return xl_bool(true);
}

struct xl_value xl_fn_false(struct xl *ev, const struct xl_call *call)
{
    (void)ev;
    (void)call;
    return xl_bool(false);
}

struct xl_value xl_fn_na(struct xl *ev, const struct xl_call *call)
{
    (void)ev;
    (void)call;
    return xl_error("#N/A");
}

/* ---- Kinds ---- */

static struct xl_value is_kind(struct xl *ev, const struct xl_call *call, enum xl_kind kind)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);

    if (xl_is_unknown(value))
        return xl_unknown(ev, "condition");
    return xl_bool(value.kind == kind);
}

struct xl_value xl_fn_iserror(struct xl *ev, const struct xl_call *call)
{
    return is_kind(ev, call, XL_ERROR);
}

struct xl_value xl_fn_isna(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);

    if (xl_is_unknown(value))
        return xl_unknown(ev, "condition");
    return xl_bool(value.kind == XL_ERROR && strcmp(value.as.error, "#N/A") == 0);
}

struct xl_value xl_fn_isnumber(struct xl *ev, const struct xl_call *call)
{
    return is_kind(ev, call, XL_NUMBER);
}

struct xl_value xl_fn_istext(struct xl *ev, const struct xl_call *call)
{
    return is_kind(ev, call, XL_TEXT);
}

struct xl_value xl_fn_isnontext(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = is_kind(ev, call, XL_TEXT);

    return value.kind == XL_BOOL ? xl_bool(!value.as.truth) : value;
}

struct xl_value xl_fn_islogical(struct xl *ev, const struct xl_call *call)
{
    return is_kind(ev, call, XL_BOOL);
}

struct xl_value xl_fn_isblank(struct xl *ev, const struct xl_call *call)
{
    return is_kind(ev, call, XL_BLANK);
}

struct xl_value xl_fn_isref(struct xl *ev, const struct xl_call *call)
{
    (void)ev;
    return xl_bool(xl_arg(call, 0).kind == XL_REF);
}

struct xl_value xl_fn_iferror(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);

    return value.kind == XL_ERROR ? xl_arg(call, 1) : value;
}

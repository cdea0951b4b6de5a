/* number.c - strict numbers from text. Sums are in exact_sum.c. */
#include "correlate/number.h"

#include "base/num.h"

#include <math.h>

static bool is_decimal(struct hn_text text)
{
    size_t first = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;

    if (text.len == first || (text.ptr[first] == '0' && text.len > first + 1))
        return false;
    for (size_t i = first; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return true;
}

static bool hex_parse(struct hn_text text, struct number *number)
{
    uint64_t value;

    if (text.len < 3 || text.ptr[0] != '0' || (text.ptr[1] | 0x20) != 'x' ||
            !hn_parse_hex64(text, &value))
        return false;
    number->is_real = value > (uint64_t)INT64_MAX;
    if (number->is_real)
        number->as.real = (double)value;
    else
        number->as.integer = (int64_t)value;
    return true;
}

bool number_parse(struct hn_text text, struct number *ret_number)
{
    struct number number = { 0 };

    if (is_decimal(text) && hn_parse_i64(text, &number.as.integer)) {
        *ret_number = number;
        return true;
    }
    if (!hex_parse(text, &number)) {
        number.is_real = true;
        if (!hn_parse_real(text, &number.as.real) || !isfinite(number.as.real))
            return false;
    }
    *ret_number = number;
    return true;
}

double number_real(struct number number)
{
    return number.is_real ? number.as.real : (double)number.as.integer;
}

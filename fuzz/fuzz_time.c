/* fuzz: base */
/* fuzz_time.c - any text as a timestamp, a zone name, a duration.
 *
 * Oracle: what is read, written and read again is the same instant; a stamp found at the start of
 * a text is the stamp that the whole of those bytes reads as; a calendar reading goes back. */
#include "base/num.h"
#include "base/time.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(hn_time time)
{
    static const int32_t offsets[] = { 0, 9 * 3600, -5 * 3600 - 1800 };
    char out[HN_TIME_TEXT_MAX];

    for (size_t i = 0; i < HN_COUNT_OF(offsets); i++) {
        struct hn_calendar c = hn_calendar_at(time, offsets[i]);
        size_t len = hn_time_write(time, offsets[i], out);

        assert(len > 0 && len <= HN_TIME_TEXT_MAX);
        assert(c.iso_week >= 1 && c.iso_week <= 53 && c.weekday >= 0 && c.weekday <= 6);
        if (c.year < 1678 || c.year > 2261)
            continue;
        assert(hn_calendar_time(&c, offsets[i]) == time);
        assert(hn_time_parse(hn_text_of(out, len), NULL) == time);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_time_defaults defaults = { .year = 2026 };
    hn_time time = hn_time_parse(text, &defaults);
    hn_time duration;
    size_t len = 0;

    if (time != HN_TIME_NONE)
        check_round_trip(time);
    time = hn_time_parse_prefix(text, &defaults, &len);
    if (time != HN_TIME_NONE) {
        assert(len > 0 && len <= size);
        assert(hn_time_parse(hn_text_sub(text, 0, len), &defaults) == time);
        check_round_trip(time);
    }
    if (hn_duration_parse(text, &duration))
        assert(duration >= 0 && duration % HN_SECOND == 0);
    return 0;
}

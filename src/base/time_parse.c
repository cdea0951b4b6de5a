/* time_parse.c - one recogniser for the timestamp shapes of time.h.
 *
 * A scanner walks the text once; the first characters decide the shape. Nothing is guessed from
 * the order of ambiguous numbers: a date with slashes and the year last is month first, because
 * that is what Windows and US products write and no product we read writes day first; a date with
 * dots is day first, because nobody writes it otherwise. */
#include "base/time.h"

#include "base/num.h"

struct scan {
    struct hn_text text;
    size_t pos;
    struct hn_calendar c;
    int32_t offset_s;
    bool has_zone;
    bool year_open; /* the stamp names none */
    bool failed;
};

static char peek(const struct scan *s)
{
    return s->pos < s->text.len ? s->text.ptr[s->pos] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_ahead(const struct scan *s)
{
    size_t len = 0;

    while (s->pos + len < s->text.len && is_digit(s->text.ptr[s->pos + len]))
        len++;
    return len;
}

/* Reads between min and max digits; a longer run of digits is a failure. */
static int32_t number(struct scan *s, size_t min, size_t max)
{
    size_t len = digits_ahead(s);
    int32_t value = 0;

    if (len < min || len > max) {
        s->failed = true;
        return 0;
    }
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (s->text.ptr[s->pos++] - '0');
    return value;
}

static int32_t fixed_number(struct scan *s, size_t len)
{
    int32_t value = 0;

    if (digits_ahead(s) < len) {
        s->failed = true;
        return 0;
    }
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (s->text.ptr[s->pos++] - '0');
    return value;
}

static bool accept(struct scan *s, char c)
{
    if (peek(s) != c)
        return false;
    s->pos++;
    return true;
}

static void expect(struct scan *s, char c)
{
    if (!accept(s, c))
        s->failed = true;
}

static void skip_spaces(struct scan *s)
{
    while (peek(s) == ' ')
        s->pos++;
}

static int32_t name_at(const struct scan *s, const char *names, int32_t count)
{
    struct hn_text word = hn_text_sub(s->text, s->pos, 3);

    for (int32_t i = 0; i < count; i++) {
        if (hn_text_eq_nocase(word, hn_text_of(names + (size_t)i * 3, 3)))
            return i;
    }
    return -1;
}

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

static void month_name(struct scan *s)
{
    int32_t month = name_at(s, month_names, 12);

    if (month < 0) {
        s->failed = true;
        return;
    }
    s->c.month = month + 1;
    s->pos += 3;
}

/* .fff or ,fff: as many digits as there are, nanoseconds kept. */
static void fraction(struct scan *s)
{
    int32_t scale = 100000000;

    if ((peek(s) != '.' && peek(s) != ',') || s->pos + 1 >= s->text.len ||
            !is_digit(s->text.ptr[s->pos + 1]))
        return;
    s->pos++;
    while (is_digit(peek(s))) {
        s->c.nanosecond += (peek(s) - '0') * scale;
        scale /= 10;
        s->pos++;
    }
}

static void clock_reading(struct scan *s)
{
    s->c.hour = number(s, 1, 2);
    expect(s, ':');
    s->c.minute = fixed_number(s, 2);
    if (accept(s, ':')) {
        s->c.second = fixed_number(s, 2);
        fraction(s);
    }
}

static void meridiem(struct scan *s)
{
    struct hn_text word = hn_text_sub(s->text, s->pos, 3);
    bool space = word.len == 3 && word.ptr[0] == ' ';
    bool am;
    bool pm;

    if (space)
        word = hn_text_sub(word, 1, 2);
    else
        word.len = word.len < 2 ? word.len : 2;
    am = hn_text_eq_nocase(word, HN_TEXT("AM"));
    pm = hn_text_eq_nocase(word, HN_TEXT("PM"));
    if (!am && !pm)
        return;
    s->pos += space ? 3 : 2;
    if (s->c.hour < 1 || s->c.hour > 12)
        s->failed = true;
    s->c.hour = s->c.hour % 12 + (pm ? 12 : 0);
}

/* Names that logs really use; everything else must be an offset. */
static const struct {
    const char name[5];
    int32_t offset_s;
} zone_names[] = {
    { "UTC", 0 },
    { "GMT", 0 },
    { "JST", 9 * 3600 },
    { "KST", 9 * 3600 },
    { "CET", 3600 },
    { "CEST", 7200 },
    { "EST", -5 * 3600 },
    { "EDT", -4 * 3600 },
    { "CST", -6 * 3600 },
    { "CDT", -5 * 3600 },
    { "MST", -7 * 3600 },
    { "MDT", -6 * 3600 },
    { "PST", -8 * 3600 },
    { "PDT", -7 * 3600 },
};

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool zone_name(struct scan *s)
{
    size_t len = 0;

    while (s->pos + len < s->text.len && is_letter(s->text.ptr[s->pos + len]))
        len++;
    for (size_t i = 0; i < HN_COUNT_OF(zone_names); i++) {
        if (hn_text_eq(hn_text_sub(s->text, s->pos, len), hn_text_cstr(zone_names[i].name))) {
            s->offset_s = zone_names[i].offset_s;
            s->has_zone = true;
            s->pos += len;
            return true;
        }
    }
    return false;
}

static bool zone_offset(struct scan *s)
{
    char sign = peek(s);
    size_t start = s->pos;
    int32_t hours;
    int32_t minutes = 0;

    if (sign != '+' && sign != '-')
        return false;
    s->pos++;
    if (digits_ahead(s) != 2 && digits_ahead(s) != 4) {
        s->pos = start;
        return false;
    }
    hours = fixed_number(s, 2);
    if (digits_ahead(s) == 2) {
        minutes = fixed_number(s, 2);
    } else if (peek(s) == ':') {
        s->pos++;
        minutes = fixed_number(s, 2);
    }
    if (hours > 14 || minutes > 59)
        s->failed = true;
    s->offset_s = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    s->has_zone = true;
    return true;
}

static void zone(struct scan *s)
{
    size_t start = s->pos;

    if ((accept(s, 'Z') || accept(s, 'z')) && !is_letter(peek(s))) {
        s->has_zone = true;
        return;
    }
    s->pos = start;
    skip_spaces(s);
    if (!zone_offset(s) && !zone_name(s))
        s->pos = start;
}

/* 2026-11-23T01:02:03, 2026/11/23 01:02:03, 2026-11-23 */
static void year_first(struct scan *s, bool need_clock)
{
    char separator;
    size_t end;

    s->c.year = fixed_number(s, 4);
    separator = peek(s);
    s->pos++;
    s->c.month = number(s, 1, 2);
    expect(s, separator);
    s->c.day = number(s, 1, 2);
    end = s->pos;
    if (accept(s, 'T') || accept(s, 't') || accept(s, ' ') || accept(s, '_')) {
        skip_spaces(s);
        if (is_digit(peek(s))) {
            clock_reading(s);
            meridiem(s);
            zone(s);
            return;
        }
    }
    s->pos = end;
    s->failed = s->failed || need_clock;
}

/* 20261123T010203Z, 20261123010203 */
static void compact(struct scan *s)
{
    s->c.year = fixed_number(s, 4);
    s->c.month = fixed_number(s, 2);
    s->c.day = fixed_number(s, 2);
    (void)(accept(s, 'T') || accept(s, '-'));
    s->c.hour = fixed_number(s, 2);
    s->c.minute = fixed_number(s, 2);
    s->c.second = fixed_number(s, 2);
    fraction(s);
    zone(s);
}

/* 23/Nov/2026:01:02:03 +0900 (NCSA), 23-Nov-2026 01:02:03, 23 Nov 2026 01:02:03 +0900 (RFC 5322) */
static void day_month_name(struct scan *s)
{
    char separator;

    s->c.day = number(s, 1, 2);
    separator = peek(s);
    s->pos++;
    month_name(s);
    expect(s, separator);
    s->c.year = fixed_number(s, 4);
    if (!accept(s, ':'))
        expect(s, ' ');
    clock_reading(s);
    zone(s);
}

/* 11/23/2026 1:02:03 AM, 11-23-2026 01:02:03, 23.11.2026 01:02:03 */
static void year_last(struct scan *s)
{
    int32_t first = number(s, 1, 2);
    char separator = peek(s);
    int32_t second;

    s->pos++;
    second = number(s, 1, 2);
    s->c.month = separator == '.' ? second : first;
    s->c.day = separator == '.' ? first : second;
    expect(s, separator);
    s->c.year = fixed_number(s, 4);
    (void)accept(s, ',');
    expect(s, ' ');
    clock_reading(s);
    meridiem(s);
    zone(s);
}

/* 2026 Nov 23 01:02:03.123 (Cisco NX-OS) */
static void year_month_name(struct scan *s)
{
    s->c.year = fixed_number(s, 4);
    s->pos++;
    month_name(s);
    expect(s, ' ');
    skip_spaces(s);
    s->c.day = number(s, 1, 2);
    expect(s, ' ');
    clock_reading(s);
    zone(s);
}

/* Nov 23 01:02:03, Nov 23 2026 01:02:03.456 JST, Nov 23 01:02:03 2026, Nov 23, 2026 1:02:03 AM */
static void month_name_first(struct scan *s, const struct hn_time_defaults *defaults)
{
    size_t end;

    month_name(s);
    expect(s, ' ');
    skip_spaces(s);
    s->c.day = number(s, 1, 2);
    (void)accept(s, ',');
    expect(s, ' ');
    skip_spaces(s);
    if (digits_ahead(s) == 4) {
        s->c.year = fixed_number(s, 4);
        if (!accept(s, ':'))
            expect(s, ' ');
    }
    clock_reading(s);
    meridiem(s);
    zone(s);
    if (s->c.year != 0)
        return;
    end = s->pos;
    if (accept(s, ' ') && digits_ahead(s) == 4) {
        s->c.year = fixed_number(s, 4);
        if (s->pos == s->text.len || peek(s) == ' ' || peek(s) == ']')
            return; /* else it is part of a host such as 2001:db8::1 */
    }
    s->pos = end;
    s->c.year = defaults == NULL ? 0 : defaults->year;
    s->year_open = true;
}

static void date_and_clock(struct scan *s, const struct hn_time_defaults *defaults, bool need_clock)
{
    size_t digits = digits_ahead(s);
    char after = s->pos + digits < s->text.len ? s->text.ptr[s->pos + digits] : '\0';

    if (digits == 0) {
        if (name_at(s, day_names, 7) >= 0) { /* Mon, 23 Nov ... or Mon Nov 23 ... */
            s->pos += 3;
            (void)accept(s, ',');
            expect(s, ' ');
            skip_spaces(s);
        }
        if (is_digit(peek(s)))
            day_month_name(s);
        else
            month_name_first(s, defaults);
    } else if (digits == 4 && (after == '-' || after == '/' || after == '.')) {
        year_first(s, need_clock);
    } else if (digits == 4 && after == ' ') {
        year_month_name(s);
    } else if (digits == 14 || (digits == 8 && (after == 'T' || after == '-'))) {
        compact(s);
    } else if (digits <= 2 && (after == '/' || after == '-' || after == ' ' || after == '.')) {
        bool name =
                s->pos + digits + 1 < s->text.len && is_letter(s->text.ptr[s->pos + digits + 1]);

        if (name)
            day_month_name(s);
        else
            year_last(s);
    } else {
        s->failed = true;
    }
}

static hn_time time_of(const struct scan *s, const struct hn_time_defaults *defaults)
{
    hn_time time = hn_calendar_time(&s->c, s->offset_s);

    if (time == HN_TIME_NONE || s->has_zone || defaults == NULL)
        return time;
    return hn_zone_to_utc(defaults->zone, time);
}

/* The latest year that fits; 29 February is at most eight years back. */
static hn_time before_seen(const struct scan *s, const struct hn_time_defaults *defaults)
{
    struct scan tried = *s;
    int32_t last = hn_calendar_at(defaults->seen, 0).year + 1;

    for (tried.c.year = last; tried.c.year >= last - 9; tried.c.year--) {
        hn_time time = time_of(&tried, defaults);

        if (time != HN_TIME_NONE && time - HN_DAY <= defaults->seen)
            return time;
    }
    return HN_TIME_NONE;
}

static hn_time finish(const struct scan *s, const struct hn_time_defaults *defaults)
{
    if (s->failed)
        return HN_TIME_NONE;
    if (s->year_open && defaults != NULL && defaults->seen != 0)
        return before_seen(s, defaults);
    return time_of(s, defaults);
}

hn_time hn_time_parse_prefix(
        struct hn_text text, const struct hn_time_defaults *defaults, size_t *ret_len)
{
    struct scan s = { .text = text };
    hn_time time;

    date_and_clock(&s, defaults, true);
    time = finish(&s, defaults);
    if (time != HN_TIME_NONE)
        *ret_len = s.pos;
    return time;
}

/* Digits with an optional fraction; the size of the whole part tells the unit. */
static hn_time epoch_text(struct hn_text text)
{
    size_t dot = hn_text_find_char(text, '.', 0);
    struct hn_text whole = hn_text_sub(text, 0, dot == SIZE_MAX ? text.len : dot);
    struct hn_text rest =
            dot == SIZE_MAX ? hn_text_of(text.ptr, 0) : hn_text_sub(text, dot + 1, text.len);
    int64_t unit;
    int64_t value;
    int64_t part = 0;

    if (!hn_parse_i64(whole, &value) || value < 0 || (dot != SIZE_MAX && rest.len == 0))
        return HN_TIME_NONE;
    if (value >= 100000000 && value < INT64_C(10000000000))
        unit = HN_SECOND;
    else if (value >= INT64_C(100000000000) && value < INT64_C(10000000000000))
        unit = HN_MILLISECOND;
    else if (value >= INT64_C(100000000000000) && value < INT64_C(10000000000000000))
        unit = 1000;
    else if (value >= INT64_C(116444736000000000) && value < INT64_C(200000000000000000))
        return rest.len == 0 ? hn_time_from_filetime((uint64_t)value) : HN_TIME_NONE;
    else if (value >= INT64_C(200000000000000000))
        unit = 1;
    else
        return HN_TIME_NONE;
    for (int64_t scale = unit / 10; rest.len > 0; scale /= 10) {
        if (!is_digit(rest.ptr[0]))
            return HN_TIME_NONE;
        part += (rest.ptr[0] - '0') * scale;
        rest = hn_text_sub(rest, 1, rest.len);
    }
    if (__builtin_mul_overflow(value, unit, &value) || __builtin_add_overflow(value, part, &value))
        return HN_TIME_NONE;
    return value;
}

hn_time hn_time_parse(struct hn_text text, const struct hn_time_defaults *defaults)
{
    int32_t offset_s;

    return hn_time_parse_zoned(text, defaults, &offset_s);
}

hn_time hn_time_parse_zoned(
        struct hn_text text, const struct hn_time_defaults *defaults, int32_t *ret_offset_s)
{
    struct scan s = { 0 };

    *ret_offset_s = 0;
    text = hn_text_trim(text);
    if (hn_text_starts(text, HN_TEXT("/Date(")) && hn_text_ends(text, HN_TEXT(")/"))) {
        size_t zone_at;

        text = hn_text_sub(text, 6, text.len - 8);
        zone_at = hn_text_find_char(text, '+', 0);
        if (zone_at == SIZE_MAX)
            zone_at = hn_text_find_char(text, '-', 1);
        return epoch_text(hn_text_sub(text, 0, zone_at)); /* the zone is only how to show it */
    }
    if (hn_text_starts_nocase(text, HN_TEXT("0x"))) {
        uint64_t filetime;

        return hn_parse_hex64(text, &filetime) && filetime > UINT64_C(1) << 56
                       ? hn_time_from_filetime(filetime)
                       : HN_TIME_NONE;
    }
    s.text = text;
    if (text.len > 0 && is_digit(text.ptr[0]) && digits_ahead(&s) >= 9 && digits_ahead(&s) != 14)
        return epoch_text(text);
    date_and_clock(&s, defaults, false);
    if (s.pos != text.len)
        return HN_TIME_NONE;
    *ret_offset_s = s.offset_s;
    return finish(&s, defaults);
}

bool hn_duration_parse(struct hn_text text, hn_time *ret_duration)
{
    static const struct {
        char letter;
        hn_time unit;
    } units[] = { { 's', HN_SECOND }, { 'm', HN_MINUTE }, { 'h', HN_HOUR }, { 'd', HN_DAY },
        { 'w', 7 * HN_DAY } };
    uint64_t count;
    hn_time duration;

    if (text.len < 2 || !hn_parse_u64(hn_text_sub(text, 0, text.len - 1), &count) ||
            count > INT32_MAX)
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(units); i++) {
        if (units[i].letter != text.ptr[text.len - 1])
            continue;
        if (__builtin_mul_overflow((hn_time)count, units[i].unit, &duration))
            return false;
        *ret_duration = duration;
        return true;
    }
    return false;
}

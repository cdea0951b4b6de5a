/* time_zone.c - time zones from fixed offsets and from the system's TZif files (RFC 8536).
 *
 * Transitions are read once into a table; after the last one the file's last offset holds (the
 * POSIX rule in the footer is not evaluated: Debian's files list transitions to 2037). */
#include "base/time.h"

#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ZONE_TRANSITIONS_MAX 4096
#define ZONE_FILE_BYTES_MAX  ((size_t)1 << 18)

struct hn_zone {
    int32_t first_offset_s; /* before the first transition, and for all time without any */
    uint32_t count;
    struct {
        int64_t at_s;
        int32_t offset_s;
    } transitions[];
};

static struct hn_zone *zone_new(uint32_t count)
{
    struct hn_zone *zone = hn_calloc(1, sizeof *zone + (size_t)count * sizeof zone->transitions[0]);

    if (zone != NULL)
        zone->count = count;
    return zone;
}

void hn_zone_free(struct hn_zone *zone)
{
    hn_free(zone);
}

int32_t hn_zone_offset_at(const struct hn_zone *zone, hn_time time)
{
    int64_t seconds = time / HN_SECOND - (time % HN_SECOND < 0 ? 1 : 0);
    uint32_t low = 0;
    uint32_t high;

    if (zone == NULL)
        return 0;
    high = zone->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (zone->transitions[mid].at_s <= seconds)
            low = mid + 1;
        else
            high = mid;
    }
    return low == 0 ? zone->first_offset_s : zone->transitions[low - 1].offset_s;
}

hn_time hn_zone_to_utc(const struct hn_zone *zone, hn_time wall_clock)
{
    int32_t before;
    int32_t after;
    hn_time early;
    hn_time late;

    if (zone == NULL || wall_clock == HN_TIME_NONE)
        return wall_clock;
    /* The offset a day before is the earlier one of any change near by. */
    before = hn_zone_offset_at(zone, wall_clock - HN_DAY);
    early = wall_clock - before * HN_SECOND;
    after = hn_zone_offset_at(zone, early);
    if (after == before)
        return early;
    /* Behind the change its new offset holds; in the hour that no clock shows, neither does. */
    late = wall_clock - after * HN_SECOND;
    return hn_zone_offset_at(zone, late) == after ? late : early;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const uint8_t *p)
{
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

struct tzif_counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

#define TZIF_HEADER_BYTES 44

/* Reads a header at p; the size of the data block behind it, or 0 when it makes no sense. */
static size_t tzif_header(
        struct hn_bytes in, size_t at, size_t time_bytes, struct tzif_counts *ret_counts)
{
    const uint8_t *p = in.ptr + at;
    struct tzif_counts n;

    if (in.len < at + TZIF_HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
        return 0;
    n.isut = be32(p + 20);
    n.isstd = be32(p + 24);
    n.leap = be32(p + 28);
    n.time = be32(p + 32);
    n.type = be32(p + 36);
    n.chars = be32(p + 40);
    if (n.time > ZONE_TRANSITIONS_MAX || n.type == 0 || n.type > 256 || n.chars > 4096 ||
            n.leap > 4096 || n.isut > 256 || n.isstd > 256)
        return 0;
    *ret_counts = n;
    return n.time * (time_bytes + 1) + (size_t)n.type * 6 + n.chars + n.leap * (time_bytes + 4) +
           n.isstd + n.isut;
}

static enum hn_status tzif_parse(struct hn_bytes in, struct hn_zone **ret_zone, struct hn_err *err)
{
    struct tzif_counts n = { 0 };
    size_t block = tzif_header(in, 0, 4, &n);
    size_t at = TZIF_HEADER_BYTES + block;
    const uint8_t *times;
    const uint8_t *types;
    const uint8_t *infos;
    struct hn_zone *zone;

    if (block == 0 || at > in.len)
        return hn_fail(err, HN_CORRUPT, 0, "time zone file has no valid header");
    block = tzif_header(in, at, 8, &n); /* the 64-bit block of version 2 and later */
    if (block == 0 || in.len - at - TZIF_HEADER_BYTES < block)
        return hn_fail(err, HN_CORRUPT, at, "time zone file has no 64-bit data");
    times = in.ptr + at + TZIF_HEADER_BYTES;
    types = times + (size_t)n.time * 8;
    infos = types + n.time;
    zone = zone_new(n.time);
    if (zone == NULL)
        return hn_fail(err, HN_NOMEM, 0, "time zone");
    zone->first_offset_s = (int32_t)be32(infos);
    for (uint32_t i = 0; i < n.time; i++) {
        if (types[i] >= n.type) {
            hn_zone_free(zone);
            return hn_fail(err, HN_CORRUPT, at, "time zone file names an unknown offset");
        }
        zone->transitions[i].at_s = be64(times + (size_t)i * 8);
        zone->transitions[i].offset_s = (int32_t)be32(infos + (size_t)types[i] * 6);
    }
    *ret_zone = zone;
    return HN_OK;
}

static enum hn_status zone_load_file(
        const char *path, struct hn_text name, struct hn_zone **ret_zone, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    uint8_t *bytes = NULL;
    size_t len;
    FILE *file = fopen(path, "rbe");

    if (file == NULL) {
        int saved = errno;

        if (saved == ENOENT || saved == EISDIR || saved == ENOTDIR)
            return hn_fail(err, HN_NOTFOUND, 0, "unknown time zone '%.*s'", HN_TEXT_ARG(name));
        return hn_fail_sys(err, saved, "cannot read time zone '%.*s'", HN_TEXT_ARG(name));
    }
    bytes = hn_malloc(ZONE_FILE_BYTES_MAX);
    if (bytes == NULL) {
        status = hn_fail(err, HN_NOMEM, 0, "time zone");
        goto out;
    }
    len = fread(bytes, 1, ZONE_FILE_BYTES_MAX, file);
    if (ferror(file))
        status = hn_fail(err, HN_NOTFOUND, 0, "unknown time zone '%.*s'", HN_TEXT_ARG(name));
    else
        status = tzif_parse(hn_bytes_of(bytes, len), ret_zone, err);
out:
    hn_free(bytes);
    (void)fclose(file);
    return status;
}

static bool safe_zone_name(struct hn_text name)
{
    if (name.len == 0 || name.len > 64 || name.ptr[0] == '/' ||
            hn_text_find(name, HN_TEXT(".."), 0) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    strchr("/_+-", c) != NULL) ||
                c == '\0')
            return false;
    }
    return true;
}

/* A stamp's zone part, such as "+09:00" or "JST"; false when it is none. */
static bool fixed_offset(struct hn_text name, int32_t *ret_offset_s)
{
    static const char day[] = "2000-01-02T00:00:00 ";
    char stamp[sizeof day + 16];
    hn_time time;

    if (name.len == 0 || name.len > 10 || hn_text_trim(name).len != name.len)
        return false;
    memcpy(stamp, day, sizeof day - 1);
    memcpy(stamp + sizeof day - 1, name.ptr, name.len);
    time = hn_time_parse(hn_text_of(stamp, sizeof day - 1 + name.len), NULL);
    if (time == HN_TIME_NONE)
        return false;
    *ret_offset_s = (int32_t)((INT64_C(946771200) * HN_SECOND - time) / HN_SECOND);
    return true;
}

enum hn_status hn_zone_load(struct hn_text name, struct hn_zone **ret_zone, struct hn_err *err)
{
    char path[128];
    int32_t offset_s = 0;
    struct hn_zone *zone;

    if (hn_text_eq_nocase(name, HN_TEXT("local")))
        return zone_load_file("/etc/localtime", name, ret_zone, err);
    if (!hn_text_eq(name, HN_TEXT("Z")) && !fixed_offset(name, &offset_s)) {
        if (!safe_zone_name(name))
            return hn_fail(err, HN_NOTFOUND, 0, "not the name of a time zone");
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", HN_TEXT_ARG(name));
        return zone_load_file(path, name, ret_zone, err);
    }
    zone = zone_new(0);
    if (zone == NULL)
        return hn_fail(err, HN_NOMEM, 0, "time zone");
    zone->first_offset_s = offset_s;
    *ret_zone = zone;
    return HN_OK;
}

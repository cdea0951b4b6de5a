/* sample_verdict.c - a verdict as an event: rules judge it like any log, and what they find is an
 * alert like any other. docs/samples.md has its fields. */
#include "sample/sample_internal.h"

#include "base/json_out.h"

#define REASONS_MAX 5u
#define SEEN_MAX    50u

static void add_reasons(struct hn_json_out *out, const struct analyze_verdict *verdict)
{
    hn_json_key_lit(out, "reasons");
    hn_json_open(out, '[');
    for (size_t i = 0; i < verdict->hit_count && i < REASONS_MAX; i++)
        hn_json_text(out, verdict->hits[i].title);
    hn_json_close(out, ']');
}

/* Which machines have to do with it. */
static void add_hosts(struct hn_json_out *out, const struct report_sightings *seen)
{
    struct hn_text hosts[SEEN_MAX];
    size_t count = 0;

    for (size_t i = 0; i < seen->count && count < SEEN_MAX; i++) {
        bool known = seen->rows[i].host.len == 0;

        for (size_t k = 0; k < count && !known; k++)
            known = hn_text_eq(hosts[k], seen->rows[i].host);
        if (!known)
            hosts[count++] = seen->rows[i].host;
    }
    hn_json_key_lit(out, "seen_on");
    hn_json_open(out, '[');
    for (size_t i = 0; i < count; i++)
        hn_json_text(out, hosts[i]);
    hn_json_close(out, ']');
}

static void write_event(const struct samples *samples, const struct sample_job *job,
        const struct sample_result *result, struct hn_buf *line)
{
    struct hn_json_out out = hn_json_out_over(line);
    char time[HN_TIME_TEXT_MAX];

    hn_json_open(&out, '{');
    hn_json_pair(&out, "@timestamp", hn_text_of(time, hn_time_write(sample_now(samples), 0, time)));
    hn_json_key_lit(&out, "hinomi");
    hn_json_open(&out, '{');
    hn_json_pair(&out, "category", HN_TEXT("sample"));
    hn_json_close(&out, '}');
    hn_json_pair(&out, "sample", hn_text_cstr(job->id));
    hn_json_pair(&out, "verdict", hn_text_cstr(analyze_verdict_id(result->verdict.kind)));
    hn_json_pair(&out, "sha256", hn_text_cstr(job->sha256));
    hn_json_pair(&out, "name", hn_text_cstr(job->name));
    add_reasons(&out, &result->verdict);
    add_hosts(&out, &result->sightings);
    hn_json_close(&out, '}');
    hn_buf_add_char(line, '\n');
}

enum hn_status sample_tell_verdict(struct samples *samples, const struct sample_job *job,
        const struct sample_result *result, struct hn_err *err)
{
    struct hn_buf line = { 0 };
    enum hn_status status;

    if (samples->options.tell == NULL || result->verdict.kind < ANALYZE_SUSPICIOUS)
        return HN_OK;
    write_event(samples, job, result, &line);
    status = hn_buf_ok(&line)
                     ? samples->options.tell(samples->options.ctx, hn_text_cstr(job->tenant),
                               hn_text_cstr(job->id), hn_buf_text(&line), err)
                     : hn_fail(err, HN_NOMEM, 0, "verdict");
    hn_buf_deinit(&line);
    return status;
}

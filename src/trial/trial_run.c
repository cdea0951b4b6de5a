/* trial_run.c - one test: its events, as often and at the times it says. */
#include "trial/trial.h"

#include "base/buf.h"

/* "{n}" becomes the number of the repetition. */
static void fill_in(struct hn_text event, uint32_t number, struct hn_buf *out)
{
    const struct hn_text mark = HN_TEXT("{n}");
    size_t at = 0;

    hn_buf_reset(out);
    for (;;) {
        size_t found = hn_text_find(event, mark, at);

        if (found == SIZE_MAX)
            break;
        hn_buf_add(out, event.ptr + at, found - at);
        hn_buf_add_u64(out, number);
        at = found + mark.len;
    }
    hn_buf_add(out, event.ptr + at, event.len - at);
}

static enum hn_status feed_step(
        struct trial *trial, const struct trial_step *step, struct hn_buf *text, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < step->repeat; i++) {
        struct trial_input input = {
            .format = step->format, .source = step->source, .at = HN_TIME_NONE
        };

        fill_in(step->event, i + 1, text);
        if (!hn_buf_ok(text))
            return hn_fail(err, text->status, 0, "event");
        input.bytes = hn_text_as_bytes(hn_buf_text(text));
        if (step->at != HN_TIME_NONE)
            input.at = step->at + (hn_time)i * step->every;
        status = trial_feed(trial, &input, err);
    }
    return status;
}

enum hn_status trial_run(struct trial *trial, const struct trial_case *test,
        trial_on_event *on_event, void *ctx, struct hn_err *err)
{
    enum hn_status status = trial_reset(trial, on_event, ctx);
    struct hn_buf text = { 0 };

    for (uint32_t i = 0; status == HN_OK && i < test->step_count; i++)
        status = feed_step(trial, &test->steps[i], &text, err);
    if (status == HN_OK)
        status = trial_finish(trial, test->until);
    hn_buf_deinit(&text);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "%s", hn_status_text(status));
}

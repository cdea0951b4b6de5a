/* ingest_auth.c - which token a request brings: Basic (its password), ApiKey, Bearer, Splunk. */
#include "ingest/ingest_internal.h"

#include "base/enc.h"

#define SECRET_BYTES_MAX 1024

const char ingest_no_token[] = "a token is needed";

struct credentials {
    struct hn_text user;
    struct hn_text secret;
    struct hn_buf decoded;
};

/* "user:secret" in base64. */
static bool split_pair(struct hn_text encoded, struct credentials *ret)
{
    size_t colon;

    hn_buf_init(&ret->decoded, SECRET_BYTES_MAX);
    if (!hn_base64_decode(&ret->decoded, encoded) || !hn_buf_ok(&ret->decoded))
        return false;
    colon = hn_text_find_char(hn_buf_text(&ret->decoded), ':', 0);
    if (colon == SIZE_MAX)
        return false;
    ret->user = hn_text_sub(hn_buf_text(&ret->decoded), 0, colon);
    ret->secret = hn_text_sub(hn_buf_text(&ret->decoded), colon + 1, SIZE_MAX);
    return true;
}

/* False: there is a header, but nothing we understand. An empty secret: there is none. */
static bool find_credentials(const struct http_request *request, struct credentials *ret)
{
    struct hn_text value;
    struct hn_text scheme;

    if (!http_request_header(request, "Authorization", &value) || value.len == 0)
        return true;
    if (value.len > SECRET_BYTES_MAX || !hn_text_split(&value, ' ', &scheme))
        return false;
    value = hn_text_trim(value);
    if (hn_text_eq_nocase(scheme, HN_TEXT("basic")) || hn_text_eq_nocase(scheme, HN_TEXT("apikey")))
        return split_pair(value, ret);
    ret->secret = value;
    return hn_text_eq_nocase(scheme, HN_TEXT("bearer")) ||
           hn_text_eq_nocase(scheme, HN_TEXT("splunk"));
}

static void judge(struct ingest *ingest, const struct http_request *request,
        const struct credentials *credentials, struct http_verdict *verdict)
{
    struct ingest_grant *grant = hn_calloc(1, sizeof *grant);

    if (grant == NULL) {
        *verdict = (struct http_verdict){ .status = 503, .detail = "no memory" };
        return;
    }
    switch (ingest->options.on_token(
            ingest->options.ctx, request, credentials->user, credentials->secret, grant)) {
    case INGEST_ALLOWED:
        verdict->principal = grant;
        verdict->principal_free = hn_free;
        return;
    case INGEST_FORBIDDEN:
        *verdict = (struct http_verdict){ .status = 403, .detail = "this token is not for events" };
        break;
    case INGEST_LATER:
        *verdict = (struct http_verdict){
            .status = 429, .detail = "too many attempts", .retry_after_s = 30
        };
        break;
    case INGEST_UNKNOWN:
        verdict->status = 401;
        verdict->detail = "the token is not known";
        break;
    }
    hn_free(grant);
}

void ingest_authenticate(void *ctx, const struct http_request *request,
        const struct http_route *route, struct http_verdict *ret_verdict)
{
    struct ingest *ingest = ctx;
    struct credentials credentials = { .secret = HN_TEXT("") };

    (void)route;
    if (ingest->options.on_token == NULL)
        return;
    ret_verdict->challenge = "Basic realm=\"hinomi\"";
    if (!find_credentials(request, &credentials)) {
        ret_verdict->status = 401;
        ret_verdict->detail = "Authorization is not Basic, ApiKey, Bearer or Splunk";
    } else if (credentials.secret.len == 0) {
        ret_verdict->status = 401;
        ret_verdict->detail = ingest_no_token;
    } else {
        judge(ingest, request, &credentials, ret_verdict);
    }
    hn_buf_deinit(&credentials.decoded);
}

void ingest_authenticate_hec(void *ctx, const struct http_request *request,
        const struct http_route *route, struct http_verdict *ret_verdict)
{
    struct hn_text value;

    ingest_authenticate(ctx, request, route, ret_verdict);
    /* Splunk answers 401 only where nothing was brought that could be a token. */
    if (ret_verdict->status == 401 && ret_verdict->detail != ingest_no_token &&
            http_request_header(request, "Authorization", &value) &&
            hn_text_starts_nocase(value, HN_TEXT("splunk ")))
        ret_verdict->status = 403;
}

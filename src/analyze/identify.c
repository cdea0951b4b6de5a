/* identify.c - what names an object: its size and its digests, by which others know it. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/buf.h"

#include <openssl/evp.h>

static enum hn_status digest(
        struct take *take, uint32_t id, const char *name, const EVP_MD *kind, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(take->dissect, id);
    unsigned char sum[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE];
    struct hn_buf out = hn_buf_over(hex, sizeof hex);
    unsigned len = 0;

    if (EVP_Digest(object->data.len > 0 ? object->data.ptr : sum, object->data.len, sum, &len, kind,
                NULL) != 1)
        return hn_fail(err, HN_NOMEM, 0, "digest of an object");
    hn_buf_add_hex(&out, sum, len);
    dissect_fact(take->dissect, id, name, hn_buf_text(&out));
    return HN_OK;
}

enum hn_status take_identify(struct take *take, uint32_t id, struct hn_err *err)
{
    enum hn_status status;

    dissect_fact_u64(take->dissect, id, "size", dissect_get(take->dissect, id)->data.len);
    status = digest(take, id, "md5", EVP_md5(), err);
    if (status == HN_OK)
        status = digest(take, id, "sha1", EVP_sha1(), err);
    if (status == HN_OK)
        status = digest(take, id, "sha256", EVP_sha256(), err);
    return status;
}

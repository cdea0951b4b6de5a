/* mail_smime.c - S/MIME (RFC 8551): what signed data signs can be read by anybody. OpenSSL reads
 * the structure; signatures are not checked, since a valid one says nothing about a sample. */
#include "mail/mail_internal.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>

enum mail_smime_kind mail_smime_content(
        struct hn_arena *arena, struct hn_bytes der, struct hn_bytes *ret_content)
{
    const unsigned char *next = der.ptr;
    CMS_ContentInfo *cms;
    enum mail_smime_kind kind = MAIL_SMIME_OTHER;
    int type;

    *ret_content = (struct hn_bytes){ 0 };
    if (der.len < 16 || der.len > (size_t)64 << 20)
        return kind;
    cms = d2i_CMS_ContentInfo(NULL, &next, (long)der.len);
    if (cms == NULL) {
        ERR_clear_error();
        return kind;
    }
    type = OBJ_obj2nid(CMS_get0_type(cms));
    if (type == NID_pkcs7_enveloped || type == NID_id_smime_ct_authEnvelopedData) {
        kind = MAIL_SMIME_ENVELOPED;
    } else if (type == NID_pkcs7_signed) {
        ASN1_OCTET_STRING **content = CMS_get0_content(cms);

        kind = MAIL_SMIME_SIGNED;
        if (content != NULL && *content != NULL && ASN1_STRING_length(*content) > 0) {
            struct hn_text copy =
                    hn_arena_text(arena, hn_text_of((const char *)ASN1_STRING_get0_data(*content),
                                                 (size_t)ASN1_STRING_length(*content)));

            *ret_content = hn_bytes_of(copy.ptr, copy.len);
        }
    }
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return kind;
}

/* pe_signature.c - whether an Authenticode signature fits the file. Whom to trust is not asked:
 * that needs a list of roots and a clock, and stolen certificates are trusted as well. */
#include "program/program_internal.h"

#include "base/reader.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#define NAME_BYTES_MAX 256

static struct hn_text name_part(struct hn_arena *arena, const X509_NAME *name)
{
    static const int parts[] = { NID_commonName, NID_organizationName };
    struct hn_text copy = { "", 0 };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int at = X509_NAME_get_index_by_NID(name, parts[i], -1);
        unsigned char *utf8 = NULL;
        int len;

        if (at < 0)
            continue;
        len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (len > 0) {
            copy = hn_arena_text(
                    arena, hn_text_of((const char *)utf8,
                                   (size_t)(len < NAME_BYTES_MAX ? len : NAME_BYTES_MAX)));
        }
        OPENSSL_free(utf8);
        if (len > 0)
            break;
    }
    return copy;
}

/* The file without its checksum, the entry of the certificates and the certificates themselves. */
static bool digest_image(struct hn_bytes bytes, const struct program_pe *pe, const EVP_MD *kind,
        unsigned char *ret_digest, unsigned *ret_len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t from = (size_t)pe->checksum_offset + 4;
    size_t to = pe->security_offset;
    size_t end = (size_t)pe->certificate_offset;
    bool good = context != NULL && from <= to && to + 8 <= end && end <= bytes.len;

    good = good && EVP_DigestInit_ex(context, kind, NULL) == 1;
    good = good && EVP_DigestUpdate(context, bytes.ptr, pe->checksum_offset) == 1;
    good = good && EVP_DigestUpdate(context, bytes.ptr + from, to - from) == 1;
    good = good && EVP_DigestUpdate(context, bytes.ptr + to + 8, end - to - 8) == 1;
    good = good && EVP_DigestFinal_ex(context, ret_digest, ret_len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* One DER element: its content and what follows. False when it is cut off or has another tag. */
static bool der_take(struct hn_bytes *in, uint8_t tag, struct hn_bytes *ret_content)
{
    size_t len;
    size_t head = 2;

    if (in->len < 2 || (tag != 0 && in->ptr[0] != tag))
        return false;
    len = in->ptr[1];
    if (len >= 0x80) {
        size_t bytes = len & 0x7Fu;

        if (bytes == 0 || bytes > 4 || in->len < 2 + bytes)
            return false;
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | in->ptr[2 + i];
        head += bytes;
    }
    if (len > in->len - head)
        return false;
    *ret_content = hn_bytes_of(in->ptr + head, len);
    *in = hn_bytes_of(in->ptr + head + len, in->len - head - len);
    return true;
}

/* SpcIndirectDataContent: SEQUENCE { data, SEQUENCE { SEQUENCE { OID, ... }, OCTET STRING } } */
static bool read_indirect(
        struct hn_bytes content, const EVP_MD **ret_kind, struct hn_bytes *ret_digest)
{
    struct hn_bytes data;
    struct hn_bytes info;
    struct hn_bytes algorithm;
    const unsigned char *at;
    ASN1_OBJECT *oid;

    if (!der_take(&content, 0x30, &data) || !der_take(&content, 0x30, &info) ||
            !der_take(&info, 0x30, &algorithm) || !der_take(&info, 0x04, ret_digest))
        return false;
    at = algorithm.ptr;
    oid = d2i_ASN1_OBJECT(NULL, &at, (long)algorithm.len);
    *ret_kind = oid != NULL ? EVP_get_digestbyobj(oid) : NULL;
    ASN1_OBJECT_free(oid);
    return *ret_kind != NULL;
}

static const char *judge(struct hn_bytes bytes, const struct program_pe *pe, PKCS7 *p7)
{
    const ASN1_TYPE *any = p7->d.sign->contents->d.other;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    struct hn_bytes content;
    struct hn_bytes wanted;
    const EVP_MD *kind;
    BIO *signed_bytes;
    int verified;

    if (any == NULL || any->type != V_ASN1_SEQUENCE)
        return "signs no image";
    content = hn_bytes_of(ASN1_STRING_get0_data(any->value.sequence),
            (size_t)ASN1_STRING_length(any->value.sequence));
    {
        struct hn_bytes whole = content;

        /* What is signed is the content of the outer SEQUENCE, without its tag and length. */
        if (!der_take(&whole, 0x30, &content) || !read_indirect(content, &kind, &wanted))
            return "signs no image";
    }
    if (!digest_image(bytes, pe, kind, digest, &digest_len))
        return "signature lies within the image";
    if (digest_len != wanted.len || memcmp(digest, wanted.ptr, digest_len) != 0)
        return "file was changed after it was signed";
    signed_bytes = BIO_new_mem_buf(content.ptr, (int)content.len);
    if (signed_bytes == NULL)
        return "out of memory";
    verified = PKCS7_verify(p7, NULL, NULL, signed_bytes, NULL, PKCS7_NOVERIFY | PKCS7_BINARY);
    BIO_free(signed_bytes);
    return verified == 1 ? NULL : "signature does not fit its certificate";
}

static void read_signer(struct hn_arena *arena, PKCS7 *p7, struct program_signature *ret_signature)
{
    STACK_OF(X509) *signers = PKCS7_get0_signers(p7, NULL, 0);
    X509 *signer = signers != NULL && sk_X509_num(signers) > 0 ? sk_X509_value(signers, 0) : NULL;
    BIGNUM *serial;
    char *hex;

    if (signer != NULL) {
        ret_signature->signer = name_part(arena, X509_get_subject_name(signer));
        ret_signature->issuer = name_part(arena, X509_get_issuer_name(signer));
        serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(signer), NULL);
        hex = serial != NULL ? BN_bn2hex(serial) : NULL;
        if (hex != NULL)
            ret_signature->serial = hn_arena_text(arena, hn_text_cstr(hex));
        OPENSSL_free(hex);
        BN_free(serial);
    }
    sk_X509_free(signers);
}

void program_signature_read(struct hn_arena *arena, struct hn_bytes bytes,
        const struct program_pe *pe, struct program_signature *ret_signature)
{
    const unsigned char *at = pe->certificate.ptr;
    PKCS7 *p7;

    *ret_signature = (struct program_signature){ .trust = PROGRAM_UNSIGNED };
    if (pe->certificate.len == 0)
        return;
    ret_signature->trust = PROGRAM_SIGNED_WRONG;
    p7 = d2i_PKCS7(NULL, &at, (long)pe->certificate.len);
    if (p7 == NULL || !PKCS7_type_is_signed(p7) || p7->d.sign == NULL ||
            p7->d.sign->contents == NULL) {
        ret_signature->reason = "signature cannot be read";
    } else {
        read_signer(arena, p7, ret_signature);
        ret_signature->reason = judge(bytes, pe, p7);
        if (ret_signature->reason == NULL)
            ret_signature->trust = PROGRAM_SIGNED;
    }
    PKCS7_free(p7);
    ERR_clear_error();
}

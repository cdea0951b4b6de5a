/* protect_uuid.c - names that are the same wherever the same thing was found. */
#include "protect/protect_internal.h"

#include <openssl/evp.h>

/* Our name space, itself a UUID version 5 of "https://hinomi.example/protect" by URL. */
static const uint8_t name_space[16] = { 0x5E, 0x2B, 0x0C, 0x0A, 0x6D, 0x3F, 0x5A, 0x41, 0x9C, 0x77,
    0x3D, 0xF1, 0x0B, 0x84, 0xE6, 0x19 };
/* That of STIX 2.1, section 2.9, for observables. */
static const uint8_t observables[16] = { 0x00, 0xAB, 0xED, 0xB4, 0xAA, 0x42, 0x46, 0x6C, 0x9C, 0x01,
    0xFE, 0xD2, 0x33, 0x15, 0xA9, 0xB7 };

static void uuid(const uint8_t space[16], struct hn_text kind, struct hn_text name,
        char out[PROTECT_UUID_LEN])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[EVP_MAX_MD_SIZE] = { 0 };
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t at = 0;

    /* Without the digest the name is not unique, but it is still well-formed. */
    if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1) {
        (void)EVP_DigestUpdate(ctx, space, 16);
        (void)EVP_DigestUpdate(ctx, kind.ptr, kind.len);
        if (kind.len > 0)
            (void)EVP_DigestUpdate(ctx, "|", 1);
        (void)EVP_DigestUpdate(ctx, name.ptr, name.len);
        (void)EVP_DigestFinal_ex(ctx, digest, NULL);
    }
    EVP_MD_CTX_free(ctx);
    digest[6] = (uint8_t)((digest[6] & 0x0F) | 0x50);
    digest[8] = (uint8_t)((digest[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = digits[digest[i] >> 4];
        out[at++] = digits[digest[i] & 15];
    }
}

void protect_uuid(struct hn_text kind, struct hn_text name, char out[PROTECT_UUID_LEN])
{
    uuid(name_space, kind, name, out);
}

void protect_uuid_observable(struct hn_text json, char out[PROTECT_UUID_LEN])
{
    uuid(observables, hn_text_of("", 0), json, out);
}

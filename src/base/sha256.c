/* sha256.c - SHA-256 by OpenSSL's libcrypto, which checks nothing but the algorithm's name. */
#include "base/sha256.h"

#include <openssl/evp.h>

bool hn_sha256(struct hn_bytes bytes, uint8_t ret_digest[HN_SHA256_BYTES])
{
    return EVP_Digest(bytes.ptr, bytes.len, ret_digest, NULL, EVP_sha256(), NULL) == 1;
}

bool hn_sha256_hex(struct hn_bytes bytes, char ret_hex[HN_SHA256_HEX_LEN])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[HN_SHA256_BYTES];

    if (!hn_sha256(bytes, digest))
        return false;
    for (size_t i = 0; i < sizeof digest; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    return true;
}

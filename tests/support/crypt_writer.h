/* crypt_writer.h - encrypts Office documents by [MS-OFFCRYPTO] for tests and for the generator of
 * samples. Written from the specification, apart from src/msocrypt, so that each checks the other.
 *
 * Salts and verifiers are fixed: the same input gives the same file. Passwords are UTF-8.
 * Memory: appends to a buffer; failures of memory end the program (this is for tests).
 * Concurrency: one thread at a time. */
#ifndef TESTS_SUPPORT_CRYPT_WRITER_H
#define TESTS_SUPPORT_CRYPT_WRITER_H

#include "base/buf.h"
#include "base/view.h"

#include <stdint.h>

/* A package (docx, xlsx, ...) as an encrypted compound file. hash: "SHA1" to "SHA512"; key_bits:
 * 128, 192, 256. */
void crypt_writer_agile(struct hn_buf *out, struct hn_bytes package, const char *password,
        const char *hash, unsigned key_bits, unsigned spins);
void crypt_writer_standard(
        struct hn_buf *out, struct hn_bytes package, const char *password, unsigned key_bits);

enum crypt_writer_kind { CRYPT_WRITER_XOR, CRYPT_WRITER_RC4, CRYPT_WRITER_CRYPTOAPI };

/* A Workbook stream whose first record is BOF, with a FILEPASS record behind that; everything else
 * encrypted. key_bits is for CryptoAPI: 40 to 128. */
void crypt_writer_xls(struct hn_buf *out, struct hn_bytes workbook, const char *password,
        enum crypt_writer_kind kind, unsigned key_bits);

/* A WordDocument stream (at least 68 bytes; flags and key of its FIB are set) and the part of the
 * table stream behind the encryption header. */
void crypt_writer_doc(struct hn_buf *out, struct hn_bytes word, struct hn_bytes table,
        const char *password, enum crypt_writer_kind kind, unsigned key_bits);

/* A presentation of one object: `record` with its header. */
void crypt_writer_ppt(
        struct hn_buf *out, struct hn_bytes record, const char *password, unsigned key_bits);

#endif

/* program.h - the messages of programs on Unix machines, as tables; see program.c.
 *
 * Private to src/decode: program.c looks a program up, program_auth.c and program_system.c hold
 * what the programs say. */
#ifndef HN_DECODE_PROGRAM_H
#define HN_DECODE_PROGRAM_H

#include "decode/pattern.h"

struct program_messages {
    const struct message_kind *kinds;
    size_t count;
    struct hn_text category; /* Sigma's, of the messages that a pattern fits; empty: none */
    bool always;             /* of all messages of the program */
};

extern const struct program_messages sshd_messages;
extern const struct program_messages su_messages;
extern const struct program_messages login_messages;
extern const struct program_messages account_messages;
extern const struct program_messages polkit_messages;
extern const struct program_messages cron_messages;
extern const struct program_messages clamav_messages;
extern const struct program_messages vsftpd_messages;
extern const struct program_messages guacamole_messages;
extern const struct program_messages systemd_messages;
extern const struct program_messages kernel_messages;
extern const struct program_messages dns_messages;
extern const struct program_messages database_messages;

#endif

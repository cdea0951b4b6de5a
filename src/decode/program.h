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

extern const struct program_messages decode_sshd_messages;
extern const struct program_messages decode_su_messages;
extern const struct program_messages decode_login_messages;
extern const struct program_messages decode_account_messages;
extern const struct program_messages decode_polkit_messages;
extern const struct program_messages decode_cron_messages;
extern const struct program_messages decode_clamav_messages;
extern const struct program_messages decode_vsftpd_messages;
extern const struct program_messages decode_guacamole_messages;
extern const struct program_messages decode_systemd_messages;
extern const struct program_messages decode_kernel_messages;
extern const struct program_messages decode_dns_messages;
extern const struct program_messages decode_database_messages;

#endif

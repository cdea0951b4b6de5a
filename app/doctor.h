/* doctor.h - checks of a server's machine; each says what it found and what to do about it.
 *
 * Nothing is changed. Each check takes what is there and goes on where something is missing, so
 * that one run tells everything. Concurrency: one thread. */
#ifndef HN_APP_DOCTOR_H
#define HN_APP_DOCTOR_H

#include "app/local.h"
#include "base/attr.h"
#include "base/buf.h"
#include "config/config.h"

#include <stdbool.h>

enum doctor_verdict { DOCTOR_FINE, DOCTOR_ODD, DOCTOR_BAD };

struct doctor {
    const struct config *config;
    char data[LOCAL_PATH_MAX];
    bool running; /* a server has this data folder */
    bool full;    /* read all of journal and database, however large */
    bool json;
    struct hn_buf out;
    unsigned odd;
    unsigned bad;
};

/* One finding. what is the check's name; text says what was found, in the user's language and with
 * outside text in it unescaped; advice NULL or "": nothing to do. */
void doctor_say(struct doctor *doctor, enum doctor_verdict verdict, const char *what,
        const char *text, const char *advice);

void doctor_check_data(struct doctor *doctor);
void doctor_check_disk(struct doctor *doctor);
void doctor_check_journal(struct doctor *doctor);
void doctor_check_database(struct doctor *doctor);
void doctor_check_certificate(struct doctor *doctor);
void doctor_check_rules(struct doctor *doctor);
void doctor_check_ports(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);
void doctor_check_limits(struct doctor *doctor);
void doctor_check_unit(struct doctor *doctor);

#endif

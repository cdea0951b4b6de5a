/* secret_input.h - passwords: from a terminal without being shown, from a file, or made here.
 *
 * Never from the command line, which everybody on the machine can read. */
#ifndef HN_APP_SECRET_INPUT_H
#define HN_APP_SECRET_INPUT_H

#include "auth/auth.h"
#include "base/attr.h"

#include <stdbool.h>

/* file "-" is standard input, of which the first line is taken; NULL: the terminal is asked, twice.
 * Without a terminal nobody is asked. EXIT_USAGE or EXIT_IO after saying what is wrong. */
HN_MUST_USE int secret_read(const char *file, char ret_secret[AUTH_PASSWORD_MAX + 1]);
/* 24 letters and digits. */
HN_MUST_USE int secret_make(char ret_secret[AUTH_PASSWORD_MAX + 1]);
/* Overwrites it in memory. */
void secret_forget(char secret[AUTH_PASSWORD_MAX + 1]);

#endif

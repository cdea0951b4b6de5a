/* folder.h - an empty folder for a test, and its end with all that is in it.
 *
 * Folders inside it are not emptied: the tests that use this make none. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <stddef.h>

/* Below TMPDIR, or else in memory where that is possible. To be given back with folder_free();
 * fails the test when it cannot be made. */
char *folder_new(void);
void folder_free(char *dir);
void folder_empty(const char *dir);
/* Every file of one to the other, which is emptied first. */
void folder_copy(const char *from, const char *to);
/* The n-th file (in the order of names) whose name ends so; false when there are fewer. */
int folder_file(const char *dir, const char *end, unsigned n, char *out, size_t room);

#endif

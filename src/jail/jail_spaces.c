/* jail_spaces.c - name spaces and Landlock: what a child could still name if the filter had a
 * hole. Each is tried; kernels, containers and service managers may refuse any of them. */
#include "jail/jail_internal.h"

#include <linux/landlock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An empty folder in memory becomes the root of everything. */
static void leave_files(void)
{
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=0555") !=
                    0)
        return;
    if (chdir("/tmp") == 0 && syscall(SYS_pivot_root, ".", ".") == 0)
        (void)umount2(".", MNT_DETACH);
    if (chdir("/") != 0)
        return; /* then it stays in the empty folder, which is as good */
}

/* Nothing below any folder may be touched; no rule gives anything back. */
static void leave_paths(void)
{
    static const uint64_t all = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                                LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                LANDLOCK_ACCESS_FS_MAKE_SYM;
    struct landlock_ruleset_attr attr = { .handled_access_fs = all };
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);

    if (ruleset < 0)
        return;
    (void)syscall(SYS_landlock_restrict_self, ruleset, 0);
    (void)close(ruleset);
}

void jail_leave_spaces(void)
{
    static const int spaces[] = { CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS };

    /* As nobody in a user name space of its own the rest needs no permission; as root it may work
     * where that is forbidden. */
    (void)unshare(CLONE_NEWUSER);
    for (size_t i = 0; i < HN_COUNT_OF(spaces); i++)
        (void)unshare(spaces[i]);
    if (unshare(CLONE_NEWNS) == 0)
        leave_files();
    leave_paths();
}

/* git_clone.c - git is run as a program with arguments, never through a shell. A repository is
 * somebody else's: what could make git run or write something is switched off. */
#include "app/git_clone.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/mem.h"
#include "base/view.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool is_bare_repository(const char *path)
{
    char below[4200];
    struct stat info;

    if (snprintf(below, sizeof below, "%s/HEAD", path) >= (int)sizeof below ||
            stat(below, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    (void)snprintf(below, sizeof below, "%s/objects", path);
    return stat(below, &info) == 0 && S_ISDIR(info.st_mode);
}

bool git_is_repository(const char *source)
{
    struct hn_text text = hn_text_cstr(source);
    size_t colon = hn_text_find_char(text, ':', 0);
    size_t slash = hn_text_find_char(text, '/', 0);
    struct stat info;

    if (stat(source, &info) == 0)
        return S_ISDIR(info.st_mode) && is_bare_repository(source);
    return hn_text_find(text, HN_TEXT("://"), 0) != SIZE_MAX ||
           (colon != SIZE_MAX && colon < slash && hn_text_find_char(text, '@', 0) < colon);
}

/* The environment without git's own variables, which could bring hooks and helpers back in. */
static char **clean_environment(void)
{
    static char prompt[] = "GIT_TERMINAL_PROMPT=0";
    static char system_config[] = "GIT_CONFIG_NOSYSTEM=1";
    static char global_config[] = "GIT_CONFIG_GLOBAL=/dev/null";
    static char lfs[] = "GIT_LFS_SKIP_SMUDGE=1";
    static char language[] = "LC_ALL=C.UTF-8";
    char *const ours[] = { prompt, system_config, global_config, lfs, language };
    size_t count = 0;
    size_t kept = 0;
    char **variables;

    while (environ[count] != NULL)
        count++;
    variables = hn_calloc(count + HN_COUNT_OF(ours) + 1, sizeof *variables);
    if (variables == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "GIT_", 4) != 0 && strncmp(environ[i], "LC_ALL=", 7) != 0)
            variables[kept++] = environ[i];
    }
    memcpy(variables + kept, ours, sizeof ours);
    return variables;
}

/* posix_spawnp() takes pointers to what it does not change. */
static char *argument(const char *text)
{
    union {
        const char *in;
        char *out;
    } same = { text };

    return same.out;
}

static int spawn(char *const *arguments, char *const *variables, pid_t *ret_pid)
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int error = posix_spawnattr_init(&attributes);

    if (error != 0)
        return error;
    /* We ignore SIGPIPE; git relies on it. */
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    error = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (error == 0)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error = posix_spawnp(ret_pid, "git", NULL, &attributes, arguments, variables);
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return EXIT_IO;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return EXIT_FINE;
    ui_error("%s", UI_TEXT("git could not fetch the repository", "git で取得できませんでした"));
    return EXIT_IO;
}

int git_clone(const char *source, const char *branch, const char *folder)
{
    static const char *const fixed[] = { "git", "-c", "core.hooksPath=/dev/null", "-c",
        "core.symlinks=false", "-c", "core.fsmonitor=false", "-c", "core.protectNTFS=true", "-c",
        "protocol.allow=never", "-c", "protocol.https.allow=always", "-c",
        "protocol.ssh.allow=always", "-c", "protocol.file.allow=always", "-c",
        "transfer.fsckObjects=true", "clone", "--quiet", "--depth=1", "--no-tags",
        "--single-branch", "--no-recurse-submodules", "--no-local", "--template=" };
    char *arguments[HN_COUNT_OF(fixed) + 6] = { NULL };
    char **variables = clean_environment();
    size_t count = 0;
    pid_t pid;
    int error;

    if (variables == NULL)
        return EXIT_IO;
    for (; count < HN_COUNT_OF(fixed); count++)
        arguments[count] = argument(fixed[count]);
    if (branch != NULL) {
        arguments[count++] = argument("--branch");
        arguments[count++] = argument(branch);
    }
    arguments[count++] = argument("--");
    arguments[count++] = argument(source);
    arguments[count] = argument(folder);
    error = spawn(arguments, variables, &pid);
    hn_free(variables);
    if (error == 0)
        return wait_for(pid);
    ui_error(UI_TEXT("git cannot be started: %s", "git を起動できません: %s"),
            strerror(error)); /* NOLINT(concurrency-mt-unsafe) */
    return EXIT_IO;
}

/* yarascan_compile.c - files of rules to one compiled set. A compiler of libyara is of no more use
 * after the first error, so all files are tried together; only when that fails is each tried alone
 * and the broken ones are left out. */
#include "yarascan/yarascan_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct compiling {
    const char *const *paths;
    size_t count;
    bool *broken; /* per path */
    yarascan_on_problem *on_problem;
    void *ctx;
    const char *path; /* tried now; NULL: nobody is told */
    bool told;        /* of that path */
};

const char *yarascan_error_text(int error)
{
    switch (error) {
    case ERROR_INSUFFICIENT_MEMORY:
        return "no memory";
    case ERROR_SCAN_TIMEOUT:
        return "no more time";
    case ERROR_TOO_MANY_MATCHES:
        return "a string matches too often";
    case ERROR_TOO_MANY_RE_FIBERS:
        return "a regular expression branches too often";
    case ERROR_EXEC_STACK_OVERFLOW:
        return "a condition is too deep";
    default:
        return "libyara failed";
    }
}

static void tell(struct compiling *all, const char *path, uint32_t line, const char *message)
{
    struct yarascan_problem problem = { path, line, message };

    if (all->path == NULL || all->told)
        return; /* the first error of a file; what follows it is often its echo */
    all->told = true;
    all->on_problem(all->ctx, &problem);
}

static void on_message(
        int level, const char *file, int line, const YR_RULE *rule, const char *message, void *ctx)
{
    struct compiling *all = ctx;

    (void)rule;
    if (level == YARA_ERROR_LEVEL_ERROR)
        tell(all, file != NULL ? file : all->path, line > 0 ? (uint32_t)line : 0, message);
}

/* NULL: no memory. */
static YR_COMPILER *new_compiler(struct compiling *all)
{
    static const char *const names[] = {
#define YARASCAN_VARIABLE_ROW(name) name,
        YARASCAN_VARIABLE_LIST(YARASCAN_VARIABLE_ROW)
#undef YARASCAN_VARIABLE_ROW
    };
    YR_COMPILER *compiler = NULL;

    if (yr_compiler_create(&compiler) != ERROR_SUCCESS)
        return NULL;
    yr_compiler_set_callback(compiler, on_message, all);
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (yr_compiler_define_string_variable(compiler, names[i], "") != ERROR_SUCCESS) {
            yr_compiler_destroy(compiler);
            return NULL;
        }
    }
    return compiler;
}

/* A regular file of sane size that is not compiled already; NULL and told otherwise. */
static FILE *open_rules(struct compiling *all, const char *path)
{
    static const char magic[4] = { 'Y', 'A', 'R', 'A' };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat state;
    char head[sizeof magic];
    FILE *file = NULL;

    if (fd < 0 || fstat(fd, &state) != 0)
        tell(all, path, 0, "it cannot be read");
    else if (!S_ISREG(state.st_mode) || state.st_size > YARASCAN_FILE_BYTES_MAX)
        tell(all, path, 0, "it is no file, or too large");
    else if (pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
             memcmp(head, magic, sizeof magic) == 0)
        tell(all, path, 0, "compiled rules are not taken: give their source");
    else
        file = fdopen(fd, "r");
    if (file == NULL && fd >= 0)
        (void)close(fd);
    return file;
}

static bool add_file(struct compiling *all, YR_COMPILER *compiler, const char *path)
{
    FILE *file = open_rules(all, path);
    int errors = 1;

    if (file == NULL)
        return false;
    errors = yr_compiler_add_file(compiler, file, path, path);
    (void)fclose(file);
    return errors == 0;
}

/* All that are not known to be broken. *ret_compiled stays NULL when one of them fails. */
static enum hn_status compile_all(struct compiling *all, YR_RULES **ret_compiled)
{
    YR_COMPILER *compiler = new_compiler(all);
    bool fine = compiler != NULL;
    int error = ERROR_SUCCESS;

    if (!fine)
        return HN_NOMEM;
    for (size_t i = 0; i < all->count && fine; i++)
        fine = all->broken[i] || add_file(all, compiler, all->paths[i]);
    if (fine)
        error = yr_compiler_get_rules(compiler, ret_compiled);
    yr_compiler_destroy(compiler);
    if (error == ERROR_INSUFFICIENT_MEMORY)
        return HN_NOMEM;
    return error == ERROR_SUCCESS ? HN_OK : HN_UNSUPPORTED;
}

/* Each file alone, to know which are broken and why. */
static enum hn_status find_broken(struct compiling *all)
{
    for (size_t i = 0; i < all->count; i++) {
        YR_COMPILER *compiler = new_compiler(all);

        if (compiler == NULL)
            return HN_NOMEM;
        all->path = all->paths[i];
        all->told = false;
        all->broken[i] = !add_file(all, compiler, all->paths[i]);
        if (all->broken[i])
            tell(all, all->paths[i], 0, "it cannot be compiled");
        all->path = NULL;
        yr_compiler_destroy(compiler);
    }
    return HN_OK;
}

/* ---- What libraries load on first use, from files that the jail does not have ---- */

static int on_warm(YR_SCAN_CONTEXT *context, int message, void *data, void *ctx)
{
    bool *wants_magic = ctx;

    (void)context;
    if (message == CALLBACK_MSG_IMPORT_MODULE &&
            strcmp(((const YR_MODULE_IMPORT *)data)->module_name, "magic") == 0)
        *wants_magic = true;
    return CALLBACK_CONTINUE;
}

/* The data base of the module "magic", when rules ask for it. What fails here fails in the jail
 * again, as a rule that does not fit. */
static void warm(YR_RULES *compiled)
{
    struct compiling nobody = { .path = NULL };
    bool wants_magic = false;
    YR_COMPILER *compiler;
    YR_RULES *rules = NULL;
    static const uint8_t nothing[1];

    (void)yr_rules_scan_mem(compiled, nothing, 0, SCAN_FLAGS_NO_TRYCATCH, on_warm, &wants_magic, 1);
    compiler = wants_magic ? new_compiler(&nobody) : NULL;
    if (compiler == NULL)
        return;
    if (yr_compiler_add_string(compiler,
                "import \"magic\" rule warm { condition: magic.mime_type() == \"\" and "
                "magic.type() == \"\" }",
                NULL) == 0 &&
            yr_compiler_get_rules(compiler, &rules) == ERROR_SUCCESS) {
        (void)yr_rules_scan_mem(
                rules, nothing, sizeof nothing, SCAN_FLAGS_NO_TRYCATCH, on_warm, &wants_magic, 1);
        (void)yr_rules_destroy(rules);
    }
    yr_compiler_destroy(compiler);
}

/* ---- Life ---- */

static enum hn_status compile(struct compiling *all, struct yarascan_rules *rules)
{
    enum hn_status status = compile_all(all, &rules->compiled);

    if (status != HN_OK || rules->compiled != NULL)
        return status;
    status = find_broken(all);
    /* What compiles alone may still not fit beside others: then nobody can say which. */
    if (status == HN_OK)
        status = compile_all(all, &rules->compiled);
    return status == HN_OK && rules->compiled == NULL ? HN_UNSUPPORTED : status;
}

enum hn_status yarascan_compile(const char *const *paths, size_t count,
        yarascan_on_problem *on_problem, void *ctx, struct yarascan_rules **ret_rules,
        struct hn_err *err)
{
    struct compiling all = { .paths = paths, .count = count, .on_problem = on_problem, .ctx = ctx };
    struct yarascan_rules *rules = hn_calloc(1, sizeof *rules);
    enum hn_status status = HN_NOMEM;

    all.broken = hn_calloc(count + 1, sizeof *all.broken);
    if (rules != NULL && all.broken != NULL && yr_initialize() == ERROR_SUCCESS) {
        status = compile(&all, rules);
        if (status == HN_OK && rules->compiled->num_rules > 0)
            warm(rules->compiled);
        if (status != HN_OK)
            (void)yr_finalize();
    }
    hn_free(all.broken);
    if (status != HN_OK) {
        hn_free(rules);
        return hn_fail(err, status, 0, "YARA rules: %s", hn_status_text(status));
    }
    if (rules->compiled->num_rules == 0) {
        yarascan_rules_free(rules);
        rules = NULL;
    }
    *ret_rules = rules;
    return HN_OK;
}

void yarascan_rules_free(struct yarascan_rules *rules)
{
    if (rules == NULL)
        return;
    (void)yr_rules_destroy(rules->compiled);
    (void)yr_finalize();
    hn_free(rules);
}

uint32_t yarascan_rules_count(const struct yarascan_rules *rules)
{
    return rules->compiled->num_rules;
}

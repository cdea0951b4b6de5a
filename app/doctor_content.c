/* doctor_content.c - the certificate and the rules. */
#include "app/doctor.h"

#include "app/exit_code.h"
#include "app/rules_load.h"
#include "app/ui.h"

#include "base/file.h"
#include "base/mem.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PEM_MAX   ((size_t)256 << 10)
#define SOON_DAYS 30

/* ---- Certificate ---- */

/* When it ends; (time_t)-1: it is none. */
static time_t end_of(struct hn_text pem)
{
    gnutls_datum_t data = { .size = (unsigned)pem.len };
    gnutls_x509_crt_t crt = NULL;
    time_t end = (time_t)-1;

    data.data = hn_malloc(pem.len + 1);
    if (data.data == NULL || gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS) {
        hn_free(data.data);
        return end;
    }
    memcpy(data.data, pem.ptr, pem.len);
    if (gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_PEM) == GNUTLS_E_SUCCESS)
        end = gnutls_x509_crt_get_expiration_time(crt);
    gnutls_x509_crt_deinit(crt);
    hn_free(data.data);
    return end;
}

static void judge_end(struct doctor *doctor, const char *path, time_t end)
{
    const char *what = UI_TEXT("Certificate", "証明書");
    long long days = ((long long)end - (long long)time(NULL)) / 86400;
    char stamp[HN_TIME_TEXT_MAX];
    char text[2 * LOCAL_PATH_MAX];
    enum doctor_verdict verdict = days < 0           ? DOCTOR_BAD
                                  : days < SOON_DAYS ? DOCTOR_ODD
                                                     : DOCTOR_FINE;

    if (end == (time_t)-1) {
        doctor_say(doctor, DOCTOR_BAD, what, path,
                UI_TEXT("this is no certificate in PEM; http.tls names it",
                        "PEM の証明書ではありません(http.tls の設定)"));
        return;
    }
    (void)snprintf(text, sizeof text, UI_TEXT("%s, valid until %.*s", "%s、期限 %.*s"), path,
            (int)(hn_time_write((hn_time)end * HN_SECOND, 0, stamp) > 10 ? 10 : 0), stamp);
    doctor_say(doctor, verdict, what, text,
            verdict == DOCTOR_FINE
                    ? NULL
                    : UI_TEXT("put a new one in its place and systemctl reload hinomi; the "
                              "self-made one: delete tls.crt and tls.key, restart, and give "
                              "shippers the new tls.crt",
                              "新しいものに置き換えて systemctl reload hinomi。自己署名なら "
                              "tls.crt と tls.key を消して再起動し、新しい tls.crt "
                              "をシッパーに配ってください"));
}

static void check_key(struct doctor *doctor, const char *path)
{
    char advice[2 * LOCAL_PATH_MAX];
    struct stat info;

    if (stat(path, &info) != 0 || (info.st_mode & 077) == 0)
        return;
    (void)snprintf(advice, sizeof advice, "chmod 600 %s", path);
    doctor_say(doctor, DOCTOR_BAD, UI_TEXT("Certificate", "証明書"),
            UI_TEXT("others can read the private key", "秘密鍵をほかのユーザーが読めます"), advice);
}

void doctor_check_certificate(struct doctor *doctor)
{
    const struct config_tls *files = &doctor->config->http.tls_files;
    char folder[LOCAL_PATH_MAX];
    char path[LOCAL_PATH_MAX];
    char key[LOCAL_PATH_MAX];
    struct hn_buf pem = { 0 };
    char *slash;

    if (!doctor->config->http.tls)
        return;
    if (files->certificate.len > 0) {
        (void)snprintf(path, sizeof path, "%s", files->certificate.ptr);
        (void)snprintf(key, sizeof key, "%s", files->key.ptr);
    } else if (snprintf(path, sizeof path, "%s/tls.crt", doctor->data) >= (int)sizeof path ||
               snprintf(key, sizeof key, "%s/tls.key", doctor->data) >= (int)sizeof key) {
        return;
    }
    if (access(path, R_OK) != 0)
        return; /* it is made at the first start */
    (void)snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    if (hn_file_read_whole(slash == NULL ? "." : folder, slash == NULL ? path : slash + 1, PEM_MAX,
                &pem, NULL) == HN_OK)
        judge_end(doctor, path, end_of(hn_buf_text(&pem)));
    hn_buf_deinit(&pem);
    check_key(doctor, key);
}

/* ---- Rules ---- */

/* Texts of the configuration, which are NUL-terminated. */
static const char **names_of(const struct config_texts *texts)
{
    const char **names = hn_calloc(texts->count + 1, sizeof *names);

    for (uint32_t i = 0; names != NULL && i < texts->count; i++)
        names[i] = texts->ptr[i].ptr;
    return names;
}

static void judge_rules(struct doctor *doctor, int code, const struct sigma_set *set)
{
    const char *what = UI_TEXT("Rules", "ルール");
    uint32_t rejected;
    char text[160];

    if (code != EXIT_FINE) {
        doctor_say(doctor, DOCTOR_BAD, what,
                UI_TEXT("not a single rule can be loaded", "読めるルールが一つもありません"),
                UI_TEXT("hinomi rules lint on the folders of rules.paths says why",
                        "rules.paths のフォルダーを hinomi rules lint で調べてください"));
        return;
    }
    rejected = sigma_documents_with(set, SIGMA_REJECTED);
    (void)snprintf(text, sizeof text,
            UI_TEXT("%u rules and %u correlations compile, %u documents are rejected",
                    "ルール %u 件、相関 %u 件。拒否 %u 件"),
            (unsigned)set->rule_count, (unsigned)set->correlation_count, (unsigned)rejected);
    doctor_say(doctor, rejected > 0 ? DOCTOR_ODD : DOCTOR_FINE, what, text,
            rejected > 0 ? UI_TEXT("hinomi rules lint says which and why",
                                   "hinomi rules lint が箇所と理由を示します")
                         : NULL);
}

void doctor_check_rules(struct doctor *doctor)
{
    const struct config_rules *rules = &doctor->config->rules;
    const char **paths = names_of(&rules->paths);
    const char **pipelines = names_of(&rules->pipelines);
    const char **lists = names_of(&rules->lists);
    const struct rules_options options = { .paths = paths,
        .path_count = rules->paths.count,
        .pipelines = pipelines,
        .pipeline_count = rules->pipelines.count,
        .lists = lists,
        .list_count = rules->lists.count,
        .no_cache = true };
    struct rules_stats stats = { 0 };
    struct sigma_set *set = NULL;

    if (paths != NULL && pipelines != NULL && lists != NULL) {
        int code = rules_load(&options, &set, &stats);

        judge_rules(doctor, code, set);
        sigma_set_unref(set);
    }
    hn_free(paths);
    hn_free(pipelines);
    hn_free(lists);
}

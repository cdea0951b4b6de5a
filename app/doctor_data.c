/* doctor_data.c - the data folder and what is in it. */
#include "app/doctor.h"

#include "app/files.h"
#include "app/ui.h"

#include "base/num.h"
#include "journal/journal.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DATABASE_QUICK_MAX ((off_t)512 << 20)
#define RECORDS_QUICK_MAX  100000u
#define FREE_BAD           ((uint64_t)1 << 30)

static bool path_in(const struct doctor *doctor, const char *name, char path[LOCAL_PATH_MAX])
{
    int len = snprintf(path, LOCAL_PATH_MAX, "%s/%s", doctor->data, name);

    return len > 0 && len < LOCAL_PATH_MAX;
}

static const char *user_name(uid_t uid)
{
    const struct passwd *user = getpwuid(uid);

    return user == NULL ? "?" : user->pw_name;
}

/* ---- The folder ---- */

/* The server holds a lock on its folder for as long as it runs. */
static bool is_running(const struct doctor *doctor)
{
    char path[LOCAL_PATH_MAX];
    int fd = path_in(doctor, "lock", path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    bool running;

    if (fd < 0)
        return false;
    running = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    (void)close(fd);
    return running;
}

/* A file that root made by hand is one that the service cannot write. */
static bool check_owner(struct doctor *doctor, uid_t owner)
{
    static const char *const names[] = { "hinomi.db", "hinomi.db-wal", "hinomi.db-shm", "journal",
        "sets", "state", "tls.key" };
    char path[LOCAL_PATH_MAX];
    char text[2 * LOCAL_PATH_MAX];
    char advice[2 * LOCAL_PATH_MAX];
    struct stat info;

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (!path_in(doctor, names[i], path) || lstat(path, &info) != 0 || info.st_uid == owner)
            continue;
        (void)snprintf(text, sizeof text,
                UI_TEXT("%s belongs to %s, the folder to another user: the server cannot use it",
                        "%s の所有者は %s で、フォルダーの所有者と違います"),
                path, user_name(info.st_uid));
        (void)snprintf(advice, sizeof advice, "chown -R %s %s", user_name(owner), doctor->data);
        doctor_say(doctor, DOCTOR_BAD, UI_TEXT("Data folder", "データ"), text, advice);
        return false;
    }
    return true;
}

static void check_password_file(struct doctor *doctor)
{
    char path[LOCAL_PATH_MAX];
    char advice[2 * LOCAL_PATH_MAX];

    if (!path_in(doctor, "first-password", path) || access(path, F_OK) != 0)
        return;
    (void)snprintf(advice, sizeof advice,
            UI_TEXT("change it (hinomi user password admin), then rm %s",
                    "変更して(hinomi user password admin)から rm %s"),
            path);
    doctor_say(doctor, DOCTOR_ODD, UI_TEXT("First password", "初期パスワード"),
            UI_TEXT("the file with the password of the first account is still there",
                    "最初のアカウントのパスワードのファイルが残っています"),
            advice);
}

void doctor_check_data(struct doctor *doctor)
{
    const char *what = UI_TEXT("Data folder", "データ");
    char text[2 * LOCAL_PATH_MAX];
    char advice[2 * LOCAL_PATH_MAX];
    struct stat info;

    if (stat(doctor->data, &info) != 0 || !S_ISDIR(info.st_mode)) {
        (void)snprintf(text, sizeof text, "%s: %s", doctor->data, strerror(errno));
        doctor_say(doctor, errno == EACCES ? DOCTOR_ODD : DOCTOR_BAD, what, text,
                errno == EACCES
                        ? UI_TEXT("run it as root or as the user of the service",
                                  "root かサービスのユーザーで実行してください")
                        : UI_TEXT("start the server once: systemctl start hinomi",
                                  "サーバーを一度起動してください: systemctl start hinomi"));
        return;
    }
    doctor->running = is_running(doctor);
    if (access(doctor->data, R_OK | X_OK) != 0) {
        (void)snprintf(text, sizeof text, "%s: %s", doctor->data, strerror(errno));
        doctor_say(doctor, DOCTOR_ODD, what, text,
                UI_TEXT("run it as root or as the user of the service",
                        "root かサービスのユーザーで実行してください"));
        return;
    }
    (void)snprintf(text, sizeof text,
            UI_TEXT("%s, of %s, mode %04o; a server %s", "%s、所有者 %s、モード %04o、サーバー%s"),
            doctor->data, user_name(info.st_uid), (unsigned)(info.st_mode & 07777),
            doctor->running ? UI_TEXT("runs on it", "稼働中")
                            : UI_TEXT("does not run on it", "停止中"));
    if ((info.st_mode & 077) != 0) {
        (void)snprintf(advice, sizeof advice, "chmod 700 %s", doctor->data);
        doctor_say(doctor, DOCTOR_BAD, what, text, advice);
    } else if (check_owner(doctor, info.st_uid)) {
        doctor_say(doctor, DOCTOR_FINE, what, text, NULL);
    }
    check_password_file(doctor);
}

/* ---- Disk ---- */

void doctor_check_disk(struct doctor *doctor)
{
    const char *what = UI_TEXT("Disk", "ディスク");
    struct hn_buf text = { 0 };
    struct statvfs info;
    uint64_t left;
    uint64_t whole;
    enum doctor_verdict verdict = DOCTOR_FINE;

    if (statvfs(doctor->data, &info) != 0)
        return; /* the check of the folder has said it */
    left = (uint64_t)info.f_bavail * info.f_frsize;
    whole = (uint64_t)info.f_blocks * info.f_frsize;
    if (left < FREE_BAD || left < whole / 20 || (info.f_files > 0 && info.f_favail < 1000))
        verdict = DOCTOR_BAD;
    else if (left < whole / 10 || left < doctor->config->journal.keep / 10)
        verdict = DOCTOR_ODD;
    ui_add_bytes(&text, left);
    hn_buf_add_cstr(&text, UI_TEXT(" of ", " 空き / "));
    ui_add_bytes(&text, whole);
    hn_buf_add_cstr(&text, UI_TEXT(" are free; the journal may keep ", "。ジャーナルの上限は "));
    ui_add_bytes(&text, doctor->config->journal.keep);
    if (info.f_files > 0 && info.f_favail < 1000)
        hn_buf_add_cstr(&text, UI_TEXT("; no inodes are left", "。inode が残っていません"));
    hn_buf_add_char(&text, '\0');
    if (hn_buf_ok(&text)) {
        doctor_say(doctor, verdict, what, text.ptr,
                verdict == DOCTOR_FINE
                        ? NULL
                        : UI_TEXT("make room, or lower journal.keep; with a full disk nothing is "
                                  "taken any more",
                                  "空きを作るか journal.keep を下げてください。"
                                  "満杯になると受信できません"));
    }
    hn_buf_deinit(&text);
}

/* ---- Journal ---- */

struct damage {
    unsigned count;
    struct journal_damage first;
};

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct damage *all = ctx;

    if (all->count++ == 0)
        all->first = *damage;
}

static bool is_segment(const char *name)
{
    return strlen(name) >= 20 && strcmp(name + 16, ".hnj") == 0;
}

/* Where the newest segment begins. */
static uint64_t last_segment(const char *dir)
{
    struct file_list list = { 0 };
    uint64_t start = 0;

    if (files_find(dir, NULL, is_segment, &list, NULL) == HN_OK && list.count > 0) {
        const char *name = strrchr(list.ptr[list.count - 1], '/');

        if (name != NULL && !hn_parse_hex64(hn_text_of(name + 1, 16), &start))
            start = 0;
    }
    file_list_deinit(&list);
    return start;
}

/* The newest records, which a crash would have hurt. */
static enum hn_status read_end(
        const char *dir, struct damage *damage, uint64_t *ret_records, struct hn_err *err)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    enum hn_status status =
            journal_reader_open_dir(dir, last_segment(dir), on_damage, damage, &reader, err);

    *ret_records = 0;
    while (status == HN_OK && *ret_records < RECORDS_QUICK_MAX) {
        status = journal_read(reader, 0, &record, err);
        *ret_records += status == HN_OK;
    }
    journal_reader_close(reader);
    return status == HN_NOTFOUND ? HN_OK : status;
}

void doctor_check_journal(struct doctor *doctor)
{
    const char *what = UI_TEXT("Journal", "ジャーナル");
    struct damage damage = { .count = 0 };
    struct journal_check check = { 0 };
    struct hn_err err = { 0 };
    char dir[LOCAL_PATH_MAX];
    char text[2 * LOCAL_PATH_MAX];
    char advice[2 * LOCAL_PATH_MAX];
    enum hn_status status;

    if (!path_in(doctor, "journal", dir) || access(dir, R_OK | X_OK) != 0)
        return;
    if (doctor->full)
        status = journal_check(dir, on_damage, &damage, &check, &err);
    else
        status = read_end(dir, &damage, &check.records, &err);
    if (status != HN_OK) {
        doctor_say(doctor, DOCTOR_BAD, what, err.msg[0] != '\0' ? err.msg : hn_status_text(status),
                UI_TEXT("hinomi journal check says more", "hinomi journal check で詳しく調べる"));
        return;
    }
    if (damage.count == 0) {
        (void)snprintf(text, sizeof text,
                doctor->full ? UI_TEXT("%" PRIu64 " records, nothing is damaged",
                                       "%" PRIu64 " レコード、破損なし")
                             : UI_TEXT("the newest %" PRIu64
                                       " records are whole (--full reads all of it)",
                                       "最新の %" PRIu64 " レコードは無事(--full で全部調べる)"),
                check.records);
        doctor_say(doctor, DOCTOR_FINE, what, text, NULL);
        return;
    }
    (void)snprintf(text, sizeof text,
            UI_TEXT("%u damaged stretches, the first in %s: %s", "%u か所が破損。最初は %s: %s"),
            damage.count, damage.first.file, damage.first.reason);
    (void)snprintf(advice, sizeof advice,
            UI_TEXT("stop the server, then hinomi journal repair %s (the damaged file is kept)",
                    "サーバーを止めて hinomi journal repair %s(破損ファイルは残ります)"),
            dir);
    doctor_say(doctor, DOCTOR_BAD, what, text, advice);
}

/* ---- Database ---- */

static void on_complaint(void *ctx, struct hn_text complaint)
{
    struct hn_buf *first = ctx;

    if (first->len == 0)
        hn_buf_add_text(first, complaint);
}

void doctor_check_database(struct doctor *doctor)
{
    const char *what = UI_TEXT("Database", "データベース");
    char path[LOCAL_PATH_MAX];
    const struct store_options options = { .path = path, .read_only = true };
    struct store *store = NULL;
    struct hn_err err = { 0 };
    struct hn_buf complaint = { 0 };
    struct stat info;
    enum hn_status status;

    if (!path_in(doctor, "hinomi.db", path) || access(path, R_OK) != 0 || stat(path, &info) != 0)
        return;
    status = store_open(&options, &store, &err);
    if (status == HN_OK && (doctor->full || info.st_size <= DATABASE_QUICK_MAX))
        status = store_check(store, on_complaint, &complaint, &err);
    else if (status == HN_OK)
        hn_buf_add_cstr(&complaint, UI_TEXT("opens; it is large, --full reads all of it",
                                            "開けました。大きいため全体は --full で検査"));
    store_close(store);
    if (status == HN_OK && complaint.len == 0)
        hn_buf_add_cstr(&complaint, UI_TEXT("nothing is wrong", "問題なし"));
    else if (complaint.len == 0)
        hn_buf_add_cstr(&complaint, err.msg[0] != '\0' ? err.msg : hn_status_text(status));
    hn_buf_add_char(&complaint, '\0');
    if (hn_buf_ok(&complaint)) {
        doctor_say(doctor, status == HN_OK ? DOCTOR_FINE : DOCTOR_BAD, what, complaint.ptr,
                status == HN_OK ? NULL
                                : UI_TEXT("hinomi db check says all; put a backup back (guide: "
                                          "Back up)",
                                          "hinomi db check で全部表示。"
                                          "バックアップから戻す(ガイドの「バックアップ」)"));
    }
    hn_buf_deinit(&complaint);
}

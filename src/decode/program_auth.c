/* program_auth.c - messages of programs that let people in or change accounts: OpenSSH, PAM, sudo,
 * su, login, the shadow tools, polkit.
 *
 * User names are chosen by whoever tries to log in and may hold " from 192.0.2.1 port 22": where a
 * name stands before what the program wrote itself, the last place that fits ends it. */
#include "decode/body.h"
#include "decode/program.h"

#include "base/ip.h"
#include "decode/kv.h"
#include "decode/scan.h"

#define SUCCESS "outcome", "success"
#define FAILURE "outcome", "failure"
#define NEITHER NULL, NULL

#define MESSAGES(kinds)                             \
    {                                               \
        kinds, HN_COUNT_OF(kinds), { "", 0 }, false \
    }

/* ---- OpenSSH ----------------------------------------------------------------------------------
 */

static const struct message_kind sshd_kinds[] = {
    { "Accepted {auth_method:w} for {user>} from {src_ip:w} port {src_port:d}", SUCCESS },
    { "Failed {auth_method:w} for invalid user {user>} from {src_ip:w} port {src_port:d}",
            FAILURE },
    { "Failed {auth_method:w} for {user>} from {src_ip:w} port {src_port:d}", FAILURE },
    { "Postponed {auth_method:w} for {user>} from {src_ip:w} port {src_port:d}", NEITHER },
    { "Partial {auth_method:w} for {user>} from {src_ip:w} port {src_port:d}", NEITHER },
    { "Invalid user {user>} from {src_ip:w} port {src_port:d}", FAILURE },
    { "Invalid user {user>} from {src_ip:w}", FAILURE },
    { "input_userauth_request: invalid user {user>} [preauth]", FAILURE },
    { "User {user>} from {src_ip:w} not allowed because {reason}", FAILURE },
    { "ROOT LOGIN REFUSED FROM {src_ip:w}", FAILURE },
    { "error: maximum authentication attempts exceeded for invalid user {user>} from {src_ip:w} "
      "port {src_port:d}",
            FAILURE },
    { "error: maximum authentication attempts exceeded for {user>} from {src_ip:w} port "
      "{src_port:d}",
            FAILURE },
    { "Disconnecting invalid user {user>} {src_ip:w} port {src_port:d}: {reason}", FAILURE },
    { "Disconnecting authenticating user {user>} {src_ip:w} port {src_port:d}: {reason}", FAILURE },
    { "Disconnected from invalid user {user>} {src_ip:w} port {src_port:d}", FAILURE },
    { "Disconnected from authenticating user {user>} {src_ip:w} port {src_port:d}", FAILURE },
    { "Disconnected from user {user>} {src_ip:w} port {src_port:d}", NEITHER },
    { "Disconnected from {src_ip:w} port {src_port:d}", NEITHER },
    { "Connection closed by invalid user {user>} {src_ip:w} port {src_port:d}", FAILURE },
    { "Connection closed by authenticating user {user>} {src_ip:w} port {src_port:d}", FAILURE },
    { "Connection closed by {src_ip:w} port {src_port:d}", NEITHER },
    { "Connection closed by {src_ip:w}", NEITHER },
    { "Connection reset by invalid user {user>} {src_ip:w} port {src_port:d}", FAILURE },
    { "Connection reset by authenticating user {user>} {src_ip:w} port {src_port:d}", FAILURE },
    { "Connection reset by {src_ip:w} port {src_port:d}", NEITHER },
    { "Connection from {src_ip:w} port {src_port:d} on {dst_ip:w} port {dst_port:d}", NEITHER },
    { "Received disconnect from {src_ip:w} port {src_port:d}:{reason_code:d}: {reason}", NEITHER },
    { "Received disconnect from {src_ip}: {reason_code:d}: {reason}", NEITHER },
    { "Starting session: {session} for {user>} from {src_ip:w} port {src_port:d}", NEITHER },
    { "Close session: user {user>} from {src_ip:w} port {src_port:d}", NEITHER },
    { "subsystem request for {subsystem:w} by user {user}", NEITHER },
    { "Did not receive identification string from {src_ip:w}", NEITHER },
    { "Bad protocol version identification '{identification>}' from {src_ip:w} port {src_port:d}",
            NEITHER },
    { "banner exchange: Connection from {src_ip:w} port {src_port:d}: {reason}", NEITHER },
    { "error: kex_exchange_identification: {reason}", NEITHER },
    { "Unable to negotiate with {src_ip:w} port {src_port:d}: {reason}", NEITHER },
    { "fatal: Timeout before authentication for {src_ip:w} port {src_port:d}", NEITHER },
    { "Timeout, client not responding from user {user>} {src_ip:w} port {src_port:d}", NEITHER },
    { "reverse mapping checking getaddrinfo for {rhost:w} [{src_ip}] failed", NEITHER },
    { "Address {src_ip:w} maps to {rhost:w} but this does not map back", NEITHER },
    { "Server listening on {dst_ip:w} port {dst_port:d}", NEITHER },
};
const struct program_messages decode_sshd_messages = MESSAGES(sshd_kinds);

/* ---- su, login, logind ------------------------------------------------------------------------
 */

static const struct message_kind su_kinds[] = {
    { "(to {target_user}) {user} on {tty:w}", SUCCESS },
    { "FAILED SU (to {target_user}) {user} on {tty:w}", FAILURE },
    { "Successful su for {target_user:w} by {user:w}", SUCCESS },
    { "FAILED su for {target_user:w} by {user:w}", FAILURE },
    { "+ {tty:w} {user}:{target_user}", SUCCESS },
    { "- {tty:w} {user}:{target_user}", FAILURE },
};
const struct program_messages decode_su_messages = MESSAGES(su_kinds);

static const struct message_kind login_kinds[] = {
    { "FAILED LOGIN {}FROM {rhost:w} FOR {user}, {reason}", FAILURE },
    { "FAILED LOGIN {}on '{tty}' {}FOR '{user}', {reason}", FAILURE },
    { "ROOT LOGIN {}on '{tty}'", SUCCESS },
    { "ROOT LOGIN ON {tty:w}", SUCCESS },
    { "LOGIN ON {tty:w} BY {user:w} FROM {rhost:w}", SUCCESS },
    { "LOGIN ON {tty:w} BY {user:w}", SUCCESS },
    { "DIALUP AT {tty:w} BY {user:w}", SUCCESS },
    { "New session {session:w} of user {user>}.", NEITHER },
    { "Removed session {session}.", NEITHER },
    { "Session {session:w} logged out.", NEITHER },
};
const struct program_messages decode_login_messages = MESSAGES(login_kinds);

/* ---- Accounts (shadow), polkit ----------------------------------------------------------------
 */

static const struct message_kind account_kinds[] = {
    { "new user: name={user}, UID={uid:d}, GID={gid:d}, home={home}, shell={shell}, from={from:w}",
            NEITHER },
    { "new user: name={user}, UID={uid:d}, GID={gid:d}, home={home}, shell={shell:w}", NEITHER },
    { "new group: name={group}, GID={gid:d}", NEITHER },
    { "group added to {file}: name={group}, GID={gid:d}", NEITHER },
    { "group added to {file}: name={group}", NEITHER },
    { "failed adding user '{user}', {reason}", FAILURE },
    { "add '{user}' to {}group '{group}'", NEITHER },
    { "change user '{user}' {change}", NEITHER },
    { "changed user '{user}' {change}", NEITHER },
    { "lock user '{user}' password", NEITHER },
    { "unlock user '{user}' password", NEITHER },
    { "delete user '{user}'", NEITHER },
    { "removed group '{group}' owned by '{user}'", NEITHER },
    { "group '{group}' removed", NEITHER },
    { "changed password expiry for {user}", NEITHER },
    { "password for '{user}' changed by '{actor}'", NEITHER },
    { "password check failed for user ({user})", FAILURE },
    { "user {user:w} added by {actor:w} to group {group:w}", NEITHER },
    { "user {user:w} removed by {actor:w} from group {group:w}", NEITHER },
    { "changed shell for '{user}' to '{shell}'", NEITHER },
};
const struct program_messages decode_account_messages = MESSAGES(account_kinds);

static const struct message_kind polkit_kinds[] = {
    { "{user}: Executing command [USER={target_user}] [TTY={tty}] [CWD={cwd}] [COMMAND={command>}]",
            SUCCESS },
    { "{user}: {reason>} [USER={target_user}] [TTY={tty}] [CWD={cwd}] [COMMAND={command}]",
            FAILURE },
    { "Operator of {}session {session:w} successfully authenticated as unix-user:{target_user:w} "
      "{}to gain {}authorization for action {polkit_action:w}",
            SUCCESS },
    { "Operator of {}session {session:w} FAILED to authenticate to gain authorization for action "
      "{polkit_action:w}",
            FAILURE },
};
const struct program_messages decode_polkit_messages = MESSAGES(polkit_kinds);

/* ---- PAM --------------------------------------------------------------------------------------
 */

static const struct message_kind pam_kinds[] = {
    { "session opened for user {user}(uid={uid:d}) by {actor}(uid={actor_uid:d})", NEITHER },
    { "session opened for user {user:w} by {actor}(uid={actor_uid:d})", NEITHER },
    { "session opened for user {user:w} by {actor}", NEITHER },
    { "session closed for user {user}", NEITHER },
    { "password changed for {user}", NEITHER },
    { "check pass; user unknown", FAILURE },
    { "bad username [{user>}]", FAILURE },
    { "Consecutive login failures for user {user>} account temporarily locked", FAILURE },
    { "User account has expired", FAILURE },
    { "user [{user>}] has blank password; authenticated without it", SUCCESS },
    { "auth could not identify password for [{user>}]", FAILURE },
    { "conversation failed", FAILURE },
};

/* "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root" */
static void add_pam_pairs(struct hn_event *event, struct hn_text rest)
{
    struct kv_pair pair;
    struct hn_ip ip;

    while (kv_next(&rest, &pair)) {
        if (pair.value.len == 0)
            continue;
        hn_event_add_text(event, pair.key, pair.value);
        if (hn_text_eq(pair.key, HN_TEXT("rhost"))) {
            hn_event_add_text(event, HN_TEXT("pam_rhost"), pair.value);
            if (hn_ip_parse(pair.value, &ip))
                hn_event_add_text(event, HN_TEXT("src_ip"), pair.value);
        } else if (hn_text_eq(pair.key, HN_TEXT("user"))) {
            hn_event_add_text(event, HN_TEXT("pam_user"), pair.value);
        }
    }
}

/* pam_unix(sshd:auth): text */
bool decode_pam_fields(struct hn_event *event, struct hn_text message)
{
    struct pattern_match match;
    size_t semicolon;

    if (!hn_text_starts(message, HN_TEXT("pam_")) && !hn_text_starts(message, HN_TEXT("PAM ")))
        return false;
    if (pattern_match("{pam_module:h}({pam_service}:{pam_type}): ", message, &match)) {
        for (size_t i = 0; i < match.count; i++)
            hn_event_add_text(event, match.captures[i].name, match.captures[i].value);
        message = text_from(message, hn_text_find(message, HN_TEXT("): "), 0) + 3);
    }
    semicolon = hn_text_find(message, HN_TEXT("; logname="), 0);
    hn_event_add_text(event, HN_TEXT("pam_message"), hn_text_sub(message, 0, semicolon));
    if (semicolon != SIZE_MAX) {
        hn_event_add_text(event, HN_TEXT("outcome"), HN_TEXT("failure"));
        add_pam_pairs(event, text_from(message, semicolon + 2));
        return true;
    }
    (void)decode_message_fields(event, pam_kinds, HN_COUNT_OF(pam_kinds), message);
    return true;
}

/* ---- sudo -------------------------------------------------------------------------------------
 */

/* sudo's own names, which Sigma's rules use, and plain ones. */
static void add_sudo_part(struct hn_event *event, struct hn_text part)
{
    static const struct {
        struct hn_text key;
        struct hn_text plain;
    } names[] = { { HN_TEXT_INIT("TTY"), HN_TEXT_INIT("tty") },
        { HN_TEXT_INIT("PWD"), HN_TEXT_INIT("cwd") },
        { HN_TEXT_INIT("USER"), HN_TEXT_INIT("target_user") },
        { HN_TEXT_INIT("GROUP"), HN_TEXT_INIT("target_group") },
        { HN_TEXT_INIT("COMMAND"), HN_TEXT_INIT("command") },
        { HN_TEXT_INIT("ENV"), HN_TEXT_INIT("env") },
        { HN_TEXT_INIT("CHROOT"), HN_TEXT_INIT("chroot") },
        { HN_TEXT_INIT("TSID"), HN_TEXT_INIT("tsid") } };
    struct hn_text value = part;
    struct hn_text key;

    if (!scan_before(&value, '=', &key))
        key.len = 0;
    for (size_t i = 0; key.len > 0 && i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(names[i].key, key)) {
            hn_event_add_text(event, key, value);
            hn_event_add_text(event, names[i].plain, value);
            return;
        }
    }
    if (part.len > 0) { /* "3 incorrect password attempts", "command not allowed" */
        hn_event_add_text(event, HN_TEXT("reason"), part);
        hn_event_add_text(event, HN_TEXT("outcome"), HN_TEXT("failure"));
    }
}

/*   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id ; ls
 * Parts stand between " ; ", but the command, the last, holds whatever it likes. */
void decode_sudo_fields(struct hn_event *event, struct hn_text message)
{
    size_t colon = hn_text_find(message, HN_TEXT(" : "), 0);
    struct hn_text rest;

    if (colon == SIZE_MAX)
        return;
    rest = text_from(message, colon + 3);
    if (hn_text_starts(rest, HN_TEXT("(command continued) "))) {
        hn_event_add_text(event, HN_TEXT("user"), hn_text_sub(message, 0, colon));
        hn_event_add_text(event, HN_TEXT("command"), text_from(rest, 20));
        return;
    }
    if (hn_text_find(rest, HN_TEXT("USER="), 0) == SIZE_MAX)
        return;
    hn_event_add_text(event, HN_TEXT("user"), hn_text_sub(message, 0, colon));
    while (rest.len > 0) {
        bool last = hn_text_starts(rest, HN_TEXT("COMMAND="));
        size_t end = last ? SIZE_MAX : hn_text_find(rest, HN_TEXT(" ; "), 0);

        add_sudo_part(event, hn_text_trim(hn_text_sub(rest, 0, end)));
        scan_skip(&rest, end == SIZE_MAX ? rest.len : end + 3);
    }
}

/* remote_problem.c - what went wrong with a server, and what to do: one line each. */
#include "app/remote.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/escape.h"

/* What to do about a refusal; "": what the server says is enough. */
static const char *advice(unsigned status, bool has_token)
{
    switch (status) {
    case 401:
        if (!has_token)
            return UI_TEXT("a token is needed: --token-file FILE, HINOMI_TOKEN, or token_file: in "
                           "~/.config/hinomi/client.yaml; an administrator makes one with `hinomi "
                           "token add`; on the server's machine sudo is enough",
                    "トークンが必要です: --token-file FILE、HINOMI_TOKEN、"
                    "~/.config/hinomi/client.yaml の token_file:。管理者が hinomi token add "
                    "で作ります。サーバーのマシンでは sudo で足ります");
        return UI_TEXT("the token is unknown, revoked or expired: an administrator makes another "
                       "with `hinomi token add`",
                "トークンが無効か失効しています。管理者が hinomi token add で作り直せます");
    case 403:
        return UI_TEXT("the role of this token may not do that",
                "このトークンのロールでは許可されていません");
    case 404:
        return UI_TEXT("there is no such thing on the server (or it is another tenant's)",
                "サーバーにありません(または別テナントのものです)");
    case 409:
    case 412:
        return UI_TEXT("somebody changed it meanwhile: look at it again, then repeat",
                "その間にほかの人が変更しました。見直してからやり直してください");
    case 429:
        return UI_TEXT("too many requests: wait a little", "要求が多すぎます。少し待ってください");
    case 500:
    case 503:
        return UI_TEXT("the server cannot do it now: hinomi status, journalctl -u hinomi",
                "サーバーが今は処理できません: hinomi status、journalctl -u hinomi");
    default:
        return "";
    }
}

static int refused(const struct remote *remote, struct hn_text detail)
{
    const struct client_problem *problem = &remote->problem;
    const char *what = advice(problem->status, remote->settings.token[0] != '\0');

    if (what[0] == '\0')
        ui_error(UI_TEXT("the server refuses (%u): %.*s", "サーバーが拒否しました(%u): %.*s"),
                problem->status, HN_TEXT_ARG(detail));
    else
        ui_error("%s%s%.*s%s", what, detail.len > 0 ? " (" : "", HN_TEXT_ARG(detail),
                detail.len > 0 ? ")" : "");
    return problem->status >= 500 || problem->status == 429 ? EXIT_IO : EXIT_USAGE;
}

static int unreached(const struct remote *remote, struct hn_text server, struct hn_text detail)
{
    switch (remote->problem.trouble) {
    case CLIENT_UNTRUSTED:
        ui_error(UI_TEXT("%.*s shows a certificate that is not trusted: name the server's "
                         "(its tls.crt) with --ca FILE or HINOMI_CA (%.*s)",
                         "%.*s の証明書を信頼できません。サーバーの tls.crt を --ca FILE か "
                         "HINOMI_CA で指定してください(%.*s)"),
                HN_TEXT_ARG(server), HN_TEXT_ARG(detail));
        return EXIT_IO;
    case CLIENT_NO_CA:
        ui_error(UI_TEXT("the certificate of --ca cannot be read: %.*s",
                         "--ca の証明書を読めません: %.*s"),
                HN_TEXT_ARG(detail));
        return EXIT_USAGE;
    case CLIENT_SLOW:
        ui_error(UI_TEXT("%.*s did not answer in time: is it overloaded? (%.*s)",
                         "%.*s が時間内に応答しません。過負荷かもしれません(%.*s)"),
                HN_TEXT_ARG(server), HN_TEXT_ARG(detail));
        return EXIT_IO;
    case CLIENT_TOO_LARGE:
        ui_error(UI_TEXT("%.*s answers with more than is taken: ask for less (--max)",
                         "%.*s の応答が大きすぎます。--max で減らしてください"),
                HN_TEXT_ARG(server));
        return EXIT_IO;
    case CLIENT_GARBLED:
        ui_error(UI_TEXT("%.*s does not answer like a Hinomi server: is the address right, and is "
                         "nothing in between?",
                         "%.*s は Hinomi のサーバーらしい応答をしません。アドレスと経路を"
                         "確かめてください"),
                HN_TEXT_ARG(server));
        return EXIT_IO;
    case CLIENT_NO_MEMORY:
        ui_error("%s", UI_TEXT("out of memory", "メモリー不足"));
        return EXIT_IO;
    case CLIENT_FINE:
    case CLIENT_REFUSED:
    case CLIENT_UNREACHABLE:
        break;
    }
    ui_error(UI_TEXT("nobody answers at %.*s: is the server running (systemctl status hinomi), is "
                     "the address right? (%.*s)",
                     "%.*s が応答しません。サーバーの稼働(systemctl status hinomi)と"
                     "アドレスを確かめてください(%.*s)"),
            HN_TEXT_ARG(server), HN_TEXT_ARG(detail));
    return EXIT_IO;
}

int remote_problem(const struct remote *remote)
{
    struct hn_buf server = { 0 };
    struct hn_buf detail = { 0 };
    int code;

    hn_terminal_text(&server, hn_text_cstr(remote->settings.server));
    hn_terminal_text(&detail, hn_text_cstr(remote->problem.detail));
    if (remote->problem.trouble == CLIENT_REFUSED)
        code = refused(remote, hn_buf_text(&detail));
    else
        code = unreached(remote, hn_buf_text(&server), hn_buf_text(&detail));
    hn_buf_deinit(&server);
    hn_buf_deinit(&detail);
    return code;
}

void remote_say(const char *en, const char *ja, struct hn_text name)
{
    struct hn_buf line = { 0 };

    if (ui.quiet)
        return;
    hn_terminal_text(&line, name);
    hn_buf_addf(&line, ": %s\n", UI_TEXT(en, ja));
    if (hn_buf_ok(&line))
        (void)ui_write(stderr, hn_buf_text(&line));
    hn_buf_deinit(&line);
}

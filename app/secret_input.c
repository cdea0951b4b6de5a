/* secret_input.c - passwords by people, scripts and chance. */
#include "app/secret_input.h"

#include "app/exit_code.h"
#include "app/ui.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MADE_LEN 24u

void secret_forget(char secret[AUTH_PASSWORD_MAX + 1])
{
    volatile char *byte = secret;

    for (size_t i = 0; i <= AUTH_PASSWORD_MAX; i++)
        byte[i] = '\0';
}

/* One line, byte by byte, so that nothing of it stays in a buffer of stdio. */
static bool read_line(int fd, char secret[AUTH_PASSWORD_MAX + 1])
{
    size_t len = 0;
    char c = '\0';
    ssize_t got;

    while ((got = read(fd, &c, 1)) == 1 && c != '\n' && len < AUTH_PASSWORD_MAX)
        secret[len++] = c;
    if (len > 0 && secret[len - 1] == '\r')
        len--;
    secret[len] = '\0';
    return got >= 0 && len > 0 && (got == 0 || c == '\n') && strlen(secret) == len;
}

static bool ask(int tty, const char *prompt, char secret[AUTH_PASSWORD_MAX + 1])
{
    struct termios before;
    struct termios quiet;
    bool fine;

    if (tcgetattr(tty, &before) != 0)
        return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)dprintf(tty, "%s: ", prompt);
    fine = tcsetattr(tty, TCSAFLUSH, &quiet) == 0 && read_line(tty, secret);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    (void)dprintf(tty, "\n");
    return fine;
}

static int ask_twice(char ret_secret[AUTH_PASSWORD_MAX + 1])
{
    char again[AUTH_PASSWORD_MAX + 1] = "";
    int tty = isatty(STDIN_FILENO) ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;
    int code = EXIT_USAGE;

    if (tty < 0) {
        ui_error("%s", UI_TEXT("there is no terminal to ask for the password: --password-file "
                               "FILE (- is standard input) or --generate",
                               "パスワードを尋ねる端末がありません: --password-file FILE"
                               "(- は標準入力)か --generate を指定してください"));
        return EXIT_USAGE;
    }
    if (!ask(tty, UI_TEXT("New password", "新しいパスワード"), ret_secret) ||
            !ask(tty, UI_TEXT("Once more", "もう一度"), again))
        ui_error("%s", UI_TEXT("no password was given", "パスワードが入力されていません"));
    else if (strcmp(ret_secret, again) != 0)
        ui_error("%s", UI_TEXT("the two are not the same", "二つが一致しません"));
    else
        code = EXIT_FINE;
    secret_forget(again);
    (void)close(tty);
    return code;
}

int secret_read(const char *file, char ret_secret[AUTH_PASSWORD_MAX + 1])
{
    bool is_input = file != NULL && strcmp(file, "-") == 0;
    int fd;
    bool fine;

    if (file == NULL)
        return ask_twice(ret_secret);
    fd = is_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        struct hn_err err = { 0 };

        (void)hn_fail_sys(&err, errno, "cannot be read");
        ui_error_at(hn_text_cstr(file), &err);
        return EXIT_IO;
    }
    fine = read_line(fd, ret_secret);
    if (!is_input)
        (void)close(fd);
    if (!fine)
        ui_error(
                UI_TEXT("%s: its first line is no password", "%s: 1行目がパスワードではありません"),
                file);
    return fine ? EXIT_FINE : EXIT_USAGE;
}

int secret_make(char ret_secret[AUTH_PASSWORD_MAX + 1])
{
    /* 64 of them, so that each takes six bits evenly. */
    static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char noise[MADE_LEN];

    if (getentropy(noise, sizeof noise) != 0) {
        ui_error("%s", UI_TEXT("no random numbers", "乱数を得られません"));
        return EXIT_IO;
    }
    for (size_t i = 0; i < MADE_LEN; i++)
        ret_secret[i] = letters[noise[i] & 63];
    ret_secret[MADE_LEN] = '\0';
    return EXIT_FINE;
}

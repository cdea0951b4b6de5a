/* exit_code.h - what the program's exit status says; documented in hinomi(1) from this list. */
#ifndef HN_APP_EXIT_CODE_H
#define HN_APP_EXIT_CODE_H

#define EXIT_CODE_LIST(X)                                                                    \
    X(EXIT_FINE, 0, "Fine", "正常")                                                          \
    X(EXIT_FINDINGS, 1,                                                                      \
            "scan: findings at or above the level of --fail-on; search: nothing was found; " \
            "analyze: a sample of --fail-on or worse; doctor: something is bad",             \
            "scan: --fail-on のレベル以上の検知あり、search: 該当なし、"    \
            "analyze: --fail-on の判定以上の検体あり、doctor: 異常あり")                     \
    X(EXIT_RULES, 2, "Rules are bad: none could be loaded, or lint or tests failed",         \
            "ルールに問題あり")                                                              \
    X(EXIT_USAGE, 3, "The command line or configuration is wrong", "使い方または設定の誤り") \
    X(EXIT_IO, 4, "Input or output failed", "入出力の失敗")                                  \
    X(EXIT_PARTIAL, 5, "Some input could not be read or decoded; the rest was",              \
            "入力の一部が読めなかった(残りは処理済み)")

enum exit_code {
#define EXIT_CODE_ENUM(name, number, text, text_ja) name = (number),
    EXIT_CODE_LIST(EXIT_CODE_ENUM)
#undef EXIT_CODE_ENUM
};

#endif

/* js_conditional.c - conditional compilation: @cc_on, @set, @if (...) ... @elif ... @else ... @end,
 * also as comments that begin with an at sign. Of its variables only those that JScript sets itself
 * are true; a condition on others is false, as it is in files that are a batch file at the same
 * time. */
#include "jscript/jscript_internal.h"

#define CONDITION_MAX 1024u

static struct hn_text rest_of(const struct js_lexer *lexer, size_t from)
{
    return hn_text_sub(lexer->source, from, SIZE_MAX);
}

static bool is_word(struct hn_text rest, const char *word)
{
    struct hn_text wanted = hn_text_cstr(word);
    char next = rest.len > wanted.len ? rest.ptr[wanted.len] : ' ';

    return hn_text_starts(rest, wanted) && !((next >= 'a' && next <= 'z') || next == '_');
}

/* Reads (...) behind @if or @elif. */
static bool condition(struct js_lexer *lexer)
{
    size_t start = lexer->at;
    size_t depth = 0;
    struct hn_text text = hn_text_sub(lexer->source, start, CONDITION_MAX);
    size_t len = 0;
    size_t at;
    bool ours = false;
    bool foreign = false;

    text = hn_text_sub(text, 0, hn_text_find_char(text, '\n', 0));
    for (; len < text.len; len++) {
        char c = text.ptr[len];

        depth += c == '(';
        if (depth == 0 && c != ' ' && c != '\t')
            break;
        if (c == ')' && --depth == 0) {
            /* (@X)==(@Y): the rest of such a comparison is part of the condition. */
            struct hn_text more = hn_text_trim(hn_text_sub(text, len + 1, SIZE_MAX));

            if (hn_text_starts(more, HN_TEXT("==")))
                len = hn_text_find_char(text, ')', len + 1);
            len = len < text.len ? len + 1 : text.len;
            break;
        }
    }
    text = hn_text_sub(text, 0, len);
    lexer->at += text.len;
    for (at = hn_text_find_char(text, '@', 0); at != SIZE_MAX;
            at = hn_text_find_char(text, '@', at + 1)) {
        ours |= at + 1 < text.len && text.ptr[at + 1] == '_';
        foreign |= at + 1 < text.len && text.ptr[at + 1] != '_';
    }
    if (hn_text_find_char(text, '1', 0) != SIZE_MAX && !foreign)
        ours = true;
    return ours && !foreign;
}

/* To the @else, @elif or @end of this condition; nested ones are passed over. */
static void skip_branch(struct js_lexer *lexer, bool to_end)
{
    size_t depth = 0;

    while (lexer->at < lexer->source.len) {
        size_t mark = hn_text_find_char(lexer->source, '@', lexer->at);
        struct hn_text word = rest_of(lexer, mark == SIZE_MAX ? lexer->source.len : mark + 1);

        lexer->at = mark == SIZE_MAX ? lexer->source.len : mark + 1;
        if (is_word(word, "if")) {
            depth++;
        } else if (is_word(word, "end")) {
            lexer->at += 3;
            if (depth-- == 0)
                return;
        } else if (depth == 0 && !to_end && is_word(word, "else")) {
            lexer->at += 4;
            return;
        } else if (depth == 0 && !to_end && is_word(word, "elif")) {
            lexer->at += 4;
            if (condition(lexer))
                return;
        }
    }
}

static void skip_line(struct js_lexer *lexer)
{
    size_t line = hn_text_find_char(lexer->source, '\n', lexer->at);

    lexer->at = line == SIZE_MAX ? lexer->source.len : line;
}

bool js_conditional(struct js_lexer *lexer)
{
    struct hn_text word = rest_of(lexer, lexer->at);
    size_t skip = hn_text_starts(word, HN_TEXT("/*@")) ? 3 : 1;

    if (skip == 1 && !hn_text_starts(word, HN_TEXT("@")))
        return false;
    word = hn_text_sub(word, skip, SIZE_MAX);
    if (is_word(word, "cc_on")) {
        lexer->at += skip + 5;
    } else if (is_word(word, "if")) {
        lexer->at += skip + 2;
        if (!condition(lexer))
            skip_branch(lexer, false);
    } else if (is_word(word, "else") || is_word(word, "elif")) {
        lexer->at += skip + 4;
        skip_branch(lexer, true);
    } else if (is_word(word, "end")) {
        lexer->at += skip + 3;
    } else if (is_word(word, "set")) {
        skip_line(lexer);
    } else if (is_word(word, "then")) { /* of batch files: nothing to JScript */
        lexer->at += skip + 4;
    } else {
        return false;
    }
    return true;
}

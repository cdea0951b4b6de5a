/* known_vote.c - the family that names of several vendors agree on. Vendors that use one engine
 * give one name, so each different name is one voice, and words that say nothing of a family do not
 * count. */
#include "known/known_internal.h"

#include <stdlib.h>

#define WORDS_MAX      1024u
#define WORD_BYTES_MIN 4u
#define WORD_BYTES_MAX 32u
#define VOTES_MIN      3u

struct word {
    struct hn_text text; /* lower case */
    uint32_t votes;
    uint32_t last; /* number of the name that voted last, from 1 */
};

/* What names are made of besides families. */
static bool is_common(struct hn_text word)
{
    static const char *const common[] = { "adware", "agent", "agentb", "android", "application",
        "artemis", "attribute", "autorun", "backdoor", "banker", "behaveslike", "behavior",
        "blacklist", "bscope", "confidence", "crypt", "cryptor", "dangerous", "deepscan",
        "detected", "dldr", "document", "downldr", "downloader", "dropper", "drop", "eicar",
        "encrypted", "excel", "exploit", "fakealert", "file", "filerep", "gen", "gend", "generic",
        "generickd", "genericrxaa", "genkryptik", "genpack", "grayware", "hacktool", "heur",
        "heuristic", "heuristics", "high", "html", "injector", "javascript", "jscript", "kryptik",
        "lnk", "macro", "maldoc", "malicious", "malpack", "maltrojan", "malware", "mdropper",
        "microsoft", "moderate", "msexcel", "msil", "msoffice", "msword", "multi", "obfus",
        "obfuscated", "obfuscation", "office", "office97", "packed", "packer", "possible",
        "posslible", "potentially", "powershell", "probably", "program", "psw", "ransom",
        "ransomware", "reputation", "risk", "riskware", "rootkit", "score", "script", "shellcode",
        "small", "sneaky", "spyware", "static", "stealer", "suspicious", "suspected", "test",
        "threat", "tool", "trojan", "trojandownloader", "trojandropper", "troj", "trojanspy",
        "undefined", "unknown", "unsafe", "unwanted", "variant", "vbscript", "virus", "w97m",
        "win32", "win64", "wind", "windows", "word", "worm", "x97m", "o97m", "xlm40" };

    for (size_t i = 0; i < HN_COUNT_OF(common); i++)
        if (hn_text_eq(word, hn_text_cstr(common[i])))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Digests, numbers and counters are no families; nor is what begins with a digit. */
static bool is_family_like(struct hn_text word)
{
    size_t digits = 0;
    bool hex = true;

    if (word.len < WORD_BYTES_MIN || word.len > WORD_BYTES_MAX || !is_letter(word.ptr[0]))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        digits += is_digit(word.ptr[i]);
        hex = hex && (is_digit(word.ptr[i]) || (word.ptr[i] >= 'a' && word.ptr[i] <= 'f'));
    }
    return !(hex && (digits > 0 || word.len >= 6)) && digits * 2 <= word.len && !is_common(word);
}

static void count_word(struct word *words, size_t *count, struct hn_text text, uint32_t name)
{
    for (size_t i = 0; i < *count; i++) {
        if (!hn_text_eq(words[i].text, text))
            continue;
        words[i].votes += words[i].last != name;
        words[i].last = name;
        return;
    }
    if (*count < WORDS_MAX)
        words[(*count)++] = (struct word){ text, 1, name };
}

static void count_words(struct word *words, size_t *count, struct hn_text name, uint32_t number)
{
    size_t at = 0;

    while (at < name.len) {
        size_t start = at;

        while (at < name.len && (is_letter(name.ptr[at]) || is_digit(name.ptr[at])))
            at++;
        if (is_family_like(hn_text_sub(name, start, at - start)))
            count_word(words, count, hn_text_sub(name, start, at - start), number);
        at++;
    }
}

/* In lower case, in the arena. */
static struct hn_text lower(struct hn_text text, struct hn_arena *arena)
{
    char *copy = hn_new(arena, char, text.len + 1);

    for (size_t i = 0; copy != NULL && i < text.len; i++)
        copy[i] = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] + 32) : text.ptr[i];
    return hn_text_of(copy, copy != NULL ? text.len : 0);
}

void known_vote(const struct known_name *names, size_t count, struct hn_arena *arena,
        struct hn_text *ret_family, uint32_t *ret_votes)
{
    struct word *words = hn_new(arena, struct word, WORDS_MAX);
    const struct word *best = NULL;
    size_t word_count = 0;

    *ret_family = HN_TEXT("");
    *ret_votes = 0;
    for (size_t i = 0; words != NULL && i < count; i++)
        count_words(words, &word_count, lower(names[i].text, arena), (uint32_t)i + 1);
    for (size_t i = 0; i < word_count; i++) {
        const struct word *word = &words[i];

        if (best == NULL || word->votes > best->votes ||
                (word->votes == best->votes && hn_text_cmp(word->text, best->text) < 0))
            best = word;
    }
    if (best == NULL || best->votes < VOTES_MIN)
        return;
    *ret_family = best->text;
    *ret_votes = best->votes;
}

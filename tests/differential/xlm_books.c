/* xlm_books.c - writes workbooks with macro sheets of random, inert formulas, in the formats that
 * other readers know, for tools/conformance/xlm_compare.py.
 *
 *     xlm_books COUNT FOLDER */
#include "support/xlm_writer.h"

#include "base/num.h"

#include <stdio.h>

static bool save(const char *folder, uint32_t seed, const char *ending, struct hn_buf *file)
{
    char path[4096];
    FILE *f;
    bool good;

    (void)snprintf(path, sizeof path, "%s/%u%s", folder, seed, ending);
    f = fopen(path, "wb");
    good = f != NULL && fwrite(file->ptr, 1, file->len, f) == file->len;
    if (f != NULL)
        good &= fclose(f) == 0;
    hn_buf_reset(file);
    return good;
}

int main(int argc, char **argv)
{
    struct hn_buf file = { 0 };
    uint32_t count;
    bool good = true;

    if (argc != 3 || !hn_parse_u32(hn_text_cstr(argv[1]), &count)) {
        (void)fputs("usage: xlm_books COUNT FOLDER\n", stderr);
        return 2;
    }
    for (uint32_t seed = 1; seed <= count && good; seed++) {
        struct check_random random = { seed };
        struct xlm_writer_book book;

        xlm_writer_book(&random, &book);
        xlm_writer_xls(&book, XLM_WRITER_BIFF8, &file);
        good &= save(argv[2], seed, ".xls", &file);
        xlm_writer_xls(&book, XLM_WRITER_BIFF5, &file);
        good &= save(argv[2], seed, "-5.xls", &file);
        xlm_writer_xlsb(&book, &file);
        good &= save(argv[2], seed, ".xlsb", &file);
        xlm_writer_xlsm(&book, &file);
        good &= save(argv[2], seed, ".xlsm", &file);
        xlm_writer_book_deinit(&book);
    }
    hn_buf_deinit(&file);
    return good ? 0 : 1;
}

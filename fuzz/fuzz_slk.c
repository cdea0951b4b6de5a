/* fuzz_slk.c - workbooks as text, the same bytes as SLK, as CSV and as a web archive: besides the
 * oracle, SLK says the same with other line ends, and CSV finds DDE only where it stands. */
/* fuzz: office support */
#include "office_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void with_other_line_ends(const struct dissect *first, struct hn_text text)
{
    struct dissect *second;
    struct hn_buf other = { 0 };

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n')
            hn_buf_add_char(&other, '\r');
        hn_buf_add_char(&other, text.ptr[i]);
    }
    second = office_tree(hn_text_as_bytes(hn_buf_text(&other)), DISSECT_SLK);
    assert(second != NULL);
    office_fuzz_same(first, second);
    dissect_free(second);
    hn_buf_deinit(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct dissect *dissect = office_fuzz_open(hn_bytes_of(data, size), DISSECT_SLK);

    with_other_line_ends(dissect, text);
    dissect_free(dissect);
    dissect = office_fuzz_open(hn_bytes_of(data, size), DISSECT_CSV);
    if (office_tree_facts(dissect, "dde") > 0 && hn_text_find_char(text, '\0', 0) == SIZE_MAX)
        assert(hn_text_find_char(text, '|', 0) != SIZE_MAX ||
                hn_text_find_nocase(text, HN_TEXT("DDE("), 0) != SIZE_MAX);
    dissect_free(dissect);
    dissect_free(office_fuzz_open(hn_bytes_of(data, size), DISSECT_MHT));
    return 0;
}

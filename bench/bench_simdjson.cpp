/* bench_simdjson.cpp - the reference for reading JSON: simdjson's DOM parse of a file of JSON lines
 * that is in memory already, with nothing done to what it parses.
 *
 *     bench_simdjson FILE
 *
 * Prints what `hinomi bench` reads: documents, and the processor time of reading the file, of one
 * pass line by line and of one pass by parse_many(), the passes after a first that does not count.
 */
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

/* Of the process: the kernel's part of reading counts. */
static double cpu_s()
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

static uint64_t by_line(simdjson::dom::parser &parser, const simdjson::padded_string &text)
{
    const char *p = text.data();
    const char *end = p + text.size();
    uint64_t count = 0;

    while (p < end) {
        const void *found = memchr(p, '\n', static_cast<size_t>(end - p));
        const char *stop = found == nullptr ? end : static_cast<const char *>(found);
        simdjson::dom::element document;

        if (stop > p && parser.parse(p, static_cast<size_t>(stop - p), false).get(document) == 0)
            count++;
        p = stop + 1;
    }
    return count;
}

static uint64_t by_many(simdjson::dom::parser &parser, const simdjson::padded_string &text)
{
    simdjson::dom::document_stream stream;
    uint64_t count = 0;

    if (parser.parse_many(text, size_t(1) << 20).get(stream) != 0)
        return 0;
    for (auto document : stream)
        count += document.error() == 0;
    return count;
}

int main(int argc, char **argv)
{
    simdjson::dom::parser parser;
    simdjson::padded_string text;
    double line_s = 0;
    double many_s = 0;
    uint64_t count = 0;
    double start = cpu_s();
    double load_s;

    if (argc != 2 || simdjson::padded_string::load(argv[1]).get(text) != 0) {
        (void)fprintf(stderr, "usage: bench_simdjson FILE\n");
        return 1;
    }
    load_s = cpu_s() - start;
    for (int pass = 0; pass < 2; pass++) {
        start = cpu_s();
        count = by_line(parser, text);
        line_s = cpu_s() - start;
        start = cpu_s();
        (void)by_many(parser, text);
        many_s = cpu_s() - start;
    }
    printf("documents %llu\nload_s %.6f\nline_s %.6f\nmany_s %.6f\n",
            static_cast<unsigned long long>(count), load_s, line_s, many_s);
    return 0;
}

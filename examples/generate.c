/* generate.c - makes the logs of the example incident, or checks that the shipped ones are what it
 * makes. See example.h.
 *
 *     hinomi_example FOLDER            writes the logs into FOLDER
 *     hinomi_example --check FOLDER    compares the logs in FOLDER, byte for byte after unpacking
 *     hinomi_example --quiet ...       the same day without the incident: what rules must not fire
 * on
 */
#include "example.h"

#include <stdio.h>
#include <string.h>

enum {
    PRODUCT_MAIL,
    PRODUCT_PROXY,
    PRODUCT_FIREWALL,
    PRODUCT_IPS,
    PRODUCT_AUTH,
    PRODUCT_ACCESS,
    PRODUCT_WINDOWS, /* one per channel, in one archive */
    PRODUCT_COUNT = PRODUCT_WINDOWS + CHANNEL_COUNT
};

static bool make(struct world *world, struct product *products, bool quiet)
{
    bool done;

    day_office(world);
    day_mail(world);
    day_servers(world);
    day_internet(world);
    if (!quiet) {
        incident_arrival(world);
        incident_foothold(world);
        incident_spread(world);
    }
    done = world_ok(world);
    done = done && journal_write(&world->mail, "", &products[PRODUCT_MAIL].bytes);
    done = done && journal_write(&world->proxy, proxy_header, &products[PRODUCT_PROXY].bytes);
    done = done && journal_write(&world->firewall, "", &products[PRODUCT_FIREWALL].bytes);
    done = done && journal_write(&world->ips, "", &products[PRODUCT_IPS].bytes);
    done = done && journal_write(&world->auth, "", &products[PRODUCT_AUTH].bytes);
    done = done && journal_write(&world->access, "", &products[PRODUCT_ACCESS].bytes);
    for (int channel = 0; done && channel < CHANNEL_COUNT; channel++)
        done = windows_write(
                world, (enum channel)channel, &products[PRODUCT_WINDOWS + channel].bytes);
    if (!done)
        (void)fprintf(stderr, "hinomi_example: out of memory\n");
    return done;
}

/* Neighbours with one file name belong into one archive. */
static bool for_each_file(const char *folder, const struct product *products,
        bool (*handle)(const char *folder, const struct product *products, size_t count))
{
    bool done = true;
    size_t first = 0;

    while (first < PRODUCT_COUNT) {
        size_t end = first + 1;

        while (end < PRODUCT_COUNT && strcmp(products[end].file, products[first].file) == 0)
            end++;
        done = handle(folder, &products[first], end - first) && done;
        first = end;
    }
    return done;
}

int main(int argc, char **argv)
{
    struct product products[PRODUCT_COUNT] = {
        [PRODUCT_MAIL] = { "mail.jsonl", "mail.jsonl", PACKING_NONE, { 0 } },
        [PRODUCT_PROXY] = { "proxy.log.gz", "proxy.log", PACKING_GZIP, { 0 } },
        [PRODUCT_FIREWALL] = { "fortigate.log.gz", "fortigate.log", PACKING_GZIP, { 0 } },
        [PRODUCT_IPS] = { "eve.json", "eve.json", PACKING_NONE, { 0 } },
        [PRODUCT_AUTH] = { "auth.log", "auth.log", PACKING_NONE, { 0 } },
        [PRODUCT_ACCESS] = { "access.log", "access.log", PACKING_NONE, { 0 } },
        [PRODUCT_WINDOWS +
                CHANNEL_SYSMON] = { "windows.zip", "windows/Sysmon.evtx", PACKING_ZIP, { 0 } },
        [PRODUCT_WINDOWS +
                CHANNEL_SECURITY] = { "windows.zip", "windows/Security.evtx", PACKING_ZIP, { 0 } },
        [PRODUCT_WINDOWS +
                CHANNEL_SYSTEM] = { "windows.zip", "windows/System.evtx", PACKING_ZIP, { 0 } },
        [PRODUCT_WINDOWS +
                CHANNEL_DEFENDER] = { "windows.zip", "windows/Defender.evtx", PACKING_ZIP, { 0 } },
    };
    static struct world world;
    bool check = false;
    bool quiet = false;
    bool done;
    int at = 1;

    for (; at + 1 < argc; at++) {
        check = check || strcmp(argv[at], "--check") == 0;
        quiet = quiet || strcmp(argv[at], "--quiet") == 0;
    }
    if (at + 1 != argc || argc - 2 != check + quiet) {
        (void)fprintf(stderr, "usage: hinomi_example [--quiet] [--check] FOLDER\n");
        return 3;
    }
    if (quiet) { /* packed: it is only ever read by programs */
        products[PRODUCT_MAIL] =
                (struct product){ "mail.jsonl.gz", "mail.jsonl", PACKING_GZIP, { 0 } };
        products[PRODUCT_IPS] = (struct product){ "eve.json.gz", "eve.json", PACKING_GZIP, { 0 } };
        products[PRODUCT_AUTH] = (struct product){ "auth.log.gz", "auth.log", PACKING_GZIP, { 0 } };
        products[PRODUCT_ACCESS] =
                (struct product){ "access.log.gz", "access.log", PACKING_GZIP, { 0 } };
    }
    world_init(&world);
    done = make(&world, products, quiet) &&
           for_each_file(argv[argc - 1], products, check ? pack_check : pack_write);
    for (size_t i = 0; i < PRODUCT_COUNT; i++)
        hn_buf_deinit(&products[i].bytes);
    world_deinit(&world);
    return done ? 0 : 4;
}

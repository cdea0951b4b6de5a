/* world.c - the company, chance, time, and logs that are put in order at the end. */
#include "example.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Chance ---- */

/* FNV-1a over purpose and number: streams do not depend on each other. */
HN_WRAPS struct chance chance_of(const char *purpose, uint32_t number)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (const char *p = purpose; *p != '\0'; p++)
        hash = (hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    for (int i = 0; i < 4; i++)
        hash = (hash ^ (number >> (8 * i) & 0xff)) * UINT64_C(0x100000001b3);
    return (struct chance){ hash };
}

/* SplitMix64. */
static HN_WRAPS uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t chance_below(struct chance *chance, uint32_t limit)
{
    assert(limit > 0);
    return (uint32_t)(chance_next(chance) % limit);
}

uint32_t chance_between(struct chance *chance, uint32_t low, uint32_t high)
{
    return low + chance_below(chance, high - low + 1);
}

bool chance_percent(struct chance *chance, uint32_t percent)
{
    return chance_below(chance, 100) < percent;
}

/* ---- Time ---- */

hn_time at(int hour, int minute, int second)
{
    struct chance chance = chance_of("fraction", (uint32_t)(hour * 3600 + minute * 60 + second));
    uint32_t fraction = chance_below(&chance, 1000);

    return after(DAY_START + hour * HN_HOUR + minute * HN_MINUTE + second * HN_SECOND, fraction);
}

hn_time after(hn_time time, uint32_t milliseconds)
{
    return time + (int64_t)milliseconds * HN_MILLISECOND;
}

hn_time finer(hn_time time, size_t order)
{
    return time + (int64_t)(order * 7919 % 9973) * 100;
}

/* ---- The company ---- */

#define SALES   "営業部"
#define DESIGN  "設計部"
#define FACTORY "製造部"
#define QUALITY "品質保証部"
#define BUYING  "購買部"
#define GENERAL "総務部"
#define MONEY   "経理部"
#define SYSTEMS "情報システム課"

/* The machine of the n-th person is HW-PC<n+1>. */
const struct person people[PERSON_COUNT] = {
    { "a.ito", "伊藤 彩", SALES, 1101 },
    { "r.watanabe", "渡辺 亮", SALES, 1102 },
    { "n.yamamoto", "山本 直美", SALES, 1103 },
    { "k.nakajima", "中島 健", SALES, 1104 },
    { "e.kato", "加藤 恵美", SALES, 1105 },
    { "t.yoshida", "吉田 拓也", SALES, 1106 },
    { "s.yamada", "山田 聡", DESIGN, 1107 },
    { "m.sasaki", "佐々木 真理", DESIGN, 1108 },
    { "d.yamaguchi", "山口 大輔", DESIGN, 1109 },
    { "c.matsumoto", "松本 千春", DESIGN, 1110 },
    { "j.inoue", "井上 純", DESIGN, 1111 },
    { "k.ogawa", "小川 圭子", BUYING, 1112 },
    { "y.kimura", "木村 裕子", BUYING, 1113 },
    { "h.hayashi", "林 寛", BUYING, 1114 },
    { "s.shimizu", "清水 翔", FACTORY, 1115 },
    { "t.yamazaki", "山崎 剛", FACTORY, 1116 },
    { "h.kobayashi", "小林 博", SALES, 1117 },
    { "m.ikeda", "池田 実", FACTORY, 1118 },
    { "n.abe", "阿部 望", FACTORY, 1119 },
    { "k.hashimoto", "橋本 和也", FACTORY, 1120 },
    { "s.tanaka", "田中 早苗", SALES, 1121 },
    { "o.mori", "森 修", FACTORY, 1122 },
    { "m.sato", "佐藤 美咲", GENERAL, 1123 },
    { "y.ishikawa", "石川 由紀", GENERAL, 1124 },
    { "t.maeda", "前田 徹", GENERAL, 1125 },
    { "f.fujita", "藤田 史子", MONEY, 1126 },
    { "k.goto", "後藤 香織", MONEY, 1127 },
    { "a.okada", "岡田 明", MONEY, 1128 },
    { "r.hasegawa", "長谷川 玲", QUALITY, 1129 },
    { "s.murakami", "村上 慎一", QUALITY, 1130 },
    { "y.nakamura", "中村 洋子", SALES, 1131 },
    { "h.kondo", "近藤 弘", QUALITY, 1132 },
    { "t.sakamoto", "坂本 武", FACTORY, 1133 },
    { "m.aoki", "青木 恵", FACTORY, 1134 },
    { "k.fujii", "藤井 圭", FACTORY, 1135 },
    { "n.nishimura", "西村 信子", BUYING, 1136 },
    { "y.fukuda", "福田 勇", DESIGN, 1137 },
    { "s.ota", "太田 聖", DESIGN, 1138 },
    { "e.miura", "三浦 英子", SALES, 1139 },
    { "r.okamoto", "岡本 涼", SALES, 1140 },
    { "t.matsuda", "松田 智", FACTORY, 1141 },
    { "c.harada", "原田 千佳", GENERAL, 1142 },
    { "k.mori", "森 浩二", SYSTEMS, 1143 },
    { "t.endo", "遠藤 努", SYSTEMS, 1144 },
};

const struct person *person_of(const char *login)
{
    for (size_t i = 0; i < PERSON_COUNT; i++) {
        if (strcmp(people[i].login, login) == 0)
            return &people[i];
    }
    assert(false); /* the story names only people of the list */
    return NULL;
}

static const struct {
    const char *name;
    const char *ip;
} servers[SERVER_COUNT] = {
    [SERVER_DC] = { "HW-DC01", "10.10.0.10" },
    [SERVER_FS] = { "HW-FS01", "10.10.0.20" },
    [SERVER_ERP] = { "HW-ERP01", "10.10.0.25" },
    [SERVER_BACKUP] = { "HW-BK01", "10.10.0.30" },
    [SERVER_PRINT] = { "HW-PRT01", "10.10.0.40" },
    [SERVER_ADMIN] = { "HW-ADM01", "10.10.1.200" },
};

const struct site sites[SITE_COUNT] = {
    [SITE_NEWS] = { "www.shimbun-news.example", "News/Media", "192.0.2.11" },
    [SITE_SEARCH] = { "search.kensaku.example", "Search Engines/Portals", "192.0.2.12" },
    [SITE_WEATHER] = { "tenki.example", "News/Media", "192.0.2.13" },
    [SITE_TRAIN] = { "norikae.example", "Travel", "192.0.2.14" },
    [SITE_MAIL] = { "outlook.office-cloud.example", "Email;Office/Business Applications",
            "192.0.2.15" },
    [SITE_CHAT] = { "teams.office-cloud.example", "Office/Business Applications", "192.0.2.16" },
    [SITE_OFFICE] = { "config.office-cloud.example", "Office/Business Applications", "192.0.2.17" },
    [SITE_MAPS] = { "maps.chizu.example", "Reference", "192.0.2.18" },
    [SITE_BANK] = { "ebank.mizuho-no-kuni.example", "Financial Services", "192.0.2.19" },
    [SITE_SHOP] = { "www.buhin-tsuhan.example", "Shopping", "192.0.2.20" },
    [SITE_TRANSLATE] = { "translate.kensaku.example", "Translation", "192.0.2.21" },
    [SITE_SUPPLIER_SCREWS] = { "www.tokai-neji.example", "Business/Economy", "192.0.2.22" },
    [SITE_SUPPLIER_PLATING] = { "www.kawagoe-mekki.example", "Business/Economy", "192.0.2.23" },
    [SITE_SUPPLIER_STEEL] = { "order.kitakami-kozai.example", "Business/Economy", "192.0.2.24" },
    [SITE_STANDARDS] = { "www.kikaku-kyokai.example", "Reference", "192.0.2.25" },
    [SITE_TOOLS] = { "www.kirekogu.example", "Business/Economy", "192.0.2.26" },
    [SITE_VIDEO] = { "video.douga.example", "Audio/Video Clips", "192.0.2.27" },
    [SITE_BLOG] = { "machinist-blog.example", "Personal Sites", "192.0.2.28" },
    [SITE_ADS] = { "ads.kokoku-net.example", "Web Ads/Analytics", "192.0.2.29" },
    [SITE_CDN] = { "cdn.shimbun-news.example", "Content Servers", "192.0.2.30" },
    [SITE_PORTAL] = { "portal.kumiai.example", "Business/Economy", "192.0.2.31" },
    [SITE_UNKNOWN] = { "hobby-lathe.example", "none", "192.0.2.32" },
    [SITE_OS_UPDATE] = { "dl.os-vendor.example", "Technology/Internet;Software Downloads",
            "192.0.2.40" },
    [SITE_OFFICE_UPDATE] = { "update.office-cloud.example",
            "Technology/Internet;Software Downloads", "192.0.2.41" },
    [SITE_AV_UPDATE] = { "definitions.os-vendor.example", "Technology/Internet", "192.0.2.42" },
    [SITE_TOOL_MAKER] = { "download.sokutei-kiki.example", "Business/Economy;Software Downloads",
            "192.0.2.43" },
    [SITE_LICENCE] = { NULL, "none", "192.0.2.200" },
    [SITE_CAFE] = { "kissaten-aoi.example", "Restaurants/Dining/Food", "192.0.2.80" },
    [SITE_CYCLE] = { "yamabiko-cycle.example", "Sports/Recreation", "192.0.2.81" },
    [SITE_FLOWERS] = { "hana-sato.example", "Shopping", "192.0.2.82" },
};

static void machine_init(struct machine *machine, uint32_t number, const char *name, const char *ip)
{
    struct chance chance = chance_of("machine", number);

    memcpy(machine->name, name, strlen(name) + 1);
    memcpy(machine->ip, ip, strlen(ip) + 1);
    machine->number = number;
    machine->next_pid = 4 * chance_between(&chance, 900, 2200);
    machine->next_logon = chance_between(&chance, 0x30000, 0x90000);
}

void world_init(struct world *world)
{
    char name[16];
    char ip[16];

    memset(world, 0, sizeof *world);
    hn_arena_init(&world->arena, (size_t)64 << 20);
    for (uint32_t i = 0; i < PERSON_COUNT; i++) {
        (void)snprintf(name, sizeof name, "HW-PC%03u", i + 1);
        (void)snprintf(ip, sizeof ip, "10.10.1.%u", i + 1);
        machine_init(&world->machines[i], i, name, ip);
    }
    for (uint32_t i = 0; i < SERVER_COUNT; i++) {
        machine_init(&world->machines[PERSON_COUNT + i], PERSON_COUNT + i, servers[i].name,
                servers[i].ip);
        world->machines[PERSON_COUNT + i].audited = true;
    }
}

static void journal_deinit(struct journal *journal)
{
    hn_buf_deinit(&journal->text);
    hn_vec_deinit(&journal->records);
}

void world_deinit(struct world *world)
{
    journal_deinit(&world->mail);
    journal_deinit(&world->proxy);
    journal_deinit(&world->firewall);
    journal_deinit(&world->ips);
    journal_deinit(&world->auth);
    journal_deinit(&world->access);
    hn_vec_deinit(&world->windows.events);
    hn_vec_deinit(&world->windows.fields);
    hn_buf_deinit(&world->windows.text);
    hn_arena_deinit(&world->arena);
}

bool world_ok(const struct world *world)
{
    return !world->failed && hn_buf_ok(&world->mail.text) && hn_buf_ok(&world->proxy.text) &&
           hn_buf_ok(&world->firewall.text) && hn_buf_ok(&world->ips.text) &&
           hn_buf_ok(&world->auth.text) && hn_buf_ok(&world->access.text) &&
           hn_buf_ok(&world->windows.text);
}

struct machine *machine_of(struct world *world, const struct person *person)
{
    return &world->machines[person - people];
}

struct machine *server_of(struct world *world, enum server server)
{
    return &world->machines[PERSON_COUNT + (size_t)server];
}

/* ---- Journals ---- */

struct hn_buf *journal_begin(struct journal *journal, hn_time time)
{
    struct record *record = hn_vec_add(&journal->records);

    if (record == NULL) {
        journal->text.status = HN_NOMEM;
        return &journal->text;
    }
    record->time = time;
    record->start = journal->text.len;
    record->order = journal->records.count;
    return &journal->text;
}

void journal_end(struct journal *journal)
{
    struct record *record;

    hn_buf_add_char(&journal->text, '\n');
    if (!hn_buf_ok(&journal->text))
        return;
    record = &journal->records.ptr[journal->records.count - 1];
    record->len = journal->text.len - record->start;
}

static int record_order(const void *left, const void *right)
{
    const struct record *a = left;
    const struct record *b = right;

    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

bool journal_write(struct journal *journal, const char *header, struct hn_buf *out)
{
    if (!hn_buf_ok(&journal->text))
        return false;
    if (journal->records.count > 0)
        qsort(journal->records.ptr, journal->records.count, sizeof *journal->records.ptr,
                record_order);
    hn_buf_add_cstr(out, header);
    for (size_t i = 0; i < journal->records.count; i++) {
        const struct record *record = &journal->records.ptr[i];

        hn_buf_add(out, journal->text.ptr + record->start, record->len);
    }
    return hn_buf_ok(out);
}

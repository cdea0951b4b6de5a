/* report_hosts.c - what happened on each host, step by step. */
#include "report/report_internal.h"

/* Tactics of a group's rule as bits. */
static uint32_t tactics_of(const struct rule_entry *rule)
{
    char name[ALERT_ATTACK_MAX];
    uint32_t bits = 0;

    if (rule->kind == ALERT_INDICATOR)
        return 0;
    for (uint32_t i = 0; i < rule->meta->tags.count; i++) {
        enum attack_tactic tactic;

        if (!alert_attack_tactic(rule->meta->tags.ptr[i], name))
            continue;
        tactic = attack_tactic_of(hn_text_cstr(name));
        if (tactic < ATTACK_TACTIC_COUNT)
            bits |= 1u << tactic;
    }
    return bits;
}

/* Tactics in the order in which they were first seen, each once. */
static void write_chain(struct page *page, const struct host_entry *host)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < host->groups.count; i++) {
        const struct group_entry *entry = &page->model.groups[host->groups.ptr[i]];
        uint32_t bits = tactics_of(&page->model.rules[entry->rule]) & ~seen;

        if (entry->group->level < SIGMA_LEVEL_LOW)
            continue;
        for (unsigned k = 0; k < ATTACK_TACTIC_COUNT; k++) {
            if ((bits >> k & 1) == 0)
                continue;
            if (seen == 0) {
                hn_buf_addf(page->out, "<p class=\"chain\"><span class=\"sr\">%s</span>",
                        tr(page, "Tactics in order: ", "戦術の順序: "));
            } else {
                hn_buf_add_lit(page->out, " <span class=\"arrow\">→</span> ");
            }
            hn_buf_addf(page->out, "<span class=\"stage\">%s</span>",
                    attack_tactic_name((enum attack_tactic)k, page->ja));
            seen |= 1u << k;
        }
    }
    if (seen != 0)
        hn_buf_add_lit(page->out, "</p>\n");
}

/* The time of day; with its day where that is another than the step's before. */
static void put_step_time(struct page *page, hn_time time, int32_t *day)
{
    struct hn_calendar at;
    int32_t number;

    if (time == HN_TIME_NONE) {
        hn_buf_add_lit(page->out, "–");
        return;
    }
    at = hn_calendar_at(time, hn_zone_offset_at(page->report->zone, time));
    number = (at.year * 12 + at.month) * 31 + at.day;
    if (*day != number)
        hn_buf_addf(
                page->out, "<span class=\"day\">%04d-%02d-%02d</span> ", at.year, at.month, at.day);
    *day = number;
    hn_buf_addf(page->out, "%02d:%02d:%02d", at.hour, at.minute, at.second);
}

/* One group of alerts; named: with its host in front. */
static void write_step(struct page *page, uint32_t index, int32_t *day, bool named)
{
    const struct group_entry *entry = &page->model.groups[index];
    const struct alert_group *group = entry->group;
    bool link = report_has_details(page, entry->rule);

    hn_buf_addf(page->out, "<li class=\"l%u\"><span class=\"when\">", (unsigned)group->level);
    put_step_time(page, group->first, day);
    hn_buf_add_lit(page->out, "</span> ");
    report_put_level(page, group->level);
    hn_buf_add_lit(page->out, " <span class=\"what\">");
    if (named) {
        report_put_host(page, group->host);
        hn_buf_add_lit(page->out, " · ");
    }
    if (link) {
        hn_buf_add_lit(page->out, "<a href=\"");
        report_put_group_href(page, index);
        hn_buf_add_lit(page->out, "\">");
    }
    report_html_defanged(page->out, &page->scratch, group->title);
    if (link)
        hn_buf_add_lit(page->out, "</a>");
    if (group->count > 1) {
        hn_buf_add_lit(page->out, " <span class=\"times\">×");
        report_html_count(page->out, group->count);
        if (group->last != HN_TIME_NONE && group->last / HN_SECOND != group->first / HN_SECOND) {
            int32_t last_day = *day;

            report_put(page, ", until ", "、最後 ");
            put_step_time(page, group->last, &last_day);
        }
        hn_buf_add_lit(page->out, "</span>");
    }
    hn_buf_add_lit(page->out, "</span></li>\n");
}

static void write_host(struct page *page, const struct host_entry *host)
{
    uint32_t shown = host->groups.count < page->limits.host_steps_max ? host->groups.count
                                                                      : page->limits.host_steps_max;
    int32_t day = 0;

    hn_buf_addf(page->out, "<article class=\"host l%u\">\n<h3>", (unsigned)host->level);
    if (host->name.len > 0)
        report_put_host(page, host->name);
    else
        report_put(page, "Across hosts, or no host named", "複数ホスト・ホスト名なし");
    hn_buf_add_lit(page->out, " <span class=\"times\">");
    report_html_count(page->out, host->alerts);
    report_put(page, host->alerts == 1 ? " alert" : " alerts", " 件");
    hn_buf_add_lit(page->out, "</span></h3>\n");
    write_chain(page, host);
    hn_buf_add_lit(page->out, "<ol class=\"steps\">\n");
    for (uint32_t i = 0; i < shown; i++)
        write_step(page, host->groups.ptr[i], &day, false);
    hn_buf_add_lit(page->out, "</ol>\n");
    if (shown < host->groups.count) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Later steps not listed here: ", "ここに載せていない以降の段階: ");
        report_html_count(page->out, host->groups.count - shown);
        hn_buf_add_lit(page->out, "</p>\n");
    }
    hn_buf_add_lit(page->out, "</article>\n");
}

/* A machine with more than one kind of alert has a story; the others share one list. */
static bool has_story(const struct host_entry *host)
{
    return host->groups.count > 1 || host->name.len == 0;
}

static uint32_t write_stories(struct page *page)
{
    const struct model *model = &page->model;
    uint32_t left_out = 0;
    uint32_t told = 0;

    for (uint32_t i = 0; i < model->host_count; i++) {
        if (!has_story(&model->hosts[i]))
            continue;
        /* The alerts without a host come last and are always told. */
        if (told++ < page->limits.hosts_max || model->hosts[i].name.len == 0)
            write_host(page, &model->hosts[i]);
        else
            left_out++;
    }
    return left_out;
}

static uint32_t write_singles(struct page *page)
{
    const struct model *model = &page->model;
    uint32_t told = 0;
    int32_t day = 0;

    for (uint32_t i = 0; i < model->host_count; i++) {
        if (has_story(&model->hosts[i]))
            continue;
        if (told == 0) {
            hn_buf_add_lit(page->out, "<article class=\"host l0\">\n<h3>");
            report_put(page, "Hosts with one kind of alert", "アラートが 1 種類だけのホスト");
            hn_buf_add_lit(page->out, "</h3>\n<ol class=\"steps\">\n");
        }
        if (told++ < page->limits.host_steps_max)
            write_step(page, model->hosts[i].groups.ptr[0], &day, true);
    }
    if (told > 0)
        hn_buf_add_lit(page->out, "</ol>\n</article>\n");
    return told < page->limits.host_steps_max ? 0 : told - page->limits.host_steps_max;
}

void report_write_hosts(struct page *page)
{
    uint32_t left_out;

    hn_buf_add_lit(page->out, "<section id=\"hosts\">\n<h2>");
    report_put(page, "What happened, host by host", "ホスト別の経過");
    hn_buf_add_lit(page->out, "</h2>\n");
    left_out = write_stories(page);
    left_out += write_singles(page);
    if (left_out > 0) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Hosts with less important alerts, not told here: ",
                "ここに載せていない、より軽微なホスト: ");
        report_html_count(page->out, left_out);
        report_put(page, " (see the table of findings)", "(検知一覧を参照)");
        hn_buf_add_lit(page->out, "</p>\n");
    }
    hn_buf_add_lit(page->out, "</section>\n");
}

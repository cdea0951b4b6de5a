/* report_matrix.c - techniques that were hit, in columns by tactic. */
#include "report/report_internal.h"

static bool same_parent(const struct technique_entry *a, const struct technique_entry *b)
{
    return a->tactic == b->tactic && memcmp(a->id, b->id, 5) == 0;
}

static bool is_sub(const struct technique_entry *cell)
{
    return cell->id[5] == '.';
}

static void put_name(struct page *page, struct hn_text id)
{
    const char *name = attack_name(id);

    if (name != NULL) {
        hn_buf_add_lit(page->out, " ");
        report_html_text(page->out, hn_text_cstr(name));
    }
}

/* Id, name and number of alerts, with a link to the evidence of the most important rule. */
static void write_cell(struct page *page, const struct technique_entry *cell, bool sub)
{
    hn_buf_addf(page->out, "<a class=\"l%u\" href=\"#", (unsigned)cell->level);
    if (report_has_details(page, cell->rule))
        hn_buf_addf(page->out, "r%u", (unsigned)cell->rule);
    else
        hn_buf_add_lit(page->out, "findings");
    hn_buf_addf(page->out, "\"><b>%s</b>", cell->id + (sub ? 5 : 0));
    put_name(page, hn_text_cstr(cell->id));
    hn_buf_add_lit(page->out, "<i>");
    report_html_count(page->out, cell->alerts);
    hn_buf_addf(page->out, "<span class=\"sr\"> %s, %s</span></i></a>", tr(page, "alerts", "件"),
            report_level_name(page, cell->level));
}

/* A technique with its sub-techniques, which follow it; returns how many entries that were. */
static uint32_t write_technique(struct page *page, uint32_t at)
{
    const struct model *model = &page->model;
    const struct technique_entry *first = &model->techniques[at];
    uint32_t next = at;

    hn_buf_add_lit(page->out, "<li>");
    if (is_sub(first)) {
        hn_buf_addf(page->out, "<span class=\"parent\"><b>%.5s</b>", first->id);
        put_name(page, hn_text_of(first->id, 5));
        hn_buf_add_lit(page->out, "</span>");
    } else {
        write_cell(page, first, false);
        next++;
    }
    if (next < model->technique_count && same_parent(first, &model->techniques[next])) {
        hn_buf_add_lit(page->out, "<ul>");
        while (next < model->technique_count && same_parent(first, &model->techniques[next])) {
            hn_buf_add_lit(page->out, "<li>");
            write_cell(page, &model->techniques[next], true);
            hn_buf_add_lit(page->out, "</li>");
            next++;
        }
        hn_buf_add_lit(page->out, "</ul>");
    }
    hn_buf_add_lit(page->out, "</li>\n");
    return next - at;
}

void report_write_matrix(struct page *page)
{
    const struct model *model = &page->model;
    uint32_t i = 0;

    if (model->technique_count == 0)
        return;
    hn_buf_add_lit(page->out, "<section id=\"attack\">\n<h2>MITRE ATT&amp;CK</h2>\n<p>");
    report_put(page,
            "Techniques that alerts point to, with the number of alerts; the colour is that of the "
            "highest level.",
            "アラートが示す手法とその件数。色は最も高いレベルを表す。");
    hn_buf_add_lit(page->out, "</p>\n<div class=\"matrix\">\n");
    while (i < model->technique_count) {
        enum attack_tactic tactic = model->techniques[i].tactic;

        hn_buf_addf(page->out, "<div class=\"tactic\"><h3>%s</h3>\n<ul>\n",
                attack_tactic_name(tactic, page->ja));
        while (i < model->technique_count && model->techniques[i].tactic == tactic)
            i += write_technique(page, i);
        hn_buf_add_lit(page->out, "</ul></div>\n");
    }
    hn_buf_add_lit(page->out, "</div>\n</section>\n");
}

/* day_mail.c - the company's ordinary mail, as the gateway logs it. */
#include "example.h"

#include <stdio.h>

struct attachment {
    const char *name;
    const char *type;
    uint32_t size;
};

#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

static const char *const partners[] = { "eigyo@tokai-neji.example", "info@kawagoe-mekki.example",
    "juchu@kitakami-kozai.example", "suzuki@kirekogu.example", "jimukyoku@kumiai.example",
    "news@kikaku-kyokai.example", "haiso@tonbo-unyu.example", "support@sokutei-kiki.example",
    "order@buhin-tsuhan.example", "yoyaku@norikae.example" };

static const char *const subjects[] = { "図面の件", "お見積りのお願い", "納期のご連絡",
    "Re: 打合せ日程について", "10月度請求書送付のご案内", "検査成績書の送付",
    "ご注文ありがとうございます", "工場見学のお礼", "Re: Re: 材質変更のご相談", "組合だより 10月号",
    "出荷のお知らせ", "校正期限のご案内" };

static const char *const internal_subjects[] = { "【共有】朝礼メモ", "会議室変更のお知らせ",
    "Re: 旋盤3号の点検", "有給申請の件", "棚卸の日程", "来客予定(14日)", "日報 10/13",
    "【総務】健康診断のご案内" };

static const struct attachment attachments[] = {
    { "図面_H-1190.pdf", "application/pdf", 412233 },
    { "見積書.pdf", "application/pdf", 88120 },
    { "請求書_202610.pdf", "application/pdf", 120411 },
    { "検査成績書.xlsx", XLSX, 54021 },
    { "納入仕様書.docx", DOCX, 71200 },
    { "写真.jpg", "image/jpeg", 1820331 },
    { "3d_model.zip", "application/zip", 8120331 },
};

static void add_mail(struct world *world, struct chance *chance, hn_time time, bool inside)
{
    const struct person *person = &people[chance_below(chance, PERSON_COUNT)];
    const struct person *other = &people[chance_below(chance, PERSON_COUNT)];
    const char *partner = *chance_pick(chance, partners);
    const struct attachment *attachment = chance_pick(chance, attachments);
    bool inbound = !inside && chance_percent(chance, 60);
    char here[64];
    char there[64];
    struct mail mail = { .time = time, .from = partner, .to = here };

    (void)snprintf(here, sizeof here, "%s@hinomi-works.example", person->login);
    (void)snprintf(there, sizeof there, "%s@hinomi-works.example", other->login);
    if (inside) {
        mail.direction = "internal";
        mail.from = there;
        mail.subject = *chance_pick(chance, internal_subjects);
    } else {
        mail.direction = inbound ? "inbound" : "outbound";
        mail.from = inbound ? partner : here;
        mail.to = inbound ? here : partner;
        mail.subject = *chance_pick(chance, subjects);
    }
    if (chance_percent(chance, 38)) {
        mail.file = attachment->name;
        mail.type = attachment->type;
        mail.size = attachment->size / 2 + chance_below(chance, attachment->size);
    }
    mail_line(world, &mail);
}

/* A partner who still sends every file as an encrypted archive: two false alarms a day. */
static void add_encrypted(struct world *world)
{
    struct mail mail = { .time = at(10, 22, 41),
        .direction = "inbound",
        .from = "info@kawagoe-mekki.example",
        .to = "k.ogawa@hinomi-works.example",
        .subject = "試験結果送付(パスワードは別メールにて)",
        .file = "試験結果_20261014.zip",
        .type = "application/zip",
        .size = 311208,
        .reason = "attachment is encrypted, not scanned" };

    mail_line(world, &mail);
    mail.time = at(15, 48, 3);
    mail.to = "r.hasegawa@hinomi-works.example";
    mail.file = "膜厚測定.zip";
    mail_line(world, &mail);
}

void day_mail(struct world *world)
{
    struct chance chance = chance_of("mail", 0);
    hn_time time = at(0, 4, 0);

    while (time < at(23, 55, 0)) {
        bool office_hours = time > at(8, 0, 0) && time < at(19, 0, 0);
        bool inside = office_hours && chance_percent(&chance, 35);

        add_mail(world, &chance, time, inside);
        if (office_hours)
            time = after(time, chance_between(&chance, 5000, 120000));
        else
            time = after(time, chance_between(&chance, 300000, 2400000));
    }
    add_encrypted(world);
}

/* test_judge.c - what the headers of mails give away: who pretends, what way a mail took, what a
 * reply answers. Each case has a twin that must not be accused. */
#include "mail_case.h"

struct judge_case {
    const char *what;
    const char *mail;
    int kind;         /* of the note; -1: none at all */
    const char *part; /* of its detail */
};

static const struct judge_case judge_cases[] = {
    { "the name shows another address",
            "From: \"ceo@corp.example.com\" <x@evil.example.net>\n\nb\n", DISSECT_NOTE_SPOOFED,
            "shows \"ceo@corp.example.com\" but is <x@evil.example.net>" },
    { "the name shows its own address", "From: \"x@corp.example\" <x@corp.example>\n\nb\n", -1,
            NULL },
    { "the name shows an address of the same organisation",
            "From: \"x@corp.co.jp via list\" <list@lists.corp.co.jp>\n\nb\n", -1, NULL },
    { "the same, but under a public suffix two organisations",
            "From: \"x@corp.co.jp\" <list@other.co.jp>\n\nb\n", DISSECT_NOTE_SPOOFED,
            "corp.co.jp" },
    { "the name shows a domain", "From: \"amazon.co.jp\" <x@a-mazon.net>\n\nb\n",
            DISSECT_NOTE_SPOOFED, "domain \"amazon.co.jp\"" },
    { "a name with a dot in it", "From: \"J. Smith Ph.D\" <x@corp.com>\n\nb\n", -1, NULL },
    { "an encoded name that shows an address",
            "From: =?utf-8?B?Y2VvQGNvcnAuY29t?= <x@evil.net>\n\nb\n", DISSECT_NOTE_SPOOFED,
            "ceo@corp.com" },
    { "answers go elsewhere", "From: a@corp.com\nReply-To: b@evil.net\n\nb\n", DISSECT_NOTE_SPOOFED,
            "Reply-To is <b@evil.net>" },
    { "answers go to a colleague", "From: a@corp.com\nReply-To: b@sub.corp.com\n\nb\n", -1, NULL },
    { "bounces go to a service", "From: a@corp.com\nReturn-Path: <b@service.net>\n\nb\n", -1,
            NULL },
    { "two senders in one field", "From: <a@corp.com>, <b@corp.com>\n\nb\n", DISSECT_NOTE_SPOOFED,
            "2 addresses" },
    { "a comma in a name is no second sender", "From: \"Smith, J\" <a@corp.com>\n\nb\n", -1, NULL },
    { "the receiving server says fail",
            "Authentication-Results: mx; spf=pass; dkim=fail (x) header.d=c; dmarc=pass\n"
            "From: a@corp.com\n\nb\n",
            DISSECT_NOTE_SPOOFED, "dkim=fail" },
    { "a lower server says fail",
            "Authentication-Results: mx; spf=pass\nAuthentication-Results: y; spf=fail\n"
            "From: a@corp.com\n\nb\n",
            -1, NULL },
    { "a reply without ties",
            "From: a@corp.com\nSubject: RE: order\n\nSee attached.\n\nFrom: B <b@x.com>\n"
            "Sent: Monday\nTo: a\nSubject: order\n",
            DISSECT_NOTE_SPOOFED, "neither In-Reply-To" },
    { "a reply with ties",
            "From: a@corp.com\nIn-Reply-To: <1@x.com>\nSubject: RE: order\n\nYes.\n\n"
            "From: B <b@x.com>\nSent: Monday\nTo: a\nSubject: order\n",
            -1, NULL },
    { "a forwarded mail without ties",
            "From: a@corp.com\nSubject: FW: order\n\nFYI\n\nFrom: B <b@x.com>\nSent: Monday\n"
            "To: a\nSubject: order\n",
            -1, NULL },
    { "a reply that quotes nothing", "From: a@corp.com\nSubject: Re: order\n\nYes.\n", -1, NULL },
    { "a Japanese reply without ties",
            "From: a@corp.com\nSubject: Re: x\n\nb\n\n"
            "\xE5\xB7\xAE\xE5\x87\xBA\xE4\xBA\xBA: B <b@x.com>\n"
            "\xE9\x80\x81\xE4\xBF\xA1\xE6\x97\xA5\xE6\x99\x82: 2026\n",
            DISSECT_NOTE_SPOOFED, "neither In-Reply-To" },
    { "a colleague from a foreign address",
            "From: \"Hanako Tanaka\" <x@evil.net>\nReferences: <1@x>\nSubject: Re: order\n\nb\n\n"
            "From: Hanako Tanaka <hanako@corp.com>\nSent: Monday\nTo: me\n",
            DISSECT_NOTE_SPOOFED, "in the quoted mail it is <hanako@corp.com>" },
    { "a colleague from another address of the firm",
            "From: \"Hanako Tanaka\" <h@mail.corp.com>\nReferences: <1@x>\nSubject: Re: o\n\nb\n\n"
            "From: Hanako Tanaka <hanako@corp.com>\nSent: Monday\nTo: me\n",
            -1, NULL },
    { "handed on before it came",
            "Received: from b by a; Mon, 23 Nov 2026 01:00:00 +0000\n"
            "Received: from c by b; Mon, 23 Nov 2026 05:00:00 +0000\nFrom: a@corp.com\n\nb\n",
            DISSECT_NOTE_MISMATCH, "before it came" },
    { "clocks a little apart",
            "Received: from b by a; Mon, 23 Nov 2026 01:00:00 +0000\n"
            "Received: from c by b; Mon, 23 Nov 2026 10:01:00 +0900\nFrom: a@corp.com\n\nb\n",
            -1, NULL },
    { "a date of the future",
            "Received: from b by a; Mon, 23 Nov 2026 01:00:00 +0000\n"
            "Date: Fri, 25 Dec 2026 01:00:00 +0000\nFrom: a@corp.com\n\nb\n",
            DISSECT_NOTE_MISMATCH, "Date is" },
    { "a name with two endings",
            "From: a@corp.com\nContent-Disposition: attachment; filename=\"a.pdf.exe\"\n\nMZ\n",
            DISSECT_NOTE_HIDDEN, "two endings" },
    { "a name with two harmless endings",
            "From: a@corp.com\nContent-Disposition: attachment; filename=\"a.tar.gz\"\n\nx\n", -1,
            NULL },
    { "a name that turns round",
            "From: a@corp.com\n"
            "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe\n\nMZ\n",
            DISSECT_NOTE_HIDDEN, "direction" },
    { "a name with many spaces",
            "From: a@corp.com\n"
            "Content-Disposition: attachment; filename=\"a.pdf            .exe\"\n\nMZ\n",
            DISSECT_NOTE_HIDDEN, "spaces" },
};

static void contradictions_are_noted(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(judge_cases); i++) {
        const struct judge_case *one = &judge_cases[i];
        struct dissect *dissect = mail_case_open(DISSECT_EML, hn_text_cstr(one->mail));
        const struct dissect_note *first = dissect_get(dissect, 0)->notes;
        bool good = one->kind < 0 ? first == NULL
                                  : mail_note_of(dissect, 0, (enum dissect_note_kind)one->kind,
                                            one->part) != NULL;

        if (!good)
            print_error("%s: %s\n", one->what, first != NULL ? first->detail.ptr : "no note");
        assert_true(good);
        dissect_free(dissect);
    }
}

static void the_way_is_told(void **state)
{
    const char *mail =
            "Received: from mx.corp.example (mx.corp.example [10.1.2.3]) by in.corp.example"
            " with ESMTP id 1; Mon, 23 Nov 2026 10:00:02 +0900 (JST)\n"
            "Received: from helo.example (unknown [IPv6:2001:db8::7])\n"
            " by mx.corp.example (Postfix) with ESMTPS;\n"
            " Mon, 23 Nov 2026 10:00:01 +0900\n"
            "Received: from [203.0.113.9] (port=1) by helo.example;"
            " Mon, 23 Nov 2026 01:00:00 +0000\n"
            "Authentication-Results: mx; spf=softfail; dkim=none; dmarc=pass\n"
            "From: a@b.example\nMessage-ID: <1@Host.Example>\nX-Mailer: tool\n\nb\n";
    struct dissect *dissect = mail_case_open(DISSECT_EML, hn_text_cstr(mail));

    (void)state;
    assert_string_equal(mail_fact_of(dissect, 0, "received_ip"), "2001:db8::7");
    assert_string_equal(mail_fact_of(dissect, 0, "received_from"), "helo.example");
    assert_string_equal(mail_fact_of(dissect, 0, "received_by"), "mx.corp.example");
    assert_string_equal(mail_fact_of(dissect, 0, "origin_ip"), "203.0.113.9");
    assert_string_equal(mail_fact_of(dissect, 0, "received_count"), "3");
    assert_string_equal(mail_fact_of(dissect, 0, "received"),
            "from=mx.corp.example ip=10.1.2.3 by=in.corp.example time=2026-11-23T01:00:02Z");
    assert_string_equal(mail_fact_of(dissect, 0, "auth_spf"), "softfail");
    assert_string_equal(mail_fact_of(dissect, 0, "auth_dkim"), "none");
    assert_string_equal(mail_fact_of(dissect, 0, "auth_dmarc"), "pass");
    assert_string_equal(mail_fact_of(dissect, 0, "message_id_domain"), "host.example");
    assert_string_equal(mail_fact_of(dissect, 0, "mailer"), "tool");
    assert_null(dissect_get(dissect, 0)->notes);
    dissect_free(dissect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradictions_are_noted),
        cmocka_unit_test(the_way_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

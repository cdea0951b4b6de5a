/* mail_mime.h - parts of MIME within the mail module: mail_mime.c cuts, mail_part.c decodes. */
#ifndef HN_MAIL_MAIL_MIME_H
#define HN_MAIL_MAIL_MIME_H

#include "mail/mail_internal.h"

struct mail_entity {
    struct mail_head head;
    struct hn_text body;         /* still in its transfer encoding */
    struct hn_text content_type; /* the field that counts */
    struct hn_text type;         /* "multipart/mixed" */
    unsigned depth;
    bool digest; /* parts are mails unless they say otherwise */
};

void mail_entity_open(struct mail *mail, struct mail_entity *entity);
void mail_multipart_open(struct mail *mail, const struct mail_entity *multipart);
/* Where a pointer lies in the mail; DISSECT_NOWHERE for what was decoded. */
uint64_t mail_offset(const struct mail *mail, const char *ptr);

#endif

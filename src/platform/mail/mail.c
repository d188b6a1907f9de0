#include "platform/mail/mail.h"

#include "base/check.h"
#include "base/id.h"
#include "mail.sql.h"

enum { ADDRESS_SIZE_MAX = 254, LOCAL_SIZE_MAX = 64, LABEL_SIZE_MAX = 63 };

void mail_queue(struct sql *db, int64_t now, const struct mail *mail)
{
    check(mail_address_valid(mail->to));
    mail_insert(db, (struct mail_insert){
                        .mail_id = { id_make(now) },
                        .recipient = mail->to,
                        .recipient_key = str_lower(sql_arena(db), mail->to),
                        .mail_subject = mail->subject,
                        .mail_text = mail->text,
                        .unsubscribe_url = mail->unsubscribe_url,
                        .now = now,
                    });
}

void mail_forget(struct sql *db, struct str address)
{
    mail_forget_recipient(
        db, (struct mail_forget_recipient){ .recipient_key = str_lower(sql_arena(db), address) });
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "atext" of RFC 5322, with the dot */
static bool local_valid(struct str local)
{
    static const struct str others = S("!#$%&'*+-/=?^_`{|}~.");
    if (local.size == 0 || local.size > LOCAL_SIZE_MAX || str_starts(local, S(".")) ||
        str_ends(local, S(".")) || str_find(local, S("..")) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < local.size; i++)
        if (!is_letter_or_digit(local.data[i]) &&
            str_find(others, str_slice(local, i, i + 1)) == SIZE_MAX)
            return false;
    return true;
}

static bool label_valid(struct str label)
{
    if (label.size == 0 || label.size > LABEL_SIZE_MAX || str_starts(label, S("-")) ||
        str_ends(label, S("-")))
        return false;
    for (size_t i = 0; i < label.size; i++)
        if (!is_letter_or_digit(label.data[i]) && label.data[i] != '-')
            return false;
    return true;
}

bool mail_address_valid(struct str address)
{
    size_t at = str_find(address, S("@"));
    if (at == SIZE_MAX || address.size > ADDRESS_SIZE_MAX || str_ends(address, S(".")) ||
        !local_valid(str_slice(address, 0, at)))
        return false;
    struct str domain = str_slice(address, at + 1, address.size);
    do {
        if (!label_valid(str_cut(&domain, '.')))
            return false;
    } while (domain.size > 0);
    return true;
}

/* People are told what happens to their money. */
#include "money_inner.h"

#include "base/id.h"
#include "platform/config/config.h"
#include "platform/mail/mail.h"
#include "urls.h"

struct news {
    const char *event, *subject, *sentence; /* the sentence follows amount and campaign */
};

static const struct news known[] = {
    { "money.bonus", "You have been given a bonus", "has been added to what you earned." },
    { "payout.paid", "Your payout is on its way", "has been sent to your bank account." },
    { "payout.returned", "Your payout came back",
      "was sent to you, but the bank has returned it. It stands among what you earned again: look "
      "at your bank details, and ask for it once more." },
    { "payout.declined", "Your payout was declined",
      "was not paid out. It stands among what you earned, and you can ask again." },
};

static const struct news *news_of(struct str event)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_equal(event, str_from(known[i].event)))
            return &known[i];
    return NULL;
}

/* What it is about: a payout, or the entry of a bonus. */
struct told {
    struct str amount, reason, question;
};

static bool load_told(struct sql *db, const struct event *event, struct told *told)
{
    int64_t about;
    struct ledger_entry_told_row entry;
    struct payout_told_row payout;
    if (!id_parse(event->about, &about))
        return false;
    if (str_starts(event->name, S("payout.")) &&
        payout_told(db, (struct payout_told){ event->campaign_id, { about } }, &payout)) {
        *told = (struct told){ money_text(sql_arena(db),
                                          (struct money){ payout.amount, payout.currency }),
                               payout.payout_reason, payout.question };
        return true;
    }
    if (!ledger_entry_told(db, (struct ledger_entry_told){ event->campaign_id, { about } }, &entry))
        return false;
    *told =
        (struct told){ money_text(sql_arena(db), (struct money){ entry.amount, entry.currency }),
                       entry.entry_reason, entry.question };
    return true;
}

void money_tell_person(struct sql *db, void *context, int64_t now, const struct event *event)
{
    const struct site *site = context;
    const struct news *news = news_of(event->name);
    struct money_person_row person;
    struct told told;
    if (news == NULL || !load_told(db, event, &told) ||
        !money_person(db, (struct money_person){ event->person_id }, &person) ||
        person.email.size == 0)
        return;
    struct arena *arena = sql_arena(db);
    struct str page = str_join(arena, site->config->server_public_url, url_earnings(arena).text);
    struct str why =
        told.reason.size == 0 ? S("") : str_printf(arena, "Reason: %.*s\n\n", STR_ARG(told.reason));
    struct mail mail = {
        .to = person.email,
        .subject = str_from(news->subject),
        .text = str_printf(arena, "%.*s for \"%.*s\" %s\n\n%.*s%.*s\n", STR_ARG(told.amount),
                           STR_ARG(told.question), news->sentence, STR_ARG(why), STR_ARG(page)),
    };
    mail_queue(db, now, &mail);
}

void money_erase_person(struct sql *db, struct person_id person_id)
{
    payout_details_delete(db, (struct payout_details_delete){ person_id });
    payout_lines_forget(db, (struct payout_lines_forget){ person_id });
}

/* What ideas do about news: authors are told, erased people's words go. */
#include "idea_inner.h"

#include "base/id.h"
#include "commons/likeness/likeness.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "platform/config/config.h"
#include "platform/mail/mail.h"
#include "urls.h"

/* The author of the idea an event is about; false when there is nobody to write to. */
static bool author_of(struct sql *db, const struct event *event,
                      struct idea_author_address_row *author)
{
    return idea_author_address(
               db,
               (struct idea_author_address){ .campaign_id = event->campaign_id,
                                             .idea_id = { event->subject_id.value } },
               author) &&
           author->author_label.size == 0 && str_equal(author->person_state, S("active"));
}

static struct str address_of(struct sql *db, const struct site *site, const struct event *event)
{
    struct url page = url_idea_page(sql_arena(db), event->campaign_id,
                                    (struct idea_id){ event->subject_id.value });
    return str_join(sql_arena(db), site->config->server_public_url, page.text);
}

void idea_tell_author(struct sql *db, void *context, int64_t now, const struct event *event)
{
    const struct site *site = context;
    struct idea_author_address_row author;
    if (!author_of(db, event, &author))
        return;
    bool hidden = str_equal(event->name, S("idea.hidden"));
    struct str page = address_of(db, site, event);
    struct str why = hidden ? str_printf(sql_arena(db), "Rule: %.*s\nReason: %.*s\n\n",
                                         STR_ARG(moderation_rule_label(author.hidden_rule)),
                                         STR_ARG(author.hidden_reason))
                            : S("");
    struct mail mail = {
        .to = author.email,
        .subject = hidden ? S("Your idea was hidden") : S("Your idea is shown again"),
        .text = str_printf(sql_arena(db), "Your idea \"%.*s\" in \"%.*s\" %s.\n\n%.*s%.*s\n",
                           STR_ARG(author.title), STR_ARG(author.question),
                           hidden ? "was hidden by the team" : "is shown again", STR_ARG(why),
                           STR_ARG(page)),
    };
    mail_queue(db, now, &mail);
}

void idea_tell_of_comment(struct sql *db, void *context, int64_t now, const struct event *event)
{
    const struct site *site = context;
    struct idea_author_address_row author;
    if (!author_of(db, event, &author) || author.person_id.value == event->person_id.value ||
        !people_consents(db, author.person_id, author.organisation_id, S("notices")))
        return;
    struct str account =
        str_join(sql_arena(db), site->config->server_public_url, url_account(sql_arena(db)).text);
    struct mail mail = {
        .to = author.email,
        .subject = S("A comment on your idea"),
        .text = str_printf(
            sql_arena(db),
            "Somebody commented on your idea \"%.*s\":\n\n%.*s\n\n"
            "You get this mail because you asked for notices. Change that here:\n%.*s\n",
            STR_ARG(author.title), STR_ARG(address_of(db, site, event)), STR_ARG(account)),
    };
    mail_queue(db, now, &mail);
}

void idea_erase_person(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context;
    struct idea_list_of_author_row *rows;
    size_t count;
    while ((count = idea_list_of_author(db, (struct idea_list_of_author){ event->person_id },
                                        &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            struct campaign_id campaign_id = rows[i].campaign_id;
            struct idea_id idea_id = { rows[i].subject_id.value };
            idea_erase(db, (struct idea_erase){ campaign_id, idea_id });
            idea_version_erase(
                db, (struct idea_version_erase){ .campaign_id = campaign_id, .idea_id = idea_id });
            idea_words_delete(
                db, (struct idea_words_delete){ .idea_id = idea_id, .campaign_id = campaign_id });
            subject_move(db, campaign_id, rows[i].subject_id, rows[i].subject_state, S("erased"),
                         S(""), S(""));
            likeness_want(db, now, campaign_id, rows[i].subject_id);
            record_append(
                db, &(struct record_news){ .campaign_id = campaign_id,
                                           .now = now,
                                           .actor = S("participant"),
                                           .action = "words.erased",
                                           .subject = id_text(sql_arena(db), idea_id.value) });
        }
    }
}

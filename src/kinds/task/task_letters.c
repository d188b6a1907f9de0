/* Mails to people who work: what was rejected, at most once a day; what became of an appeal, a test
 * or a stop, at once. */
#include "task_fair.h"

#include "base/check.h"
#include "base/id.h"
#include "platform/config/config.h"
#include "platform/html/html.h"
#include "platform/mail/mail.h"
#include "urls.h"

static struct str address(struct arena *arena, struct str public_url, struct url page)
{
    return str_join(arena, public_url, page.text);
}

/* --- Rejections, collected -------------------------------------------------------------------- */

void task_collect_rejection(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context, (void)now;
    struct task_answer_told_row told;
    struct task_letter_get_row letter = { 0 };
    struct task_answer_id answer_id = { event->subject_id.value };
    if (!task_answer_told(db, (struct task_answer_told){ event->campaign_id, answer_id }, &told) ||
        !str_equal(told.person_state, S("active")))
        return;
    task_news_add(db, (struct task_news_add){ told.person_id, event->campaign_id, answer_id });
    task_letter_get(db, (struct task_letter_get){ told.person_id }, &letter);
    task_letter_set(db, (struct task_letter_set){
                            told.person_id,
                            task_letter_due(letter.due_at, letter.sent_at, event->created_at),
                            letter.sent_at });
}

/* Those of one campaign stand together, with the link to them below. */
static void write_rejections(struct buf *out, struct str public_url,
                             const struct task_news_of_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || rows[i].campaign_id.value != rows[i - 1].campaign_id.value)
            buf_printf(out, "\n\"%.*s\"\n", STR_ARG(rows[i].question));
        buf_printf(out, "\nYour answer: %.*s\nRule: %.*s\nReason: %.*s\nAppeal until: %.*s\n",
                   STR_ARG(utf8_clip(rows[i].answer, 200)),
                   STR_ARG(task_rejection_label(rows[i].reject_rule)),
                   STR_ARG(rows[i].reject_reason),
                   STR_ARG(text_datetime(out->arena, rows[i].accept_at)));
        if (i + 1 == count || rows[i].campaign_id.value != rows[i + 1].campaign_id.value)
            buf_printf(out, "\nAll your answers there:\n%.*s\n",
                       STR_ARG(address(out->arena, public_url,
                                       url_task_mine(out->arena, rows[i].campaign_id))));
    }
}

static void send_letter(struct sql *db, int64_t now, struct str public_url,
                        const struct task_letters_due_row *to)
{
    struct arena *arena = sql_arena(db);
    struct task_news_of_row *rows;
    size_t count = task_news_of(db, (struct task_news_of){ to->person_id }, &rows);
    task_news_delete(db, (struct task_news_delete){ to->person_id });
    bool writes = count > 0 && str_equal(to->person_state, S("active"));
    struct task_letter_get_row letter = { 0 };
    task_letter_get(db, (struct task_letter_get){ to->person_id }, &letter);
    task_letter_set(db,
                    (struct task_letter_set){ to->person_id, 0, writes ? now : letter.sent_at });
    if (!writes)
        return;
    struct buf text = { .arena = arena };
    buf_add(&text, count == 1 ? S("One of your answers was rejected, and is not paid:\n")
                              : S("Some of your answers were rejected, and are not paid:\n"));
    write_rejections(&text, public_url, rows, count);
    buf_add(&text,
            S("\nIf a rejection is wrong, appeal beside the answer. Somebody of the team who "
              "did not reject it decides, and if you are right, it is paid.\n"));
    struct mail mail = {
        .to = to->email,
        .subject = count == 1 ? S("One of your answers was rejected")
                              : str_printf(arena, "%zu of your answers were rejected", count),
        .text = buf_str(&text),
    };
    mail_queue(db, now, &mail);
}

struct post_round {
    struct str public_url;
    int64_t now;
};

static bool send_letters(struct sql *db, void *context)
{
    const struct post_round *round = context;
    struct task_letters_due_row *rows;
    size_t count = task_letters_due(db, (struct task_letters_due){ round->now }, &rows);
    for (size_t i = 0; i < count; i++)
        send_letter(db, round->now, round->public_url, &rows[i]);
    return count > 0;
}

bool task_send_letters(struct sql_store *store, struct str public_url, int64_t now,
                       struct fault *fault)
{
    struct post_round round = { public_url, now };
    return sql_submit_wait(store, send_letters, &round, fault) != SQL_UNAVAILABLE;
}

/* --- At once ---------------------------------------------------------------------------------- */

void task_tell_of_appeal(struct sql *db, void *context, int64_t now, const struct event *event)
{
    const struct site *site = context;
    struct arena *arena = sql_arena(db);
    struct task_answer_told_row told;
    bool paid = str_equal(event->name, S("task.rejection_overturned"));
    if (!task_answer_told(
            db, (struct task_answer_told){ event->campaign_id, { event->subject_id.value } },
            &told) ||
        !str_equal(told.person_state, S("active")) || !told.was_appealed)
        return;
    struct str page =
        address(arena, site->config->server_public_url, url_task_mine(arena, event->campaign_id));
    struct mail mail = {
        .to = told.email,
        .subject = paid ? S("Your appeal was right: the answer is paid")
                        : S("Your appeal was decided: the rejection stands"),
        .text = str_printf(
            arena,
            "Somebody of the team who had not rejected it has looked at your answer "
            "in \"%.*s\" again. %s\n\nYour answer: %.*s\nWhat they say: "
            "%.*s\n\n%.*s\n",
            STR_ARG(told.question), paid ? "It is paid after all." : "The rejection stands.",
            STR_ARG(utf8_clip(told.answer, 200)), STR_ARG(told.appeal_answer), STR_ARG(page)),
    };
    mail_queue(db, now, &mail);
}

struct good_news {
    const char *event, *subject, *sentence; /* the sentence follows the campaign's question */
};

static const struct good_news known[] = {
    { "task.stop_lifted", "You can go on working",
      "We had asked you to stop, and that was our mistake: an answer we thought we knew was wrong. "
      "You can go on whenever you like." },
    { "task.test_passed_after_all", "You have passed the test after all",
      "An answer we thought we knew was wrong. Counted anew, you have passed, and the work is open "
      "to you." },
    { "task.paid_after_all", "Rejected answers of yours are paid after all",
      "Answers of yours had been rejected because of a mistake of ours. They are paid now:" },
};

void task_tell_good_news(struct sql *db, void *context, int64_t now, const struct event *event)
{
    const struct site *site = context;
    struct arena *arena = sql_arena(db);
    struct task_person_told_row person;
    const struct good_news *news = NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_equal(event->name, str_from(known[i].event)))
            news = &known[i];
    if (news == NULL ||
        !task_person_told(db, (struct task_person_told){ event->person_id, event->campaign_id },
                          &person) ||
        !str_equal(person.person_state, S("active")))
        return;
    bool money = event->about.size > 0;
    struct str page = address(arena, site->config->server_public_url,
                              money ? url_task_mine(arena, event->campaign_id)
                                    : url_task_page(arena, event->campaign_id));
    struct mail mail = {
        .to = person.email,
        .subject = str_from(news->subject),
        .text = str_printf(arena, "\"%.*s\"\n\n%s%s%.*s\n\n%.*s\n", STR_ARG(person.question),
                           news->sentence, money ? " " : "", STR_ARG(event->about), STR_ARG(page)),
    };
    mail_queue(db, now, &mail);
}

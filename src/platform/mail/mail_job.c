#include "base/id.h"
#include "base/log.h"
#include "mail.sql.h"
#include "platform/clock/clock.h"
#include "platform/config/config.h"
#include "platform/mail/mail_inner.h"

static const int64_t MINUTE_US = INT64_C(60) * 1000000;
static const int64_t RUN_US_MAX = INT64_C(60) * 1000000; /* begins no mail after this long */
static const int64_t SENT_KEPT_US = INT64_C(30) * 24 * 60 * 60 * 1000000;

int64_t mail_retry_delay(int64_t tries)
{
    static const int64_t minutes[] = { 1, 5, 30, 2 * 60, 6 * 60, 24 * 60, 24 * 60, 24 * 60 };
    if (tries < 1 || tries > (int64_t)(sizeof minutes / sizeof *minutes))
        return 0;
    return minutes[tries - 1] * MINUTE_US;
}

/* What became of one mail, kept by a command of its own: a crash forgets one answer at most. */
struct result {
    const struct mail_due_row *mail;
    struct mail_answer answer;
    int64_t now;
};

static bool result_keep(struct sql *db, void *context)
{
    const struct result *r = context;
    int64_t delay = r->answer.outcome == MAIL_REFUSED ? 0 : mail_retry_delay(r->mail->tries + 1);
    struct str said = str_from(r->answer.text);
    if (r->answer.outcome == MAIL_SENT)
        mail_keep_sent(db, (struct mail_keep_sent){ .mail_id = r->mail->mail_id,
                                                    .tries = r->mail->tries,
                                                    .last_answer = said,
                                                    .now = r->now });
    else if (delay == 0)
        mail_keep_failed(db, (struct mail_keep_failed){ .mail_id = r->mail->mail_id,
                                                        .tries = r->mail->tries,
                                                        .last_answer = said,
                                                        .now = r->now });
    else
        mail_keep_retry(db, (struct mail_keep_retry){ .mail_id = r->mail->mail_id,
                                                      .tries = r->mail->tries,
                                                      .last_answer = said,
                                                      .next_try_at = r->now + delay });
    return true;
}

static void result_log(const struct result *r)
{
    static const char *const events[] = {
        [MAIL_SENT] = "mail.sent",
        [MAIL_REFUSED] = "mail.refused",
        [MAIL_POSTPONED] = "mail.postponed",
        [MAIL_NO_SERVER] = "mail.no_server",
    };
    char id[ID_TEXT_SIZE + 1];
    id_print(r->mail->mail_id.value, id);
    /* The answer stays in the table: it may name the recipient. */
    log_event(r->answer.outcome == MAIL_SENT ? LOG_INFO : LOG_WARN, events[r->answer.outcome],
              LOG_TEXT("mail_id", str_from(id)), LOG_INT("tries", r->mail->tries + 1), LOG_END);
}

static struct mail_answer deliver(struct arena *arena, const struct config *config,
                                  const struct mail_due_row *row, int64_t now)
{
    struct mail mail = {
        .to = row->recipient,
        .subject = row->mail_subject,
        .text = row->mail_text,
        .unsubscribe_url = row->unsubscribe_url,
    };
    struct str domain = mail_from_address(config->mail_from);
    str_cut(&domain, '@');
    struct str id = id_text(arena, row->mail_id.value);
    /* The same on every try, so that a mail sent twice is known as one. */
    struct str message_id = str_printf(arena, "%.*s@%.*s", STR_ARG(id), STR_ARG(domain));
    struct str message = mail_message(arena, &mail, config->mail_from, message_id, now);
    return mail_deliver(config->mail_smtp_url, config->mail_user, config->mail_password,
                        config->mail_from, mail.to, message);
}

static bool send_due(struct mailer *mailer, struct arena *arena, const struct mail_due_row *due,
                     size_t count, int64_t now, struct fault *fault)
{
    int64_t begun = clock_monotonic();
    for (size_t i = 0; i < count; i++) {
        int64_t passed = clock_monotonic() - begun;
        if (passed > RUN_US_MAX)
            break;
        struct arena_mark mark = arena_mark(arena);
        struct result result = { .mail = &due[i], .now = now + passed };
        result.answer = deliver(arena, mailer->config, &due[i], result.now);
        arena_rewind(arena, mark);
        result_log(&result);
        if (sql_submit_wait(mailer->store, result_keep, &result, fault) != SQL_KEPT)
            return false;
        if (result.answer.outcome == MAIL_NO_SERVER) /* the others would wait in vain, too */
            return fault_set(fault, FAULT_UNAVAILABLE, "mail server: %s", result.answer.text);
    }
    return true;
}

static bool forget(struct sql *db, void *context)
{
    mail_forget_sent(db, *(struct mail_forget_sent *)context);
    return true;
}

static bool work_load(struct mailer *mailer, struct arena *arena, int64_t now,
                      struct mail_id oldest_kept, struct mail_due_row **due, size_t *due_count,
                      bool *has_old, struct fault *fault)
{
    struct sql *db = sql_read_begin(mailer->store, arena, fault);
    if (db == NULL)
        return false;
    struct mail_has_forgettable_row old;
    *due_count = mail_due(db, (struct mail_due){ .now = now }, due);
    *has_old = mail_has_forgettable(db, (struct mail_has_forgettable){ oldest_kept }, &old);
    if (sql_failed(db) && fault != NULL)
        *fault = *sql_fault(db);
    return sql_read_end(mailer->store, db);
}

bool mail_job(struct mailer *mailer, int64_t now, struct fault *fault)
{
    if (mailer->config->mail_smtp_url.size == 0)
        return true;
    struct arena *arena = arena_make();
    struct mail_due_row *due = NULL;
    struct mail_forget_sent old = { { id_least(now - SENT_KEPT_US) } };
    size_t due_count;
    bool has_old;
    bool done = work_load(mailer, arena, now, old.mail_id, &due, &due_count, &has_old, fault);
    if (done && has_old)
        done = sql_submit_wait(mailer->store, forget, &old, fault) == SQL_KEPT;
    if (done)
        done = send_due(mailer, arena, due, due_count, now, fault);
    arena_free(arena);
    return done;
}

/* manyhands doctor: what is well, what is not, and what to do about it. */
#include "app/commands.h"

#include <stdio.h>
#include <unistd.h>

#include "app/encoder.h"
#include "commons/embedding/embedding.h"
#include "commons/money/money.h"
#include "commons/organisation/organisation.h"
#include "commons/webhook/webhook.h"
#include "event.sql.h"
#include "mail.sql.h"
#include "platform/blobs/blobs.h"

struct examination {
    int troubles;
};

static void finding(struct examination *e, bool good, const char *what, const char *advice)
{
    printf("%s %s%s%s\n", good ? "ok  " : "BAD ", what, good ? "" : ": ", good ? "" : advice);
    e->troubles += !good;
}

static void examine_rows(struct examination *e, struct invocation *in, struct sql_store *store)
{
    struct fault fault = { 0 };
    struct sql *db = sql_read_begin(store, in->arena, &fault);
    if (db == NULL) {
        finding(e, false, "reading the database", fault.detail);
        return;
    }
    struct organisation_look house;
    finding(e, organisation_house(db, &house), "an organisation", "run `manyhands setup`");
    struct event_count_state_row events = { 0 };
    event_count_state(db, (struct event_count_state){ S("failed") }, &events);
    finding(e, events.event_count == 0, "no failed events", "see event.failed in the log");
    struct mail_count_row mails = { 0 };
    mail_count(db, (struct mail_count){ S("failed") }, &mails);
    finding(e, mails.mail_count == 0, "no failed mails",
            "their last answers stand in the table mail");
    mail_count(db, (struct mail_count){ S("waiting") }, &mails);
    finding(e, webhook_failing(db) == 0, "no failing webhooks",
            "see Team desk, Webhooks: what came back stands beside each delivery");
    struct str trouble = embedding_trouble(db, in->arena, in->config);
    if (in->config->embeddings_url.size > 0)
        finding(e, trouble.size == 0, "the embeddings service", str_c(in->arena, trouble));
    struct buf differs = { .arena = in->arena };
    finding(e, ledger_prove(db, &differs).findings == 0, "all ledgers hold",
            "see `manyhands ledger check`");
    printf("     %lld mails wait to be sent\n", (long long)mails.mail_count);
    finding(e, sql_read_end(store, db), "all queries answered",
            "the database failed while it was read");
}

/* A missing encoder is no trouble, a damaged one is. */
static void examine_encoder(struct examination *e, struct invocation *in)
{
    struct fault fault = { 0 };
    struct encoder *encoder = encoder_found(in->arena, in->config->sift_encoder, &fault);
    if (encoder == NULL && fault.kind == FAULT_SETUP && in->config->sift_encoder.size == 0)
        puts("     no sentence encoder: texts are compared by their words alone (script/encoder)");
    else
        finding(e, encoder != NULL, "the sentence encoder", fault.detail);
    encoder_close(encoder);
}

/* As a table: a permission's name and, for each role, whether it may. */
static void print_permissions(void)
{
    puts("permission,nobody,participant,moderator,manager,owner,guest,meaning");
    for (const struct permission *p = permissions; p->name != NULL; p++)
        printf("%s,%d,%d,%d,%d,%d,%d,\"%s\"\n", p->name, p->nobody, p->participant, p->moderator,
               p->manager, p->owner, p->guest, p->meaning);
}

int run_doctor(struct invocation *in)
{
    if (!only_options(in, "print-config print-permissions"))
        return 2;
    if (flag(in, "print-permissions")) {
        print_permissions();
        return 0;
    }
    if (flag(in, "print-config")) {
        struct str example = config_example(in->arena);
        return fwrite(example.data, 1, example.size, stdout) == example.size ? 0 : 1;
    }
    struct examination e = { 0 };
    struct fault fault = { 0 };
    struct sql_store *store = open_store(in->config, true);
    finding(&e, store != NULL, "database and schema", "see above");
    if (store != NULL) {
        finding(&e, sql_integrity(store, &fault), "integrity of the database", fault.detail);
        examine_rows(&e, in, store);
        sql_store_close(store);
    }
    struct blob_store *blobs = NULL;
    finding(&e, blob_store_open(in->config->files_folder, &blobs, &fault), "folder for files",
            fault.detail);
    if (blobs != NULL)
        blob_store_close(blobs);
    finding(
        &e, in->config->mail_smtp_url.size > 0, "a mail server is configured",
        "set [mail] smtp_url; until then mails stay in the outbox and nobody can sign in by link");
    examine_encoder(&e, in);
    return e.troubles > 0;
}

/* manyhands import: ideas and people from CSV files. */
#include "app/commands.h"

#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/id.h"
#include "commons/campaign/campaign.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "kinds/idea/idea.h"
#include "organisation.sql.h"
#include "platform/clock/clock.h"
#include "platform/mail/mail.h"

enum { FILE_BYTES_MAX = 256 * 1024 * 1024 };
static const int64_t day_us = 86400LL * 1000000;

struct idea_intake {
    struct invocation *in;
    struct idea_rows rows;
    struct campaign_id campaign_id; /* 0: a new one */
    struct str question;
    bool open;
    const char *trouble;
};

static struct campaign_id draft_for_import(struct sql *db, int64_t now,
                                           struct organisation_id house, struct str question)
{
    struct campaign_id id = { id_make(now) };
    campaign_insert(db, (struct campaign_insert){ .campaign_id = id,
                                                  .organisation_id = house,
                                                  .kind = S("idea"),
                                                  .question = question,
                                                  .closes_at = now + 30 * day_us,
                                                  .votes_against = true,
                                                  .created_at = now });
    for (int64_t slot = 0; slot < CAMPAIGN_COUNT_SLOTS; slot++)
        campaign_count_insert(db, (struct campaign_count_insert){ id, slot });
    record_append(db, &(struct record_news){ .campaign_id = id,
                                             .now = now,
                                             .actor = S("operator"),
                                             .action = "campaign.created" });
    return id;
}

static bool take_ideas(struct sql *db, void *context)
{
    struct idea_intake *intake = context;
    int64_t now = clock_now();
    struct organisation_look house;
    struct organisation_owner_row owner;
    intake->trouble = NULL;
    if (!organisation_house(db, &house) ||
        !organisation_owner(db, (struct organisation_owner){ house.organisation_id }, &owner)) {
        intake->trouble = "there is no organisation yet; run `manyhands setup` first";
        return false;
    }
    struct campaign_scope_row campaign;
    if (intake->campaign_id.value == 0)
        intake->campaign_id = draft_for_import(db, now, house.organisation_id, intake->question);
    if (!campaign_scope(db, (struct campaign_scope){ owner.person_id, intake->campaign_id },
                        &campaign)) {
        intake->trouble = "there is no such campaign";
        return false;
    }
    idea_rows_keep(db, now, intake->campaign_id, owner.person_id, S("operator"), &intake->rows);
    if (intake->open)
        campaign_act(db, now, intake->campaign_id, CAMPAIGN_ACT_OPEN, S("operator"), S(""));
    return true;
}

static int import_ideas(struct invocation *in, const char *path)
{
    struct idea_intake intake = { .in = in, .open = flag(in, "open") };
    const char *campaign = option(in, "campaign"), *question = option(in, "question");
    if (campaign != NULL && !id_parse(str_from(campaign), &intake.campaign_id.value))
        return complain("\"%s\" is no campaign's id", campaign) + 1;
    const char *base = strrchr(path, '/');
    intake.question = question != NULL
                          ? str_from(question)
                          : str_printf(in->arena, "Which of these ideas matter to you? (%s)",
                                       base != NULL ? base + 1 : path);
    struct str csv, trouble;
    if (!read_file(in->arena, path, FILE_BYTES_MAX, &csv))
        return 1;
    if (!idea_rows_read(in->arena, csv, &intake.rows, &trouble))
        return complain("%.*s", STR_ARG(trouble));
    struct sql_store *store = open_store(in->config, true);
    if (store == NULL)
        return 1;
    struct campaign_id wanted = intake.campaign_id;
    int status = keep_work(store, take_ideas, &intake);
    sql_store_close(store);
    if (intake.trouble != NULL)
        complain("%s", intake.trouble);
    if (status != 0)
        return status;
    for (size_t i = 0; i < intake.rows.count; i++)
        if (intake.rows.rows[i].refused.size > 0)
            printf("line %lld: refused: %.*s\n", (long long)intake.rows.rows[i].line,
                   STR_ARG(intake.rows.rows[i].refused));
    char id[ID_TEXT_SIZE + 1];
    id_print(intake.campaign_id.value, id);
    printf("%zu accepted, %zu refused, campaign %s%s\n", intake.rows.accepted,
           intake.rows.count - intake.rows.accepted, id, wanted.value == 0 ? " (new)" : "");
    return 0;
}

struct newcomer {
    struct str email, name, token;
    struct person_id person_id;
};

struct people_intake {
    struct arena *arena;
    struct newcomer *people;
    size_t count, capacity;
    struct str cells[2];
    int cell;
    long line;
    unsigned scopes;
    struct str trouble;
};

static void on_cell(void *bytes, size_t size, void *context)
{
    struct people_intake *intake = context;
    if (intake->cell < 2)
        intake->cells[intake->cell] =
            str_copy(intake->arena, str_trim((struct str){ bytes, size }));
    intake->cell++;
}

static void on_line(int terminator, void *context)
{
    (void)terminator;
    struct people_intake *intake = context;
    intake->line++;
    intake->cell = 0;
    struct str email = intake->cells[0], name = intake->cells[1];
    if (intake->line == 1 && str_equal(email, S("email")))
        return;
    if ((!mail_address_valid(email) || !utf8_valid(name) || name.size == 0 ||
         utf8_length(name) > 60) &&
        intake->trouble.size == 0)
        intake->trouble = str_printf(
            intake->arena, "line %ld: needs an e-mail address and a name of at most 60 characters",
            intake->line);
    if (intake->count == intake->capacity) {
        size_t capacity = intake->capacity == 0 ? 256 : intake->capacity * 2;
        struct newcomer *people = arena_new(intake->arena, struct newcomer, capacity);
        for (size_t i = 0; i < intake->count; i++)
            people[i] = intake->people[i];
        intake->people = people;
        intake->capacity = capacity;
    }
    intake->people[intake->count++] = (struct newcomer){ .email = email, .name = name };
}

static bool take_people(struct sql *db, void *context)
{
    struct people_intake *intake = context;
    int64_t now = clock_now();
    sql_use_arena(db, intake->arena); /* tokens are printed afterwards */
    intake->trouble = S("");
    for (size_t i = 0; i < intake->count; i++) {
        struct newcomer *p = &intake->people[i];
        if (!people_add_confirmed(db, now, p->email, p->name, S(""), &p->person_id)) {
            intake->trouble =
                str_printf(intake->arena, "there is an account with the address %.*s already",
                           STR_ARG(p->email));
            return false;
        }
        struct access_token_id id;
        if (intake->scopes != 0)
            p->token =
                people_make_token(db, now, p->person_id, S("import"), intake->scopes, 365, &id);
    }
    return true;
}

static int import_people(struct invocation *in, const char *path)
{
    struct people_intake intake = { .arena = in->arena };
    const char *scope = option(in, "token");
    intake.scopes = scope == NULL ? 0 : scope_bits_up_to(str_from(scope));
    if (scope != NULL && intake.scopes == 0)
        return complain("--token is one of read, participate, moderate, manage") + 1;
    struct str csv;
    if (!read_file(in->arena, path, FILE_BYTES_MAX, &csv))
        return 1;
    struct csv_parser parser;
    check(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    bool whole = csv_parse(&parser, csv.data, csv.size, on_cell, on_line, &intake) == csv.size &&
                 csv_fini(&parser, on_cell, on_line, &intake) == 0;
    csv_free(&parser);
    if (!whole || intake.trouble.size > 0)
        return complain("%s; nothing was taken in",
                        whole ? str_c(in->arena, intake.trouble) : "the file is no CSV");
    struct sql_store *store = open_store(in->config, true);
    if (store == NULL)
        return 1;
    int status = keep_work(store, take_people, &intake);
    sql_store_close(store);
    if (intake.trouble.size > 0)
        complain("%.*s; nothing was taken in", STR_ARG(intake.trouble));
    for (size_t i = 0; status == 0 && i < intake.count; i++)
        printf("%.*s,%s,%.*s\n", STR_ARG(intake.people[i].email),
               id_text(in->arena, intake.people[i].person_id.value).data,
               STR_ARG(intake.people[i].token));
    return status;
}

int run_import(struct invocation *in)
{
    static const char *const with_value = "campaign question token";
    const char *what = operand(in, 0, with_value), *path = operand(in, 1, with_value);
    if (!only_options(in, "campaign question token open"))
        return 2;
    if (what != NULL && path != NULL && strcmp(what, "ideas") == 0)
        return import_ideas(in, path);
    if (what != NULL && path != NULL && strcmp(what, "people") == 0)
        return import_people(in, path);
    return complain(
               "import what? `manyhands import ideas FILE` or `manyhands import people FILE`") +
           1;
}

/* The subcommands of operators: setup, import, export, verify, migrate, rebuild, doctor. */
#include "app/commands.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/id.h"
#include "commons/campaign/campaign.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "commons/vote/vote.h"
#include "kinds/idea/idea.h"
#include "organisation.sql.h"
#include "platform/blobs/blobs.h"
#include "platform/clock/clock.h"
#include "platform/mail/mail.h"

enum { FILE_BYTES_MAX = 256 * 1024 * 1024 };
static const int64_t day_us = 86400LL * 1000000;

bool read_file(struct arena *arena, const char *path, size_t size_max, struct str *content)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        complain("%s: %s", path, strerror(errno));
        return false;
    }
    struct buf out = { .arena = arena };
    ssize_t got;
    do {
        buf_reserve(&out, 65536);
        got = read(fd, out.data + out.size, 65536);
        if (got > 0)
            out.size += (size_t)got;
    } while (got > 0 && out.size <= size_max);
    close(fd);
    *content = buf_str(&out);
    if (got == 0)
        return true;
    complain("%s: %s", path, got < 0 ? strerror(errno) : "the file is too large");
    return false;
}

/* Runs work in a transaction; 0 when kept. */
static int keep(struct sql_store *store, bool (*run)(struct sql *, void *), void *context)
{
    struct fault fault = { 0 };
    switch (sql_submit_wait(store, run, context, &fault)) {
    case SQL_KEPT:
        return 0;
    case SQL_DROPPED:
        return 1; /* the work has said why */
    default:
        return complain("the database failed: %s", fault.detail);
    }
}

/* --- setup
 * ---------------------------------------------------------------------------------------- */

struct setup {
    struct arena *arena;
    struct str name, email, person, colour_1, colour_2, password_hash;
    bool exists, address_taken;
};

static bool found_organisation(struct sql *db, void *context)
{
    struct setup *s = context;
    struct organisation_look house;
    struct person_id owner;
    s->exists = organisation_house(db, &house);
    if (s->exists)
        return false;
    s->address_taken =
        !people_add_confirmed(db, clock_now(), s->email, s->person, s->password_hash, &owner);
    if (s->address_taken)
        return false;
    organisation_make(db, clock_now(), s->name, S(""), s->colour_1, s->colour_2, owner);
    return true;
}

static struct str read_password(struct arena *arena)
{
    const char *given = getenv("MANYHANDS_OWNER_PASSWORD");
    if (given != NULL)
        return str_from(given);
    if (isatty(STDIN_FILENO))
        fputs("Password for the owner: ", stderr);
    char line[200];
    if (fgets(line, sizeof line, stdin) == NULL)
        return S("");
    line[strcspn(line, "\n")] = '\0';
    return str_copy(arena, str_from(line));
}

static bool colour_good(const char *text)
{
    return strlen(text) == 7 && text[0] == '#' && strspn(text + 1, "0123456789abcdef") == 6;
}

int run_setup(struct invocation *in)
{
    if (!only_options(in, "name email person colour-1 colour-2"))
        return 2;
    const char *name = option(in, "name"), *email = option(in, "email"),
               *person = option(in, "person");
    if (name == NULL || email == NULL || person == NULL)
        return complain("setup needs --name, --email and --person; see --help") + 1;
    const char *colour_1 = option(in, "colour-1"), *colour_2 = option(in, "colour-2");
    struct setup s = { .arena = in->arena,
                       .name = str_from(name),
                       .email = str_from(email),
                       .person = str_from(person),
                       .colour_1 = str_from(colour_1 != NULL ? colour_1 : "#1f5f8b"),
                       .colour_2 = str_from(colour_2 != NULL ? colour_2 : "#e0a030") };
    if (!colour_good(s.colour_1.data) || !colour_good(s.colour_2.data))
        return complain("a colour looks like #1f5f8b, in lower case") + 1;
    if (!mail_address_valid(s.email))
        return complain("\"%s\" is no e-mail address", email) + 1;
    struct str password = read_password(in->arena);
    struct str objection = people_judge_password(in->arena, password);
    if (utf8_length(password) < 10 || objection.size > 0)
        return complain("%s", password.size < 10 ? "the password needs at least 10 characters"
                                                 : str_c(in->arena, objection));
    s.password_hash = people_hash_password(in->arena, password);

    struct sql_store *store = open_store(in->config, false);
    if (store == NULL)
        return 1;
    struct fault fault = { 0 };
    int status = sql_migrate(store, clock_now(), NULL, &fault) ? keep(store, found_organisation, &s)
                                                               : complain("%s", fault.detail);
    if (s.exists)
        complain("there is an organisation already; nothing was changed");
    if (s.address_taken)
        complain("there is an account with this address already; nothing was changed");
    if (status == 0)
        printf("%s is set up; %s signs in with %s.\n", name, person, email);
    sql_store_close(store);
    return status;
}

/* --- import
 * ------------------------------------------------------------------------------------------ */

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
    int status = keep(store, take_ideas, &intake);
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
    int status = keep(store, take_people, &intake);
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
    static const char *const with_value = "campaign question token report";
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

/* --- export, verify
 * ------------------------------------------------------------------------------------- */

int run_export(struct invocation *in)
{
    const char *what = operand(in, 0, ""), *campaign = operand(in, 1, "");
    struct campaign_id id;
    if (!only_options(in, "") || what == NULL || campaign == NULL)
        return complain("`manyhands export csv|json|record CAMPAIGN`") + 1;
    if (!id_parse(str_from(campaign), &id.value))
        return complain("\"%s\" is no campaign's id", campaign) + 1;
    struct sql_store *store = open_store(in->config, true);
    if (store == NULL)
        return 1;
    struct fault fault = { 0 };
    struct sql *db = sql_read_begin(store, in->arena, &fault);
    struct campaign_scope_row row;
    struct str out = S("");
    int status = 0;
    if (db == NULL)
        status = complain("%s", fault.detail);
    else if (!campaign_scope(db, (struct campaign_scope){ { 0 }, id }, &row))
        status = complain("there is no such campaign");
    else if (strcmp(what, "csv") == 0)
        out = idea_export_csv(db, id);
    else if (strcmp(what, "json") == 0)
        out = idea_export_json(db, id);
    else if (strcmp(what, "record") == 0)
        out = campaign_record_file(db, id, row.kind);
    else
        status = complain("export what? csv, json or record") + 1;
    if (db != NULL && !sql_read_end(store, db))
        status = complain("the database failed");
    if (status == 0 && fwrite(out.data, 1, out.size, stdout) != out.size)
        status = complain("the output could not be written");
    sql_store_close(store);
    return status;
}

int run_verify(struct invocation *in)
{
    const char *path = operand(in, 0, "");
    if (!only_options(in, "") || path == NULL)
        return complain("`manyhands verify FILE`") + 1;
    struct str file;
    struct record_verdict verdict;
    struct fault fault = { 0 };
    if (!read_file(in->arena, path, FILE_BYTES_MAX, &file))
        return 1;
    if (!record_verify(in->arena, file, &verdict, &fault))
        return complain("%s: %s", path, fault.detail);
    if (verdict.trouble.size > 0)
        return complain("%s does not hold: %.*s (%lld entries before it do)", path,
                        STR_ARG(verdict.trouble), (long long)verdict.entry_count);
    printf("%s holds: %lld entries, %lld commitments opened, head %.*s\n", path,
           (long long)verdict.entry_count, (long long)verdict.opened_count,
           STR_ARG(verdict.head_hash));
    return 0;
}

/* --- migrate, rebuild
 * ---------------------------------------------------------------------------------------- */

int run_migrate(struct invocation *in)
{
    if (!only_options(in, ""))
        return 2;
    struct sql_store *store = open_store(in->config, false);
    if (store == NULL)
        return 1;
    unsigned applied = 0;
    struct fault fault = { 0 };
    int status = 0;
    if (sql_migrate(store, clock_now(), &applied, &fault))
        printf("%u applied; the schema is number %u.\n", applied, sql_migration_count);
    else
        status = complain("%s", fault.detail);
    sql_store_close(store);
    return status;
}

struct rebuilding {
    bool check_only;
    int64_t subjects, ballots, counts;
};

static bool rebuild_all(struct sql *db, void *context)
{
    struct rebuilding *b = context;
    b->subjects = b->ballots = b->counts = 0;
    struct campaign_id after = { 0 };
    struct campaign_ids_row *rows;
    size_t count;
    while ((count = campaign_ids(db, (struct campaign_ids){ after }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            b->subjects += subject_rebuild(db, rows[i].campaign_id);
            b->ballots += ballot_rebuild(db, rows[i].campaign_id);
            b->counts += campaign_rebuild(db, rows[i].campaign_id);
            if (!b->check_only)
                idea_rebuild_words(db, rows[i].campaign_id);
        }
        after = rows[count - 1].campaign_id;
    }
    return !b->check_only;
}

int run_rebuild(struct invocation *in)
{
    if (!only_options(in, "check"))
        return 2;
    struct rebuilding b = { .check_only = flag(in, "check") };
    struct sql_store *store = open_store(in->config, true);
    if (store == NULL)
        return 1;
    struct fault fault = { 0 };
    enum sql_outcome outcome = sql_submit_wait(store, rebuild_all, &b, &fault);
    sql_store_close(store);
    if (outcome == SQL_UNAVAILABLE)
        return complain("the database failed: %s", fault.detail);
    printf("%lld tallies, %lld ballots, %lld campaign counts differed%s.\n", (long long)b.subjects,
           (long long)b.ballots, (long long)b.counts, b.check_only ? "" : " and were rebuilt");
    return b.check_only && b.subjects + b.ballots + b.counts > 0;
}

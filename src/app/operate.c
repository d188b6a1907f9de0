/* The subcommands of operators: setup, export, verify, migrate, rebuild. */
#include "app/commands.h"
#include "app/encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "commons/campaign/campaign.h"
#include "commons/likeness/likeness.h"
#include "commons/moderation/moderation.h"
#include "commons/money/money.h"
#include "commons/opinion/opinion.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "commons/vote/vote.h"
#include "kinds/idea/idea.h"
#include "kinds/task/task.h"
#include "platform/clock/clock.h"
#include "platform/mail/mail.h"

enum { FILE_BYTES_MAX = 256 * 1024 * 1024 };

bool read_file(struct arena *arena, const char *path, size_t size_max, struct str *content)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        complain("%s: %s", path, strerror(errno));
        return false;
    }
    enum { AT_ONCE = 65536 };
    struct buf out = { .arena = arena };
    struct stat status;
    /* What grows leaves its smaller copies behind: a file whose size is known is given its place.
     */
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (size_t)status.st_size <= size_max)
        buf_reserve(&out, (size_t)status.st_size + AT_ONCE);
    ssize_t got;
    do {
        buf_reserve(&out, AT_ONCE);
        got = read(fd, out.data + out.size, AT_ONCE);
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

/* --- setup ------------------------------------------------------------------------------------ */

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
    int status = sql_migrate(store, clock_now(), NULL, &fault)
                     ? keep_work(store, found_organisation, &s)
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

/* --- export, verify --------------------------------------------------------------------------- */

int run_export(struct invocation *in)
{
    const char *what = operand(in, 0, ""), *campaign = operand(in, 1, "");
    struct campaign_id id;
    if (!only_options(in, "") || what == NULL || campaign == NULL)
        return complain("`manyhands export csv|json|opinions|record CAMPAIGN`") + 1;
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
    else if (strcmp(what, "opinions") == 0)
        out = opinion_export_csv(db, id);
    else if (strcmp(what, "record") == 0)
        out = campaign_record_file(db, id, row.kind);
    else
        status = complain("export what? csv, json, opinions or record") + 1;
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

/* --- ledger ----------------------------------------------------------------------------------- */

int run_ledger(struct invocation *in)
{
    const char *what = operand(in, 0, "");
    if (!only_options(in, "") || what == NULL || strcmp(what, "check") != 0)
        return complain("`manyhands ledger check`") + 1;
    struct sql_store *store = open_store(in->config, true);
    if (store == NULL)
        return 1;
    struct fault fault = { 0 };
    struct buf out = { .arena = in->arena };
    struct ledger_proof proof = { 0 };
    struct sql *db = sql_read_begin(store, in->arena, &fault);
    if (db != NULL)
        proof = ledger_prove(db, &out);
    int status = 0;
    if (db == NULL)
        status = complain("%s", fault.detail);
    else if (!sql_read_end(store, db))
        status = complain("the database failed");
    sql_store_close(store);
    if (status != 0)
        return status;
    printf("%.*s%lld ledgers, %lld entries, %lld transfers: ", STR_ARG(buf_str(&out)),
           (long long)proof.campaigns, (long long)proof.entries, (long long)proof.transfers);
    if (proof.findings == 0)
        puts("everything holds.");
    else
        printf("%lld things do not hold.\n", (long long)proof.findings);
    return proof.findings > 0;
}

/* --- migrate, rebuild ------------------------------------------------------------------------- */

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
    int64_t now, subjects, ballots, counts, maps, balances, waiting;
};

static bool rebuild_all(struct sql *db, void *context)
{
    struct rebuilding *b = context;
    b->subjects = b->ballots = b->counts = b->maps = b->balances = b->waiting = 0;
    struct campaign_id after = { 0 };
    struct campaign_ids_row *rows;
    size_t count;
    while ((count = campaign_ids(db, (struct campaign_ids){ after }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            b->subjects += subject_rebuild(db, rows[i].campaign_id) +
                           opinion_rebuild_counts(db, rows[i].campaign_id);
            b->maps += opinion_rebuild_map(db, b->now, rows[i].campaign_id);
            b->ballots += ballot_rebuild(db, rows[i].campaign_id);
            b->counts +=
                campaign_rebuild(db, rows[i].campaign_id) + task_rebuild(db, rows[i].campaign_id);
            b->balances += ledger_rebuild(db, rows[i].campaign_id);
            b->waiting += moderation_rebuild(db, rows[i].campaign_id);
            if (!b->check_only)
                idea_rebuild_words(db, rows[i].campaign_id);
        }
        after = rows[count - 1].campaign_id;
    }
    return !b->check_only;
}

static size_t campaigns_after(struct sql_store *store, struct arena *arena,
                              struct campaign_id after, struct campaign_ids_row **rows,
                              struct fault *fault)
{
    struct sql *db = sql_read_begin(store, arena, fault);
    size_t count = db == NULL ? 0 : campaign_ids(db, (struct campaign_ids){ after }, rows);
    if (db != NULL && !sql_read_end(store, db))
        fault_set(fault, FAULT_UNAVAILABLE, "the campaigns could not be read");
    return count;
}

/* What texts say, as it is compared; slow where they have to be encoded, so in no one transaction.
 */
static bool rebuild_likenesses(struct invocation *in, struct sql_store *store, bool check_only,
                               int64_t *wrong, struct fault *fault)
{
    struct fault missing = { 0 };
    struct encoder *encoder = encoder_found(in->arena, in->config->sift_encoder, &missing);
    struct likeness_office office = { .store = store, .likeness = likeness_open(encoder, 0) };
    struct campaign_id after = { 0 };
    struct campaign_ids_row *rows;
    size_t count;
    bool ok = true;
    while (ok && (count = campaigns_after(store, in->arena, after, &rows, fault)) > 0) {
        for (size_t i = 0; ok && i < count; i++)
            ok = likeness_rebuild(&office, rows[i].campaign_id, check_only, wrong, fault);
        after = rows[count - 1].campaign_id;
    }
    likeness_close(office.likeness);
    encoder_close(encoder);
    return ok && fault->kind == FAULT_NONE;
}

int run_rebuild(struct invocation *in)
{
    if (!only_options(in, "check"))
        return 2;
    struct rebuilding b = { .check_only = flag(in, "check"), .now = clock_now() };
    struct sql_store *store = open_store(in->config, true);
    if (store == NULL)
        return 1;
    struct fault fault = { 0 };
    int64_t likenesses = 0;
    bool ok = sql_submit_wait(store, rebuild_all, &b, &fault) != SQL_UNAVAILABLE &&
              rebuild_likenesses(in, store, b.check_only, &likenesses, &fault);
    sql_store_close(store);
    if (!ok)
        return complain("the database failed: %s", fault.detail);
    printf("%lld tallies, %lld ballots, %lld campaign counts, %lld opinion maps differed%s; "
           "%lld likenesses differed or are still to be read; %lld ledger balances differed%s; "
           "%lld wait wrongly for moderation.\n",
           (long long)b.subjects, (long long)b.ballots, (long long)b.counts, (long long)b.maps,
           b.check_only ? "" : " and were rebuilt", (long long)likenesses, (long long)b.balances,
           b.check_only ? "" : " and were rebuilt", (long long)b.waiting);
    return b.check_only &&
           b.subjects + b.ballots + b.counts + b.maps + b.balances + b.waiting + likenesses > 0;
}

/* Items come in: the command that takes a list, and the job that brings in what is left of it. */
#include "task_intake.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/id.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"
#include "urls.h"

/* --- Reading and judging what was sent: before the transaction -------------------------------- */

/* What is known of a list when the transaction begins. */
struct intake {
    bool is_described;
    struct task_rules_get_row rules; /* that it was judged by */
    struct task_rows rows;
    struct str at_once; /* what of it the command brings in itself */
    int64_t rows_at_once;
    char later[BLOB_NAME_SIZE + 1]; /* the rest; "" when there is none */
    int64_t known_later;            /* of it, what is there already */
    int64_t work_later;             /* of it, new items to be worked on */
};

/* The wrong entries of an archive, a sentence for each. */
static struct str wrong_entries(struct arena *arena, const struct archive *archive)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("Nothing was added."));
    for (size_t i = 0; i < archive->count; i++) {
        const struct archive_entry *entry = &archive->entries[i];
        if (entry->kind == ARCHIVE_WRONG)
            buf_printf(&out, " “%.*s”: %.*s", STR_ARG(utf8_clip(entry->path, 100)),
                       STR_ARG(entry->sentence));
    }
    if (archive->wrong_count >= ARCHIVE_WRONG_MAX)
        buf_add(&out, S(" There may be more."));
    return buf_str(&out);
}

/* The pictures are cleaned and stored here, so that the transaction has only rows to write. */
static struct str take_pictures(struct request *r, struct str zip, struct task_rows *rows)
{
    struct archive archive;
    struct fault fault = { 0 };
    struct str trouble = S("");
    bool done =
        archive_unpack(r->arena, r->site->blobs, zip, TASK_PICTURE_SIDE_PX, &archive, &fault);
    if (done && archive.wrong_count > 0)
        trouble = wrong_entries(r->arena, &archive);
    else if (done && task_rows_from_pictures(r->arena, &archive, rows, &trouble))
        done = archive_keep(&archive, &fault);
    if (!done && fault.kind == FAULT_REFUSED)
        trouble = str_copy(r->arena, str_from(fault.detail));
    else if (!done)
        trouble = S("The archive could not be taken in just now. Try again in a minute.");
    archive_end(&archive);
    return trouble;
}

/* What is wrong with the file, or "". */
static struct str read_file(struct request *r, struct str file, struct intake *intake)
{
    struct str trouble = S("");
    bool is_form = intake->is_described && str_equal(intake->rules.task_template, S("form"));
    if (archive_recognised(file))
        trouble = take_pictures(r, file, &intake->rows);
    else
        task_items_read(r->arena, file, !is_form, &intake->rows, &trouble);
    if (trouble.size == 0 && intake->is_described)
        trouble = task_judge_rows(r, &intake->rules, &intake->rows);
    return trouble;
}

/* How many of the items to be worked on are new, and how many rows of any kind are not. */
static int64_t count_new(struct request *r, struct str lines, int64_t *known)
{
    struct task_line line;
    int64_t work = 0;
    *known = 0;
    while (task_line_next(&lines, &line)) {
        struct task_items_known_row row = { 0 };
        if (line.kind == 'p')
            continue;
        task_items_known(r->db, (struct task_items_known){ scope_of(r)->campaign_id, line.json },
                         &row);
        *known += row.known;
        work += line.kind == 'i' ? line.rows - row.known : 0;
    }
    return work;
}

/* What the command does not bring in by itself is counted, and stored. "" or what is wrong; false
   when the file could not be stored. */
static bool put_off(struct request *r, struct intake *intake, struct str later, struct str *trouble)
{
    struct fault fault = { 0 };
    int64_t known;
    int64_t work = count_new(r, intake->at_once, &known);
    intake->work_later = count_new(r, later, &intake->known_later);
    if (scope_of(r)->state != CAMPAIGN_DRAFT)
        *trouble =
            task_lacks_money(r->db, r->now, scope_of(r)->campaign_id, work + intake->work_later);
    return trouble->size > 0 || blob_put(r->site->blobs, later, intake->later, &fault);
}

bool task_items_add_prepare(struct request *r, const struct task_items_add_in *in)
{
    struct intake *intake = arena_new(r->arena, struct intake, 1);
    r->prepared = intake;
    intake->is_described = task_rules_of(r, &intake->rules);
    struct str trouble = read_file(r, in->file.bytes, intake);
    bool stored = true;
    if (trouble.size == 0) {
        struct str list = task_list_write(r->arena, r->now, &intake->rows);
        intake->at_once =
            task_list_portion(list, TASK_ROWS_AT_ONCE, TASK_BYTES_AT_ONCE, &intake->rows_at_once);
        if (intake->at_once.size < list.size)
            intake->at_once = task_list_portion(list, TASK_PORTION_ROWS, TASK_PORTION_BYTES,
                                                &intake->rows_at_once);
        struct str later = str_slice(list, intake->at_once.size, list.size);
        if (later.size > 0 && intake->is_described)
            stored = put_off(r, intake, later, &trouble);
    }
    if (trouble.size > 0)
        problem(r, "file", "%.*s", STR_ARG(trouble));
    return stored;
}

/* --- Bringing lines in ------------------------------------------------------------------------ */

struct task_taken task_lines_take(struct sql *db, struct campaign_id campaign_id, int64_t wanted,
                                  struct str lines)
{
    struct task_taken taken = { 0 };
    struct task_moves moves = { 0 };
    struct task_line line;
    while (!sql_failed(db) && task_line_next(&lines, &line)) {
        if (line.kind == 'p') {
            task_practice_set(db, (struct task_practice_set){ campaign_id, line.json });
            taken.practice += line.rows;
            continue;
        }
        struct task_items_insert_row *rows;
        bool is_control = line.kind == 'c';
        size_t count = task_items_insert(
            db,
            (struct task_items_insert){ .campaign_id = campaign_id,
                                        .is_control = is_control,
                                        .wanted = is_control ? TASK_CONTROL_WANTED : wanted,
                                        .rows = line.json },
            &rows);
        for (size_t i = 0; i < count; i++)
            task_moves_added(&moves, rows[i].bucket, is_control, rows[i].pictures > 0);
        *(is_control ? &taken.controls : &taken.items) += (int64_t)count;
    }
    task_moves_keep(db, campaign_id, &moves);
    return taken;
}

/* --- The command ------------------------------------------------------------------------------ */

/* What the person reads, and programs get. */
static struct task_added_view added_view(const struct intake *intake,
                                         const struct task_taken *taken)
{
    int64_t rows_later = (int64_t)intake->rows.count - intake->rows_at_once;
    int64_t added = taken->items + taken->controls;
    return (struct task_added_view){
        .added = added,
        .controls = taken->controls,
        .practice = taken->practice,
        .known_before = intake->rows_at_once - added - taken->practice + intake->known_later,
        .coming = rows_later - intake->known_later,
    };
}

static struct str notice_of(struct arena *arena, const struct task_added_view *view)
{
    struct buf out = { .arena = arena };
    buf_printf(&out, "%lld items added, %lld of them controls", (long long)view->added,
               (long long)view->controls);
    if (view->practice > 0)
        buf_printf(&out, "; and %lld to practise on", (long long)view->practice);
    buf_char(&out, '.');
    if (view->coming > 0)
        buf_printf(&out,
                   " %lld more are checked and on their way; this page says how far they are.",
                   (long long)view->coming);
    if (view->known_before > 0)
        buf_add(&out, S(" Those that were there already stay."));
    return buf_str(&out);
}

struct reply task_items_add(struct request *r, const struct task_items_add_in *in)
{
    const struct intake *intake = r->prepared;
    enum campaign_state state = scope_of(r)->state;
    struct task_rules_get_row rules;
    struct task_intake_totals_row waiting = { 0 };
    bool is_long = intake->later[0] != '\0';
    if (state == CAMPAIGN_CLOSED || state == CAMPAIGN_CANCELLED)
        return campaign_not_now(r);
    if (!task_rules_of(r, &rules)) {
        problem(r, "", "Describe the work first; then add its items.");
        return reply_problems(r);
    }
    if (!intake->is_described || !TASK_ASK_THE_SAME(&rules, &intake->rules))
        return reply_refused(r, 409, "changed",
                             "The work was described anew just now. Send the file again.");
    task_intake_totals(r->db, (struct task_intake_totals){ in->campaign_id }, &waiting);
    if (is_long && waiting.lists >= TASK_LISTS_MAX)
        return reply_refused(r, 409, "too_many_lists",
                             "Twenty long lists are being added already. Wait until one is done.");
    struct task_taken taken =
        task_lines_take(r->db, in->campaign_id, rules.answers_least, intake->at_once);
    if (is_long)
        task_intake_insert(r->db,
                           (struct task_intake_insert){ .campaign_id = in->campaign_id,
                                                        .task_intake_id = { id_make(r->now) },
                                                        .list_blob = str_from(intake->later),
                                                        .rows_all = (int64_t)intake->rows.count,
                                                        .rows_in = intake->rows_at_once,
                                                        .work_left = intake->work_later });
    struct str wrong = S("");
    if (state != CAMPAIGN_DRAFT)
        wrong = task_fund(r->db, r->now, in->campaign_id);
    if (wrong.size > 0) {
        problem(r, "file", "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    struct task_added_view view = added_view(intake, &taken);
    return task_items_add_done(r, url_task_desk(r->arena, in->campaign_id),
                               str_c(r->arena, notice_of(r->arena, &view)), &view);
}

struct str task_still_coming(struct sql *db, struct campaign_id campaign_id)
{
    struct task_intake_totals_row coming = { 0 };
    task_intake_totals(db, (struct task_intake_totals){ campaign_id }, &coming);
    if (coming.lists == 0)
        return S("");
    return str_printf(sql_arena(db),
                      "Items are still being added, %lld of %lld by now, and were checked against "
                      "what stands here. It can change when all are there.",
                      (long long)coming.rows_in, (long long)coming.rows_all);
}

/* --- The job ---------------------------------------------------------------------------------- */

/* A list, and the portion of it that comes next. */
struct bringing {
    const struct task_office *office;
    struct arena *arena; /* of one portion */
    struct task_intakes_next_row list;
    struct job_lease lease;
    int64_t now, rows;
    struct str portion;
};

/* Reads up to `size` bytes; false when the disk fails. */
static bool read_at(int file, char *bytes, size_t size, int64_t offset)
{
    while (size > 0) {
        ssize_t got = pread(file, bytes, size, offset);
        if (got <= 0)
            return false;
        bytes += got;
        offset += got;
        size -= (size_t)got;
    }
    return true;
}

/* The next portion; empty at the end of the list. A line is longer than a portion where one row is.
 */
static bool read_portion(struct bringing *b, struct fault *fault)
{
    int64_t size_bytes = 0;
    int file = blob_open(b->office->blobs, b->list.list_blob, &size_bytes);
    bool is_over = file >= 0 ? b->list.read_bytes >= size_bytes
                             : b->list.rows_in >= b->list.rows_all; /* it was removed already */
    int64_t left = size_bytes - b->list.read_bytes;
    bool ok = file >= 0 || is_over;
    b->portion = S("");
    for (int64_t size = TASK_PORTION_BYTES; ok && !is_over && b->portion.size == 0; size *= 4) {
        size_t take = (size_t)(size < left ? size : left);
        char *bytes = arena_take_bytes(b->arena, take);
        ok = read_at(file, bytes, take, b->list.read_bytes);
        if (ok)
            b->portion = task_list_portion((struct str){ bytes, take }, TASK_PORTION_ROWS,
                                           TASK_PORTION_BYTES, &b->rows);
        ok = ok && (b->portion.size > 0 || size < left);
    }
    if (file >= 0)
        close(file);
    return ok || fault_set(fault, FAULT_UNAVAILABLE, "the list of items %.*s cannot be read",
                           STR_ARG(b->list.list_blob));
}

/* Whoever brought the same portion in has moved on, and this changes nothing then. */
static bool bring_portion(struct sql *db, void *context)
{
    const struct bringing *b = context;
    struct task_rules_get_row rules;
    if (!job_lease_holds(db, b->lease) ||
        !task_rules_get(db, (struct task_rules_get){ b->list.campaign_id }, &rules))
        return false;
    struct task_taken taken =
        task_lines_take(db, b->list.campaign_id, rules.answers_least, b->portion);
    return task_intake_read(db, (struct task_intake_read){
                                    .to_bytes = b->list.read_bytes + (int64_t)b->portion.size,
                                    .rows = b->rows,
                                    .items = taken.items,
                                    .campaign_id = b->list.campaign_id,
                                    .task_intake_id = b->list.task_intake_id,
                                    .read_bytes = b->list.read_bytes,
                                }) > 0;
}

/* What was held for items that somebody else added meanwhile is free again. */
static bool end_list(struct sql *db, void *context)
{
    const struct bringing *b = context;
    struct task_campaign_state_row campaign = { 0 };
    struct task_intake_end_row ended;
    if (!job_lease_holds(db, b->lease) ||
        !task_intake_end(
            db, (struct task_intake_end){ b->list.campaign_id, b->list.task_intake_id }, &ended))
        return false;
    task_campaign_state(db, (struct task_campaign_state){ b->list.campaign_id }, &campaign);
    enum campaign_state state = campaign_state_from_name(campaign.campaign_state);
    bool holds = state == CAMPAIGN_OPEN || state == CAMPAIGN_PAUSED || state == CAMPAIGN_SCHEDULED;
    if (holds && ended.work_left > 0)
        task_fund(db, b->now, b->list.campaign_id);
    return true;
}

/* The next step of a list: a portion, or its end. False where it was not made: with a fault, or
   because another server does. */
static bool bring(struct bringing *b, struct fault *fault)
{
    struct sql_store *store = b->office->store;
    if (!read_portion(b, fault))
        return false;
    if (b->portion.size > 0)
        return sql_submit_wait(store, bring_portion, b, fault) == SQL_KEPT;
    return blob_remove(b->office->blobs, b->list.list_blob, fault) &&
           sql_submit_wait(store, end_list, b, fault) == SQL_KEPT;
}

/* One step for each list; how many were made. A list that cannot be brought in stops no other. */
static size_t bring_each(const struct task_office *office, struct arena *arena, int64_t now,
                         struct fault *fault)
{
    struct task_intakes_next_row *rows = NULL;
    struct sql *db = sql_read_begin(office->store, arena, fault);
    size_t count =
        db == NULL ? 0 : task_intakes_next(db, (struct task_intakes_next){ { 0 } }, &rows);
    size_t made = 0;
    if (db != NULL && !sql_read_end(office->store, db))
        count = 0;
    for (size_t i = 0; i < count; i++) {
        struct bringing b = { .office = office,
                              .arena = arena_make(),
                              .list = rows[i],
                              .lease = job_lease_current(),
                              .now = now };
        made += bring(&b, fault);
        arena_free(b.arena);
    }
    return made;
}

bool task_bring_in(const struct task_office *office, int64_t now, struct fault *fault)
{
    static const int64_t run_us = 1000000; /* other jobs wait meanwhile */
    int64_t until = clock_monotonic() + run_us;
    size_t made = 1;
    while (made > 0 && fault->kind == FAULT_NONE && clock_monotonic() < until) {
        struct arena *arena = arena_make();
        made = bring_each(office, arena, now, fault);
        arena_free(arena);
    }
    return fault->kind == FAULT_NONE;
}

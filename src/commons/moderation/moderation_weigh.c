/* What waits in a campaign, weighed: read in one snapshot, held by nobody afterwards. */
#include "moderation_inner.h"

#include <math.h>

#include "base/arena.h"

/* Decisions of the last minute may not be learnt from yet. */
static const int64_t PATIENCE_US = INT64_C(60) * 1000000;

bool moderation_weigh(struct moderation_desk *d, const struct moderation_newest_row *row,
                      struct subject_said *said, struct attention *attention)
{
    struct moderation_key key = { row->subject_id, row->comment_id, row->version };
    struct moderation_likeness_row likeness = { 0 };
    if (!moderation_said(d->db, d->campaign.kind, d->campaign_id, key, said))
        return false;
    if (row->comment_id.value == 0 &&
        moderation_likeness(d->db, (struct moderation_likeness){ d->campaign_id, row->subject_id },
                            &likeness) &&
        likeness.method != SIMILAR_METHOD)
        likeness.sentence = S("");
    struct attention_text text =
        moderation_text(d->tools, sql_arena(d->db), said, d->campaign.language, row->nearest_score,
                        row->copy_count, likeness.sentence);
    *attention = attention_to(d->taught != NULL ? d->taught->model : NULL, &text);
    return true;
}

/* Works out the weights that are not on the sheet. Words are read into memory that is used again
   for each. */
static void weigh_rows(struct moderation_desk *d, const struct moderation_sheet *known,
                       struct moderation_sheet *sheet)
{
    struct arena *scratch = arena_make();
    sql_use_arena(d->db, scratch);
    for (size_t i = 0; i < d->row_count; i++) {
        const struct moderation_newest_row *row = &d->rows[i];
        struct moderation_key key = { row->subject_id, row->comment_id, row->version };
        struct subject_said said;
        struct attention attention;
        if (!moderation_sheet_find(known, key, row->is_looked_up, &attention.probability) &&
            !moderation_weigh(d, row, &said, &attention))
            continue;
        d->weights[d->count++] = (struct moderation_weight){ (uint32_t)i, attention.probability };
        moderation_sheet_note(sheet, key, row->is_looked_up, attention.probability);
        arena_reset(scratch);
    }
    sql_use_arena(d->db, d->arena);
    arena_free(scratch);
}

static void weigh_all(struct moderation_desk *d)
{
    struct moderation_sheets *sheets = moderation_sheets_of(d->memory->moderation);
    int64_t learnt_us = d->taught != NULL && d->taught->model != NULL ? d->taught->at_us : 0;
    struct moderation_sheet *known = moderation_sheet_take(sheets, d->campaign_id, learnt_us);
    struct moderation_sheet *sheet = moderation_sheet_new(d->campaign_id, learnt_us);
    d->weights = arena_new(d->arena, struct moderation_weight, d->row_count);
    weigh_rows(d, known, sheet);
    moderation_sheet_free(known);
    moderation_sheet_put(sheets, sheet);
    moderation_order(d->weights, d->count);
}

/* A model's word counts above the share that the team hides, or well above what else waits. */
static double usual(const struct moderation_desk *d)
{
    const struct moderation_taught *t = d->taught;
    if (t == NULL || t->model == NULL || attention_foretold(t->model) < ATTENTION_FORETOLD_MIN)
        return 1;
    double share = (double)t->hidden / t->decisions, sum = 0;
    for (size_t i = 0; i < d->count; i++)
        sum += d->weights[i].attention;
    return fmin(share, d->count > 0 ? 1.5 * sum / (double)d->count : 1);
}

bool moderation_desk_open(struct moderation_desk *d, const struct campaign_memory *memory,
                          struct sql *db, struct arena *arena, struct campaign_id campaign_id)
{
    *d = (struct moderation_desk){
        .db = db, .arena = arena, .memory = memory, .campaign_id = campaign_id
    };
    if (!moderation_campaign(db, (struct moderation_campaign){ campaign_id }, &d->campaign))
        return false;
    struct moderation_count_waiting_row waiting = { 0 };
    moderation_count_waiting(db, (struct moderation_count_waiting){ campaign_id }, &waiting);
    d->waiting_count = waiting.waiting_count;
    d->row_count = moderation_newest(
        db,
        (struct moderation_newest){ .campaign_id = campaign_id, .limit = MODERATION_ORDERED_MAX },
        &d->rows);
    d->taught =
        moderation_taught_take(memory->moderation, db, d->campaign.organisation_id, PATIENCE_US);
    d->tools = likeness_tools_take(memory->likeness);
    weigh_all(d);
    d->usual = usual(d);
    return true;
}

void moderation_desk_close(struct moderation_desk *d)
{
    likeness_tools_give(d->memory->likeness, d->tools);
    moderation_taught_give(d->memory->moderation, d->taught);
}

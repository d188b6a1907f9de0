/* Weights that were worked out before, campaign by campaign.
 *
 * A sheet is taken out of memory while it is used, so that nobody else changes it; whoever asks
 * meanwhile works all out anew. It holds for what was learnt at one moment. A weight changes
 * with the words, and once they are compared with others.
 */
#include "moderation_inner.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"

enum { SHEETS_MAX = 64 };

struct moderation_sheet {
    struct moderation_sheet *next; /* those put away before */
    struct campaign_id campaign_id;
    int64_t learnt_us;
    size_t count;
    struct line {
        struct moderation_key key;
        bool is_looked_up;
        double attention;
    } lines[MODERATION_ORDERED_MAX];
};

struct moderation_sheets {
    pthread_mutex_t lock;
    struct moderation_sheet *first;
};

struct moderation_sheets *moderation_sheets_open(void)
{
    struct moderation_sheets *sheets = calloc(1, sizeof *sheets);
    check(sheets != NULL);
    pthread_mutex_init(&sheets->lock, NULL);
    return sheets;
}

void moderation_sheets_close(struct moderation_sheets *sheets)
{
    for (struct moderation_sheet *next, *s = sheets->first; s != NULL; s = next) {
        next = s->next;
        free(s);
    }
    pthread_mutex_destroy(&sheets->lock);
    free(sheets);
}

struct moderation_sheet *moderation_sheet_new(struct campaign_id campaign_id, int64_t learnt_us)
{
    struct moderation_sheet *sheet = malloc(sizeof *sheet);
    check(sheet != NULL);
    sheet->campaign_id = campaign_id;
    sheet->learnt_us = learnt_us;
    sheet->count = 0;
    return sheet;
}

struct moderation_sheet *moderation_sheet_take(struct moderation_sheets *sheets,
                                               struct campaign_id campaign_id, int64_t learnt_us)
{
    pthread_mutex_lock(&sheets->lock);
    struct moderation_sheet **at = &sheets->first;
    while (*at != NULL && (*at)->campaign_id.value != campaign_id.value)
        at = &(*at)->next;
    struct moderation_sheet *found = *at;
    if (found != NULL)
        *at = found->next;
    pthread_mutex_unlock(&sheets->lock);
    if (found != NULL && found->learnt_us == learnt_us)
        return found;
    free(found);
    return NULL;
}

static int by_key(const void *a, const void *b)
{
    const struct moderation_key *x = &((const struct line *)a)->key;
    const struct moderation_key *y = &((const struct line *)b)->key;
    int64_t left = x->subject_id.value, right = y->subject_id.value;
    if (left == right) {
        left = x->comment_id.value;
        right = y->comment_id.value;
    }
    return (left > right) - (left < right);
}

void moderation_sheet_put(struct moderation_sheets *sheets, struct moderation_sheet *sheet)
{
    qsort(sheet->lines, sheet->count, sizeof sheet->lines[0], by_key);
    pthread_mutex_lock(&sheets->lock);
    sheet->next = sheets->first;
    sheets->first = sheet;
    size_t kept = 1;
    struct moderation_sheet **at = &sheet->next;
    while (*at != NULL) {
        struct moderation_sheet *s = *at;
        bool is_older = s->campaign_id.value == sheet->campaign_id.value;
        if (!is_older && ++kept <= SHEETS_MAX) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        free(s);
    }
    pthread_mutex_unlock(&sheets->lock);
}

void moderation_sheet_note(struct moderation_sheet *sheet, struct moderation_key key,
                           bool is_looked_up, double attention)
{
    check(sheet->count < MODERATION_ORDERED_MAX);
    sheet->lines[sheet->count++] = (struct line){ key, is_looked_up, attention };
}

bool moderation_sheet_find(const struct moderation_sheet *sheet, struct moderation_key key,
                           bool is_looked_up, double *attention)
{
    struct line wanted = { .key = key };
    const struct line *found = sheet == NULL ? NULL
                                             : bsearch(&wanted, sheet->lines, sheet->count,
                                                       sizeof sheet->lines[0], by_key);
    if (found == NULL || found->key.version != key.version || found->is_looked_up != is_looked_up)
        return false;
    *attention = found->attention;
    return true;
}

void moderation_sheet_free(struct moderation_sheet *sheet)
{
    free(sheet);
}

/* Opinions for others: files, and what groups like. */
#include "opinion_inner.h"

#include "base/id.h"
#include "commons/record/record.h"
#include "platform/json/json.h"

enum { ALIAS_SIZE = 12 };

struct str opinion_alias(struct arena *arena, struct str salt, struct person_id person_id)
{
    struct str whole = record_commit(arena, salt, id_text(arena, person_id.value));
    return str_slice(whole, 0, ALIAS_SIZE);
}

/* Hands on all opinions of a campaign, by person. */
static void each_opinion(struct sql *db, struct campaign_id campaign_id,
                         void (*write)(struct buf *out, struct str alias,
                                       const struct opinion_export_row *row),
                         struct buf *out)
{
    struct opinion_map_get_row map;
    if (!opinion_map_get(db, (struct opinion_map_get){ campaign_id }, &map))
        return;
    struct opinion_export after = { .campaign_id = campaign_id };
    struct opinion_export_row *rows;
    struct person_id person_id = { 0 };
    struct str alias = S("");
    size_t count;
    while ((count = opinion_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (rows[i].person_id.value != person_id.value)
                alias = opinion_alias(out->arena, map.map_salt, rows[i].person_id);
            person_id = rows[i].person_id;
            write(out, alias, &rows[i]);
        }
        after.person_id = rows[count - 1].person_id;
        after.subject_id = rows[count - 1].subject_id;
    }
}

static void write_csv(struct buf *out, struct str alias, const struct opinion_export_row *row)
{
    char id[ID_TEXT_SIZE + 1];
    id_print(row->subject_id.value, id);
    buf_printf(out, "%.*s,%s,%lld,%lld\r\n", STR_ARG(alias), id, (long long)row->stance,
               (long long)(row->given_at / 1000));
}

struct str opinion_export_csv(struct sql *db, struct campaign_id campaign_id)
{
    struct buf out = { .arena = sql_arena(db) };
    buf_add(&out, S("person,statement,vote,timestamp\r\n"));
    each_opinion(db, campaign_id, write_csv, &out);
    return buf_str(&out);
}

static void write_json(struct buf *out, struct str alias, const struct opinion_export_row *row)
{
    bool first = out->size > 0 && out->data[out->size - 1] == '[';
    buf_add(out, first ? S("\n{\"participant\":") : S(",\n{\"participant\":"));
    json_text(out, alias);
    buf_add(out, S(",\"idea_id\":"));
    json_id(out, row->subject_id.value);
    buf_add(out, S(",\"opinion\":"));
    json_text(out, stance_name(row->stance));
    buf_add(out, S(",\"given_at\":"));
    json_time(out, row->given_at);
    buf_char(out, '}');
}

void opinion_export_json(struct sql *db, struct campaign_id campaign_id, struct buf *out)
{
    each_opinion(db, campaign_id, write_json, out);
}

size_t opinion_likings_of(struct sql *db, struct campaign_id campaign_id,
                          struct opinion_liking **list)
{
    struct opinion_likings_row *rows;
    size_t count =
        opinion_likings(db, (struct opinion_likings){ campaign_id, OPINION_TOLD_MIN }, &rows);
    *list = arena_new(sql_arena(db), struct opinion_liking, count);
    for (size_t i = 0; i < count; i++)
        (*list)[i] = (struct opinion_liking){ .subject_id = rows[i].subject_id,
                                              .group = (uint32_t)rows[i].group_number,
                                              .agree = rows[i].agree,
                                              .seen = rows[i].seen };
    return count;
}

/* The probe site's handlers and pages, and all tests of this room. */
#include "base/check.h"
#include "platform/web/web_testing.h"
#include <stdlib.h>

/* --- Handlers --------------------------------------------------------------------------------- */

struct reply probe_list(struct request *r, const struct probe_list_in *in)
{
    trial.lists_made++;
    trial.listed = *in;
    struct probe_view probe = { .title = S("One \"quoted\""), .count = 3, .share = 0.5 };
    struct probe_list_view view = { .sort = str_from(probe_list_sort_names[in->sort]),
                                    .limit = in->limit,
                                    .link = { S("/nowhere") },
                                    .probes = { .items = &probe, .count = 1 } };
    struct reply reply = probe_list_show(r, &view);
    reply.shared = true;
    return reply;
}

struct reply probe_new(struct request *r, const struct probe_new_in *in)
{
    struct probe_add_in add = probe_add_defaults();
    add.campaign_id = in->campaign_id;
    struct probe_new_view view = {
        .form = probe_add_form(r, add),
        .wide_form = probe_wide_form(r, (struct probe_wide_in){ .campaign_id = in->campaign_id }),
    };
    static struct form_option people[2] = { { S("0000000000007"), S("Bea"), false },
                                            { S("0000000000008"), S("Cem"), false } };
    form_offer(probe_wide_field(&view.wide_form, PROBE_WIDE_FIELD_PERSON_ID), people, 2);
    return probe_new_show(r, &view);
}

struct reply probe_named(struct request *r, const struct probe_named_in *in)
{
    return probe_named_show(
        r, &(struct probe_named_view){ .campaign_id = in->campaign_id, .name = in->name });
}

struct reply probe_add(struct request *r, const struct probe_add_in *in)
{
    trial.acted++;
    trial.added = *in;
    if (str_equal(in->title, S("taken title")))
        problem(r, "title", "There is a probe “%s” already.", "taken title");
    static const struct web_limit twice = { "twice", 2, 60 };
    bool is_counted = str_starts(str_lower(r->arena, in->title), S("count"));
    for (int run = 0; is_counted && run < 3; run++) /* as a command that runs again */
        if (web_limit_take(r, &twice, in->title) > 0 && run == 2)
            problem(r, "title", "This was counted twice.");
    return probe_add_done(r, url_probe_named(r->arena, in->campaign_id, S("x1")),
                          "It is there — ✓.",
                          &(struct probe_view){ .campaign_id = in->campaign_id,
                                                .title = in->title,
                                                .kind = str_from(probe_add_kind_names[in->kind]),
                                                .at = 1 });
}

/* What came with a request goes with it; what the test looks at later is copied. */
static void keep(struct str *s)
{
    *s = str_copy(trial.seen, *s);
}

struct reply probe_wide(struct request *r, const struct probe_wide_in *in)
{
    trial.acted++;
    trial.wide = *in;
    struct str *const texts[] = {
        &trial.wide.title,  &trial.wide.lines,         &trial.wide.story,
        &trial.wide.email,  &trial.wide.password,      &trial.wide.code,
        &trial.wide.colour, &trial.wide.picture.bytes, &trial.wide.picture.filename,
        &trial.wide.more
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        keep(texts[i]);
    return probe_wide_done(r, url_probe_list(r->arena), "", &(struct probe_view){ 0 });
}

struct reply probe_mine(struct request *r, const struct probe_mine_in *in)
{
    return probe_mine_show(r, &(struct probe_mine_view){ .name = r->who.name });
}

struct reply probe_mine_change(struct request *r, const struct probe_mine_change_in *in)
{
    trial.acted++;
    return probe_mine_change_done(r, url_probe_mine(r->arena), "Changed.");
}

struct reply probe_forbidden(struct request *r, const struct probe_forbidden_in *in)
{
    check(!"a forbidden command ran");
    return (struct reply){ 0 };
}

struct reply probe_file(struct request *r, const struct probe_file_in *in)
{
    struct reply reply = reply_blob(r, in->name, S("image/webp"));
    reply.filename = S("näme.webp");
    return reply;
}

struct reply probe_hidden(struct request *r, const struct probe_hidden_in *in)
{
    check(!"a hidden page was shown");
    return (struct reply){ 0 };
}

struct reply probe_refuse(struct request *r, const struct probe_refuse_in *in)
{
    trial.acted++;
    return reply_refused(r, 409, "campaign_closed", "This campaign has closed.");
}

/* A column that does not exist: nothing the generator would let through. */
struct reply probe_break(struct request *r, const struct probe_break_in *in)
{
    static const struct sql_query broken = { .name = "broken",
                                             .sqlite = "DELETE FROM no_such_table",
                                             .postgres = "DELETE FROM no_such_table" };
    sql_exec(r->db, &broken, NULL);
    return reply_see(r, url_probe_list(r->arena), "");
}

struct reply probe_often(struct request *r, const struct probe_often_in *in)
{
    trial.acted++;
    return probe_often_done(r, url_probe_list(r->arena), "");
}

bool probe_slow_prepare(struct request *r, const struct probe_slow_in *in)
{
    trial.prepared++;
    if (str_equal(in->title, S("bad")))
        problem(r, "title", "This cannot be prepared.");
    r->prepared = (void *)str_c(r->arena, str_printf(r->arena, "hash of %.*s", STR_ARG(in->title)));
    return !str_equal(in->title, S("fail"));
}

struct reply probe_slow(struct request *r, const struct probe_slow_in *in)
{
    trial.acted++;
    check(strncmp(r->prepared, "hash of ", 8) == 0);
    return probe_slow_done(r, url_probe_list(r->arena), r->prepared);
}

/* --- Pages: what stands in the view, a line each ---------------------------------------------- */

PROBE_PAGE(probe_list)
{
    const struct probe_list_view *v = view;
    buf_printf(out, "list sort=%.*s limit=%d csrf=%.*s\n", STR_ARG(v->sort), (int)v->limit,
               STR_ARG(web_csrf(r)));
}

static void print_form(struct buf *out, const struct form_view *form)
{
    buf_printf(out, "form %s action=%.*s problems=%zu: %.*s\n", form->route->name,
               STR_ARG(form->action.text), form->problem_count, STR_ARG(form->problem));
    buf_printf(out, "%s key=%.*s\n", form->route->name, STR_ARG(form->idempotency_key));
    for (size_t i = 0; i < form->field_count; i++) {
        const struct form_field *f = &form->fields[i];
        buf_printf(out, "%s.%s=[%.*s]%s %.*s\n", form->route->name, f->input->name,
                   STR_ARG(f->value), f->checked ? " checked" : "", STR_ARG(f->problem));
        for (size_t k = 0; k < f->option_count; k++)
            if (f->options[k].chosen)
                buf_printf(out, "%s.%s chose %.*s\n", form->route->name, f->input->name,
                           STR_ARG(f->options[k].label));
    }
}

PROBE_PAGE(probe_new)
{
    const struct probe_new_view *v = view;
    print_form(out, &v->form);
    print_form(out, &v->wide_form);
}

PROBE_PAGE(probe_named)
{
    const struct probe_named_view *v = view;
    buf_printf(out, "named %.*s\n", STR_ARG(v->name));
}

PROBE_PAGE(probe_mine)
{
    const struct probe_mine_view *v = view;
    buf_printf(out, "mine %.*s csrf=%.*s\n", STR_ARG(v->name), STR_ARG(web_csrf(r)));
}

PROBE_PAGE(probe_hidden)
{
}

int main(void)
{
    int failed = run_part_tests() + run_input_tests() + run_request_tests() + run_command_tests();
    if (getenv("MANYHANDS_TEST_POSTGRES") == NULL) {
        print_message(
            "MANYHANDS_TEST_POSTGRES is not set (script/postgres start DIR prints a URL): "
            "what is tested on PostgreSQL is skipped\n");
        return failed;
    }
    trial_on_postgres = true;
    return failed + run_request_tests() + run_command_tests();
}

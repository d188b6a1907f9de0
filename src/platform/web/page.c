/* Pages: within one read snapshot, who is it, may they, and what do they see. */
#include "base/check.h"
#include "platform/web/inputs.h"
#include "platform/web/limits.h"
#include "platform/web/page_cache.h"
#include "platform/web/visit.h"
#include <string.h>

/* --- Admission -------------------------------------------------------------------------------- */

/* Where the browser says it was, on whatever site; "/" when it does not say. */
static struct str referer_target(struct visit *v)
{
    struct str referer = http_header(v->x, S("referer"));
    size_t at = str_find(referer, S("://"));
    if (at == SIZE_MAX)
        return S("/");
    struct str rest = str_slice(referer, at + 3, SIZE_MAX);
    str_cut(&rest, '/');
    return str_join(v->r.arena, S("/"), rest);
}

/* A form shown again bears the address of its command, which is no page to go to. */
struct str form_page(struct visit *v)
{
    struct str target = referer_target(v), query = target, values[ROUTE_DEPTH_MAX];
    struct str path = str_cut(&query, '?');
    struct found found = router_find(v->site->web->router, path, false, ROUTE_PAGE, values);
    return found.route == NULL ? (struct str){ 0 } : target;
}

/* Where to go on after signing in: the page asked for, or the one whose form was sent. */
static struct str next_of(struct visit *v)
{
    return v->route->flags & ROUTE_COMMAND ? referer_target(v) : v->http->target;
}

static struct reply sign_in_first(struct visit *v)
{
    if (v->r.format == FORMAT_HTML && v->site->hooks.sign_in != NULL)
        return (struct reply){ .status = 303,
                               .location = v->site->hooks.sign_in(&v->r, next_of(v)) };
    return reply_refused(&v->r, 401, "not_signed_in", "Please sign in to do this.");
}

static bool is_allowed(struct visit *v)
{
    switch (v->site->hooks.authorise(&v->r, v->in)) {
    case VERDICT_YES:
        return true;
    case VERDICT_SIGN_IN:
        v->reply = sign_in_first(v);
        return false;
    case VERDICT_NO:
        v->reply = reply_refused(&v->r, 403, "not_permitted",
                                 "You have no permission for this. Whoever runs this campaign can "
                                 "give it to you.");
        return false;
    default:
        v->reply = reply_not_found(&v->r);
        return false;
    }
}

void identify(struct visit *v)
{
    v->r.who = (struct identity){ 0 };
    v->r.scope = NULL;
    if (v->session.size > 0 || v->bearer.size > 0)
        v->site->hooks.authenticate(&v->r, v->session, v->bearer);
}

/* A token that was sent must be good, even where none is needed. */
static bool token_holds(struct visit *v)
{
    if (v->bearer.size == 0 || v->r.who.by_token)
        return true;
    v->reply = reply_refused(&v->r, 401, "invalid_token",
                             "This bearer token is unknown, has expired or was revoked.");
    return false;
}

bool admit(struct visit *v)
{
    identify(v);
    bool admitted = token_holds(v) && limits_pass(v) && is_allowed(v);
    if (!admitted)
        v->r.problems = NULL; /* who may not do it is not told how to do it right */
    return admitted;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void run_step(struct pool_task *task)
{
    struct visit *v = (struct visit *)((char *)task - offsetof(struct visit, task));
    v->step(v);
}

void run_read(struct visit *v, void (*step)(struct visit *v), bool may_run_here)
{
    /* SQLite answers from memory within microseconds; PostgreSQL makes a thread wait. */
    if (may_run_here && sql_store_kind(v->site->store) == SQL_SQLITE) {
        step(v);
        return;
    }
    v->step = step;
    v->task.run = run_step;
    if (!pool_submit(v->site->web->pages, &v->task))
        send_unavailable(v, NULL);
}

bool read_begin(struct visit *v)
{
    struct fault fault = { 0 };
    v->r.db = sql_read_begin(v->site->store, v->r.arena, &fault);
    if (v->r.db == NULL)
        send_unavailable(v, &fault);
    return v->r.db != NULL;
}

void read_end_and_send(struct visit *v)
{
    struct sql *db = v->r.db;
    struct fault fault = { 0 };
    if (sql_failed(db))
        fault = *sql_fault(db);
    v->r.db = NULL;
    if (sql_read_end(v->site->store, db))
        send_reply(v);
    else
        send_unavailable(v, &fault);
}

/* --- A page ----------------------------------------------------------------------------------- */

static void page_run(struct visit *v)
{
    v->generation = sql_store_generation(v->site->store);
    if (!read_begin(v))
        return;
    if (admit(v))
        v->reply = v->r.problems != NULL ? reply_problems(&v->r) : v->route->handle(&v->r, v->in);
    dress_refusal(v);
    read_end_and_send(v);
}

void page_begin(struct visit *v)
{
    if (page_cache_find(v)) {
        send_reply(v);
        return;
    }
    switch (take_inputs(v)) {
    case TAKEN:
        run_read(v, page_run, (v->route->flags & ROUTE_SLOW) == 0);
        return;
    default: /* only a path can lead nowhere; a query has no body that could be malformed */
        v->reply = reply_not_found(&v->r);
        deliver(v, true);
    }
}

/* --- A form shown again ----------------------------------------------------------------------- */

/* The command's input that fills an input of the page's path: of the same name, or an id at the
   same place (subject_id for idea_id); declarations.py has checked that it is there. */
static const struct input *source_of(const struct route *command, const struct input *to,
                                     size_t place)
{
    const struct input *at_place = NULL;
    for (size_t i = 0, in_path = 0; i < command->input_count; i++) {
        const struct input *from = &command->inputs[i];
        if (strcmp(from->name, to->name) == 0)
            return from;
        if (from->in_path && in_path++ == place)
            at_place = from;
    }
    return at_place;
}

/* The inputs of the page with the form: its path from the command's, all others as declared. */
static void *page_inputs(struct visit *v, const struct route *page)
{
    char *in = arena_take(v->r.arena, page->input_size);
    struct form_problem *problems = v->r.problems;
    v->r.problems = NULL;
    size_t place = 0;
    for (size_t i = 0; i < page->input_count; i++) {
        const struct input *to = &page->inputs[i];
        struct str typed;
        if (!to->in_path) {
            input_set(&v->r, to, (struct str){ 0 }, &typed, in);
            continue;
        }
        const struct input *from = source_of(v->route, to, place++);
        check(from != NULL && input_size(from->type) == input_size(to->type));
        memcpy(in + to->offset, (char *)v->in + from->offset, input_size(to->type));
    }
    v->r.problems = problems;
    return in;
}

struct reply redisplay(struct visit *v)
{
    struct request *r = &v->r;
    const struct route *page = router_by_name(v->site->web->router, v->route->form);
    check(page != NULL);
    void *in = page_inputs(v, page);
    r->form_route = v->route;
    r->form_in = v->in;
    r->form_typed = v->typed;
    r->route = page;
    struct reply reply = { 0 };
    if (v->site->hooks.authorise(r, in) == VERDICT_YES)
        reply = page->handle(r, in);
    /* A page that leads elsewhere or lacks the form now cannot say what was wrong; the error page
       can. */
    struct reply problems = reply_problems(r);
    if (reply.status != 422 || !v->refused_shown)
        return problems;
    reply.status = problems.status;
    reply.retry_after_seconds = problems.retry_after_seconds;
    return reply;
}

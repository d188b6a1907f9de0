/* Commands: checked, prepared where that is slow, run in a write transaction, answered when the
 * commit is durable.
 *
 *   command_begin        on the HTTP thread
 *     → refused_run      in a read: it had problems already; who may not act is told only that
 *     → prepare_run      in the slow pool
 *     → command_submit → command_run, command_done   on threads of the store
 *          → answer_run  in a read: error pages and forms shown again need one
 */
#include "base/check.h"
#include "platform/web/visit.h"

static bool shows_form_again(const struct visit *v)
{
    bool has_problems = v->reply.status == 422 || v->r.problems != NULL;
    return has_problems && v->r.format == FORMAT_HTML && v->route->form != NULL;
}

/* --- The transaction -------------------------------------------------------------------------- */

/* May run again after a conflict, so it begins by forgetting what it did before. */
static bool command_run(struct sql *db, void *context)
{
    struct visit *v = context;
    arena_rewind(v->r.arena, v->mark);
    sql_use_arena(db, v->r.arena);
    v->r.db = db;
    v->r.problems = NULL;
    v->csrf = (struct str){ 0 };
    v->reply = (struct reply){ 0 };
    v->replayed = false;
    if (!admit(v) || idempotency_replay(v))
        return false;
    v->reply = v->route->handle(&v->r, v->in);
    if (v->r.problems != NULL)
        v->reply = reply_problems(&v->r);
    if (v->reply.keep)
        idempotency_keep_reply(v);
    return v->reply.keep && !sql_failed(db);
}

static void answer_run(struct visit *v)
{
    if (!read_begin(v))
        return;
    identify(v);
    if (shows_form_again(v))
        v->reply = redisplay(v);
    dress_refusal(v);
    read_end_and_send(v);
}

static void command_done(enum sql_outcome outcome, const struct fault *fault, void *context)
{
    struct visit *v = context;
    struct web *web = v->site->web; /* v goes with its answer */
    v->r.db = NULL;
    if (outcome == SQL_UNAVAILABLE)
        send_unavailable(v, fault);
    else if (shows_form_again(v))
        run_read(v, answer_run, false);
    else
        deliver(v, false);
    atomic_fetch_sub(&web->commands, 1);
}

static void command_submit(struct visit *v)
{
    v->r.db = NULL;
    v->mark = arena_mark(v->r.arena);
    v->command = (struct sql_command){ .run = command_run,
                                       .done = command_done,
                                       .context = v,
                                       .guarded = (v->route->flags & ROUTE_GUARDED) != 0 };
    atomic_fetch_add(&v->site->web->commands, 1);
    sql_submit(v->site->store, &v->command);
}

/* --- Before it -------------------------------------------------------------------------------- */

static void refused_run(struct visit *v)
{
    if (!read_begin(v))
        return;
    if (admit(v)) {
        v->reply = reply_problems(&v->r);
        if (shows_form_again(v))
            v->reply = redisplay(v);
    }
    dress_refusal(v);
    read_end_and_send(v);
}

/* True when the command may go on; false: v->reply says why not. */
static bool prepare(struct visit *v)
{
    if (!admit(v))
        return false;
    bool prepared = v->route->prepare(&v->r, v->in);
    if (v->r.problems != NULL)
        v->reply = reply_problems(&v->r);
    else if (!prepared)
        v->reply =
            (struct reply){ .status = 503, .retry_after_seconds = 1, .code = S("unavailable") };
    return prepared && v->r.problems == NULL;
}

static void prepare_run(struct pool_task *task)
{
    struct visit *v = (struct visit *)((char *)task - offsetof(struct visit, task));
    idempotency_hash(v); /* here, for files are large */
    if (!read_begin(v))
        return;
    if (!prepare(v)) {
        if (shows_form_again(v))
            v->reply = redisplay(v);
        dress_refusal(v);
        read_end_and_send(v);
        return;
    }
    if (sql_read_end(v->site->store, v->r.db))
        command_submit(v);
    else
        send_unavailable(v, NULL);
}

static void command_take_off(struct visit *v)
{
    if (v->r.problems != NULL) {
        run_read(v, refused_run, true);
    } else if (v->route->prepare == NULL) {
        idempotency_hash(v);
        command_submit(v);
    } else {
        v->task.run = prepare_run;
        if (!pool_submit(v->site->web->slow, &v->task))
            send_unavailable(v, NULL);
    }
}

static struct reply refused_body(struct visit *v, enum taken taken)
{
    switch (taken) {
    case TAKEN_NOT_FOUND:
        return reply_not_found(&v->r);
    case TAKEN_TOO_LARGE:
        return reply_refused(&v->r, 413, "too_large", "This is more than can be taken here.");
    case TAKEN_UNSUPPORTED:
        return reply_refused(&v->r, 415, "unsupported_type",
                             v->r.format == FORMAT_JSON
                                 ? "The body must be application/json."
                                 : "A form must be sent as application/x-www-form-urlencoded or "
                                   "multipart/form-data.");
    default:
        return (
            struct reply){ .status = 400, .code = S("malformed"), .sentence = v->reply.sentence };
    }
}

/* --- Forms that are not believed -------------------------------------------------------------- */

static struct reply stale_reply(struct visit *v)
{
    v->r.problems = NULL;
    return reply_refused(&v->r, 403, "stale_form",
                         "Nothing was changed. Reload the page and send it again.");
}

/* Shows the form again as it was filled in, with a token that holds: sending it once more is all
   there is to do. Where it cannot be shown, the page says what to do. */
static void stale_run(struct visit *v)
{
    if (!read_begin(v))
        return;
    if (admit(v)) {
        problem(
            &v->r, "",
            "This page was open too long. Nothing was changed. Look it over and send it again.");
        v->reply = redisplay(v);
    }
    if (v->reply.body.size > 0)
        v->reply.status = 403;
    else
        v->reply = stale_reply(v);
    dress_refusal(v);
    read_end_and_send(v);
}

static void refuse_stale(struct visit *v)
{
    v->form_page.text = form_page(v);
    if (v->route->form != NULL && take_inputs(v) == TAKEN) {
        run_read(v, stale_run, true);
        return;
    }
    v->reply = stale_reply(v);
    deliver(v, true);
}

static void refuse_forged(struct visit *v)
{
    v->reply =
        reply_refused(&v->r, 403, "forged",
                      "It does not seem to be from a page of this site. Nothing was changed. "
                      "Open the page here and send it again.");
    deliver(v, true);
}

void command_begin(struct visit *v)
{
    enum form_origin origin = v->r.format == FORMAT_HTML ? form_origin(v) : FORM_OURS;
    if (origin == FORM_STALE) {
        refuse_stale(v);
        return;
    }
    if (origin == FORM_FORGED) {
        refuse_forged(v);
        return;
    }
    enum taken taken = take_inputs(v);
    if (taken != TAKEN) {
        v->reply = refused_body(v, taken);
        deliver(v, true);
    } else if (!idempotency_read_key(v)) {
        deliver(v, true);
    } else {
        command_take_off(v);
    }
}

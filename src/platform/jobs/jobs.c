#include "platform/jobs/jobs.h"

#include "base/check.h"
#include "base/log.h"
#include "jobs.sql.h"
#include "platform/clock/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The wall clock decides when a job is due, since servers share it through the table; the runner
   looks at it this often at least, so that a clock that was set is noticed. */
static const int64_t SLEEP_US_MAX = INT64_C(30) * 1000000;

/* A lease that another server holds, as long as it is seen. Whether it has run out is measured by
   the watcher's own steady clock: were the holder's time compared with ours, two servers whose
   clocks differ would take each other's leases in the middle of the work, and none would ever be
   done. */
struct watched {
    int64_t fence; /* 0: none is seen */
    int64_t since; /* clock_monotonic() */
};

struct job_runner {
    struct sql_store *store;
    const struct job *jobs;
    size_t count;
    int64_t *look_at;        /* for each job, when to ask the table next */
    struct watched *watched; /*   and whose lease is waited for */
    char host[64], holder[96];
    _Atomic bool stopping;
    struct ticker *ticker;
};

static _Thread_local struct job_lease current_lease;

struct job_lease job_lease_current(void)
{
    return current_lease;
}

bool job_lease_holds(struct sql *db, struct job_lease lease)
{
    struct job_by_name_row row;
    return job_by_name(db, (struct job_by_name){ str_from(lease.name) }, &row) &&
           row.fence == lease.fence && row.lease_until_at != 0;
}

/* --- The lease -------------------------------------------------------------------------------- */

struct taking {
    const struct job *job;
    struct str holder;
    int64_t now;
    int64_t fence_over; /* of a lease that has run out; 0: none */
    bool taken;
    int64_t fence;
    int64_t look_at; /* where it was not taken: when it may be */
};

static int64_t run_latest(const struct taking *t)
{
    return t->now + t->job->every_us + CLOCKS_DIFFER_US_MAX;
}

static bool lease_take(struct sql *db, void *context)
{
    struct taking *t = context;
    struct str name = str_from(t->job->name);
    job_insert(db, (struct job_insert){ .job_name = name });
    struct job_take_row taken;
    t->taken = job_take(db,
                        (struct job_take){
                            .job_name = name,
                            .holder = t->holder,
                            .lease_until_at = t->now + t->job->lease_us,
                            .fence_over = t->fence_over,
                            .now = t->now,
                            .run_latest_at = run_latest(t),
                        },
                        &taken);
    if (t->taken)
        t->fence = taken.fence;
    return true;
}

struct giving {
    struct job_give_back row;
    bool held;
};

static bool lease_give_back(struct sql *db, void *context)
{
    struct giving *g = context;
    g->held = job_give_back(db, g->row) == 1;
    return true;
}

/* --- One job ---------------------------------------------------------------------------------- */

static void job_run(struct job_runner *runner, const struct job *job, int64_t fence)
{
    struct fault fault = { .kind = FAULT_NONE };
    current_lease = (struct job_lease){ .name = job->name, .fence = fence };
    bool done = job->run(job->context, clock_now(), &fault);
    current_lease = (struct job_lease){ 0 };
    struct str error = done ? (struct str){ 0 } : str_from(fault.detail);
    if (!done)
        log_event(LOG_WARN, "job.failed", LOG_TEXT("job", str_from(job->name)),
                  LOG_TEXT("detail", error), LOG_END);
    int64_t now = clock_now();
    struct giving giving = { .row = { .job_name = str_from(job->name),
                                      .fence = fence,
                                      .next_run_at = now + job->every_us,
                                      .last_run_at = now,
                                      .last_error = error } };
    struct fault keep_fault = { .kind = FAULT_NONE };
    enum sql_outcome outcome =
        sql_submit_wait(runner->store, lease_give_back, &giving, &keep_fault);
    if (outcome != SQL_KEPT) /* it runs out by itself */
        log_event(LOG_WARN, "job.lease_not_given_back", LOG_TEXT("job", str_from(job->name)),
                  LOG_TEXT("detail", str_from(keep_fault.detail)), LOG_END);
    else if (!giving.held)
        log_event(LOG_WARN, "job.outlived_its_lease", LOG_TEXT("job", str_from(job->name)),
                  LOG_END);
}

/* Whether a holder was a process of this machine and is there no more: nobody waits for it. */
static bool is_gone(const struct job_runner *runner, struct str holder)
{
    struct str host = str_from(runner->host);
    int64_t process;
    return str_starts(holder, host) &&
           str_to_int64(str_trim(str_slice(holder, host.size, holder.size)), &process) &&
           process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

/* How long the lease in the row is still to be waited for. */
static int64_t lease_left_us(const struct job_runner *runner, const struct job *job,
                             struct watched *watched, const struct job_by_name_row *row)
{
    int64_t now = clock_monotonic();
    if (row->lease_until_at == 0 || is_gone(runner, row->holder))
        return 0;
    if (watched->fence != row->fence)
        *watched = (struct watched){ .fence = row->fence, .since = now };
    int64_t left = watched->since + job->lease_us - now;
    return left > 0 ? left : 0;
}

/* Whether the job may be taken; a look, so that one that is not due costs no write. */
static bool may_take(struct job_runner *runner, struct watched *watched, struct taking *t)
{
    struct arena *arena = arena_make();
    struct job_by_name_row row;
    bool found = false, may = true;
    struct sql *db = sql_read_begin(runner->store, arena, NULL);
    if (db != NULL) {
        found = job_by_name(db, (struct job_by_name){ str_from(t->job->name) }, &row);
        if (!sql_read_end(runner->store, db))
            found = false;
    }
    if (found) {
        int64_t left = lease_left_us(runner, t->job, watched, &row);
        int64_t run = row.next_run_at > run_latest(t) ? 0 : row.next_run_at;
        may = left == 0 && run <= t->now;
        t->fence_over = row.lease_until_at != 0 && left == 0 ? row.fence : 0;
        t->look_at = left > 0 ? t->now + left : run;
    }
    arena_free(arena);
    return may;
}

/* Runs the job if it is due and its lease is free; returns when to look at it again. */
static int64_t job_visit(struct job_runner *runner, const struct job *job, struct watched *watched)
{
    int64_t now = clock_now();
    struct taking t = {
        .job = job,
        .holder = str_from(runner->holder),
        .now = now,
        .look_at = now + job->every_us,
    };
    struct fault fault = { .kind = FAULT_NONE };
    if (!may_take(runner, watched, &t))
        return t.look_at;
    if (sql_submit_wait(runner->store, lease_take, &t, &fault) != SQL_KEPT) {
        log_event(LOG_WARN, "job.no_lease", LOG_TEXT("job", str_from(job->name)),
                  LOG_TEXT("detail", str_from(fault.detail)), LOG_END);
        return now + job->every_us;
    }
    if (!t.taken) /* another was faster */
        return now + job->every_us;
    job_run(runner, job, t.fence);
    return clock_now() + job->every_us;
}

/* --- The thread ------------------------------------------------------------------------------- */

/* Until the next job falls due. */
static int64_t sleep_us(const struct job_runner *runner)
{
    int64_t now = clock_now(), least = SLEEP_US_MAX;
    for (size_t i = 0; i < runner->count; i++)
        if (runner->look_at[i] - now < least)
            least = runner->look_at[i] - now;
    return least > 0 ? least : 0;
}

static int64_t visit_all(void *context)
{
    struct job_runner *runner = context;
    for (size_t i = 0; i < runner->count && !runner->stopping; i++)
        if (runner->look_at[i] <= clock_now())
            runner->look_at[i] = job_visit(runner, &runner->jobs[i], &runner->watched[i]);
    return sleep_us(runner);
}

struct job_runner *jobs_start(struct sql_store *store, const struct job *jobs, size_t count)
{
    struct job_runner *runner = calloc(1, sizeof *runner);
    check(runner != NULL);
    runner->store = store;
    runner->jobs = jobs;
    runner->count = count;
    runner->look_at = calloc(count + 1, sizeof *runner->look_at);
    runner->watched = calloc(count + 1, sizeof *runner->watched);
    check(runner->look_at != NULL && runner->watched != NULL);
    gethostname(runner->host, sizeof runner->host - 1);
    snprintf(runner->holder, sizeof runner->holder, "%s %ld", runner->host, (long)getpid());
    runner->ticker = ticker_start(visit_all, runner);
    return runner;
}

void jobs_stop(struct job_runner *runner)
{
    if (runner == NULL)
        return;
    runner->stopping = true;
    ticker_stop(runner->ticker);
    free(runner->look_at);
    free(runner->watched);
    free(runner);
}

/* What happens later: periodic jobs, each run by one server at a time.
 *
 * A job has a row with a lease (holder, until, fencing token); before it runs, a server takes the
 * lease by one conditional UPDATE, and gives it back with the time of the next run. A server that
 * dies loses the lease: at once where its process is seen to be gone, else when another has watched
 * the same lease for as long as it lasts, by its own steady clock. Servers whose clocks differ do
 * not take each other's. Jobs conduct like handlers do: they load, decide, and keep through
 * commands.
 */
#pragma once
#include "platform/sql/sql.h"

struct job {
    const char *name;
    int64_t every_us; /* at least this long between two runs */
    int64_t lease_us; /* longer than the job may take */
    /* false with a fault: logged, tried again after `every_us`. */
    bool (*run)(void *context, int64_t now, struct fault *fault);
    void *context;
};
struct job_runner;
/* Starts one thread that runs the jobs as they fall due, one after another. `jobs` and what they
   point to live until jobs_stop. A failed job stands in its row and in the log ("job.failed"). */
struct job_runner *jobs_start(struct sql_store *store, const struct job *jobs, size_t count);
/* Finishes the running job, gives its lease back, joins; NULL is allowed. */
void jobs_stop(struct job_runner *runner);

/* The lease the calling thread's job runs under. A job that may outlive its lease asks in each of
   its commands whether it still holds, and keeps nothing when it does not: another server has taken
   over, and its fence is higher. */
struct job_lease {
    const char *name;
    int64_t fence;
};
struct job_lease job_lease_current(void);
bool job_lease_holds(struct sql *db, struct job_lease lease);

/* --- Threads ---------------------------------------------------------------------------------- */

/* A thread that calls `tick`, one call after the other, until it is stopped; each returns after how
   many microseconds the next one comes. What waits for other servers, and would hold up the jobs,
   has one of its own. */
struct ticker;
struct ticker *ticker_start(int64_t (*tick)(void *context), void *context);
/* Waits for the call under way to return; NULL is allowed. */
void ticker_stop(struct ticker *ticker);

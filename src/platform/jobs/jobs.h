/* What happens later: periodic jobs, each run by one server at a time.
 *
 * A job has a row with a lease (holder, until, fencing token); before it runs, a server takes the
 * lease by one conditional UPDATE, and gives it back with the time of the next run. A server that
 * dies loses the lease when it runs out. Jobs conduct like handlers do: they load, decide, and keep
 * through commands.
 */
#pragma once
#include "platform/sql/sql.h"

struct job {
    const char *name;
    int64_t every_us;  /* at least this long between two runs */
    int64_t lease_us;  /* longer than the job may take */
    /* false with a fault: logged, tried again after `every_us`. */
    bool (*run)(void *context, int64_t now, struct fault *fault);
    void *context;
};
struct job_runner;
/* Starts one thread that runs the jobs as they fall due. */
struct job_runner *jobs_start(struct sql_store *store, const struct job *jobs, size_t count);
/* Wakes the runner now (a mail was queued), any thread. */
void jobs_wake(struct job_runner *runner);
/* Finishes the running job, gives leases back, joins. */
void jobs_stop(struct job_runner *runner);

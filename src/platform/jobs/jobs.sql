-- query: job_insert exec
INSERT INTO job (job_name, holder, lease_until_at, fence, next_run_at, last_run_at, last_error)
VALUES (:job_name, '', 0, 0, 0, 0, '')
ON CONFLICT DO NOTHING;

-- query: job_take one
-- The lease, for the first who asks when the job is due and nobody holds it, or who held it is known to be gone: then its
-- fence is told. A next run later than it can be was named by a clock that was ahead, and does not count.
UPDATE job SET holder = :holder, lease_until_at = :lease_until_at, fence = fence + 1
 WHERE job_name = :job_name AND (lease_until_at = 0 OR fence = :fence_over)
   AND (next_run_at <= :now OR next_run_at > :run_latest_at)
RETURNING fence;
-- types: fence_over int

-- query: job_give_back exec
UPDATE job SET holder = '', lease_until_at = 0, next_run_at = :next_run_at,
               last_run_at = :last_run_at, last_error = :last_error
 WHERE job_name = :job_name AND fence = :fence;

-- query: job_by_name one
SELECT holder, lease_until_at, fence, next_run_at, last_run_at, last_error
  FROM job WHERE job_name = :job_name;

-- query: job_list many
-- All jobs, for `manyhands doctor` and /metrics.
SELECT job_name, holder, lease_until_at, next_run_at, last_run_at, last_error
  FROM job ORDER BY job_name LIMIT 100;

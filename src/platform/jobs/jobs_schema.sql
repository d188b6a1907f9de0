-- Who runs which job. One server holds the lease of a job at a time; `fence` rises with every lease,
-- so that one whose lease ran out is known by its old number.
CREATE TABLE job (
    job_name       TEXT NOT NULL PRIMARY KEY,
    holder         TEXT NOT NULL,           -- host and process, or '' when nobody runs it
    lease_until_at BIGINT NOT NULL,         -- 0 when nobody runs it
    fence          BIGINT NOT NULL,
    next_run_at    BIGINT NOT NULL,
    last_run_at    BIGINT NOT NULL,
    last_error     TEXT NOT NULL            -- of the last run, '' when it went well
);

-- When each job last began and ended, on any instance, so that one that never begins is seen. Renewed every minute, so it is not in
-- the WAL: after a crash of Postgres what is due is counted from the servers' next look.
CREATE UNLOGGED TABLE job_times (
  job       text PRIMARY KEY CHECK (length(job) BETWEEN 1 AND 60),
  began_at  timestamptz NOT NULL DEFAULT now(),
  ended_at  timestamptz,                         -- of the run that began then; NULL while it runs, or where it never ended
  failed    boolean NOT NULL DEFAULT false       -- how it ended
);

-- locks: ACCESS EXCLUSIVE on job_times, while its few rows (one a job) are written anew.
-- accepts rewrites_table: one row for each job there is, some twenty.
-- When jobs last began outlives a crash of Postgres, and a change to a standby: an empty table told operators that daily and weekly
-- jobs were overdue until their next tick. A row a job each minute is no burden on the WAL.
ALTER TABLE job_times SET LOGGED;

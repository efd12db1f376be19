-- What has been used of a limit that holds over all instances, as rate-limiter-flexible keeps it. Unlogged: it is
-- no loss when a crash of Postgres empties it, and it costs the WAL, which replication reads, nothing.

CREATE UNLOGGED TABLE rate_limits (
  key    varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint                                  -- milliseconds since 1970
);
CREATE INDEX rate_limits_expire ON rate_limits (expire);

-- What operators see of instances: what each says of itself every few seconds, and what happened to its replication.

-- Of no worth once it is old, so it is neither in the WAL nor kept over a crash of Postgres.
CREATE UNLOGGED TABLE instance_status (
  instance    text PRIMARY KEY,
  reported_at timestamptz NOT NULL,
  report      jsonb NOT NULL
) WITH (fillfactor = 50);

-- The newest five hundred of each instance.
CREATE TABLE replication_events (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance text NOT NULL,
  at       timestamptz NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('started', 'failed', 'reset')),
  code     text NOT NULL,
  message  text,
  times    integer NOT NULL DEFAULT 1 CHECK (times > 0)
);
CREATE INDEX replication_events_instance ON replication_events (instance, id DESC);
CREATE INDEX replication_events_time ON replication_events (at DESC);

-- How the whole of the sync fared, a row a minute, so that who opens the console sees what was before. Kept for two weeks.
CREATE TABLE sync_history (
  minute           timestamptz PRIMARY KEY,      -- its beginning, by the database's clock
  verdict          text NOT NULL,
  verdict_since    timestamptz NOT NULL,         -- minute of the first of the rows without a gap that say the same
  lag_bytes        bigint CHECK (lag_bytes >= 0),  -- of the instance furthest behind; NULL while it is not known
  lag_seconds      double precision CHECK (lag_seconds >= 0),
  lag_instance     text,
  retained_bytes   bigint CHECK (retained_bytes >= 0),  -- WAL that Postgres keeps for slots; NULL without a slot
  devices_live     integer NOT NULL CHECK (devices_live >= 0),
  devices_behind   integer NOT NULL CHECK (devices_behind >= 0),
  devices_stalled  integer NOT NULL CHECK (devices_stalled >= 0),
  devices_offline  integer NOT NULL CHECK (devices_offline >= 0),
  devices_revoked  integer NOT NULL CHECK (devices_revoked >= 0),
  outbox_pending   bigint NOT NULL CHECK (outbox_pending >= 0),  -- as devices last reported
  outbox_rejected  bigint NOT NULL CHECK (outbox_rejected >= 0),
  outbox_stuck     integer NOT NULL CHECK (outbox_stuck >= 0),
  mutations_applied  integer NOT NULL CHECK (mutations_applied >= 0),  -- settled in the minute before
  mutations_rejected integer NOT NULL CHECK (mutations_rejected >= 0)
);

-- Which instances of the server have lately been there: a replication slot keeps WAL until its instance has read
-- it, so the slot of one that never comes back has to be dropped.

CREATE TABLE instances (
  slot_name    text PRIMARY KEY CHECK (slot_name ~ '^halo_[0-9a-f]{12}$'),
  host         text,                             -- for operators; NULL for a slot whose instance was never seen
  last_seen_at timestamptz NOT NULL DEFAULT now()
);

-- What operators see of devices: what each last said of itself, when it was last heard, what happened to it, and whether
-- its replica is right. Rows go with the person's account.

-- Written when what it says changes. A client that does not name its device is known by its log-in.
CREATE TABLE device_status (
  id             uuid PRIMARY KEY,
  user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  known_by       text NOT NULL CHECK (known_by IN ('device', 'session')),
  session_id     uuid,                           -- of its last log-in; sessions that are over are cleared away
  app_version    text CHECK (length(app_version) BETWEEN 1 AND 40),
  first_seen_at  timestamptz NOT NULL DEFAULT now(),
  heard_at       timestamptz NOT NULL DEFAULT now(),  -- when the row was last written; device_contacts is finer
  silent_since   timestamptz,                    -- NULL while it is heard
  pending        integer CHECK (pending >= 0),   -- of its outbox, as it last reported
  rejected       integer CHECK (rejected >= 0),
  oldest_s       bigint CHECK (oldest_s >= 0),
  reported_at    timestamptz,
  pending_since  timestamptz,                    -- since when it has reported entries that wait
  error_code     text CHECK (length(error_code) BETWEEN 1 AND 60),
  error_from     text CHECK (error_from IN ('device', 'server')),
  error_at       timestamptz,
  CHECK ((error_code IS NULL) = (error_at IS NULL) AND (error_code IS NULL) = (error_from IS NULL))
);
CREATE INDEX device_status_user ON device_status (user_id);
CREATE INDEX device_status_heard ON device_status (heard_at DESC);
CREATE INDEX device_status_session ON device_status (session_id);
ALTER TABLE device_status REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE device_status;

INSERT INTO device_status (id, user_id, known_by, first_seen_at, heard_at, silent_since)
SELECT id, user_id, 'device', created_at, last_seen_at, last_seen_at FROM devices WHERE NOT for_requests;

-- The last contacts of each device, one row of each instance that it asks. Renewed every few seconds, so it is neither in the
-- WAL nor in any shape: after a crash of Postgres devices are heard again within a long poll.
CREATE UNLOGGED TABLE device_contacts (
  id         uuid NOT NULL,
  instance   text NOT NULL,
  heard_at   timestamptz NOT NULL,
  since      timestamptz NOT NULL,               -- of the contact that has not been broken until heard_at
  due_s      integer NOT NULL,
  shapes     jsonb NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(), -- what times in `shapes` count from
  PRIMARY KEY (id, instance)
) WITH (fillfactor = 50);

-- What happened to a device: the newest hundred, for a week.
CREATE TABLE device_events (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id uuid NOT NULL REFERENCES device_status ON DELETE CASCADE,
  user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  at        timestamptz NOT NULL,
  kind      text NOT NULL,
  shape     text,
  code      text,
  times     integer NOT NULL DEFAULT 1 CHECK (times > 0),
  instance  text NOT NULL
);
CREATE INDEX device_events_listed ON device_events (device_id, id DESC);
CREATE INDEX device_events_user ON device_events (user_id);
CREATE INDEX device_events_time ON device_events (at);

-- Questions to a device, whether its replica is right.
CREATE TABLE device_checks (
  id          uuid PRIMARY KEY,
  device_id   uuid NOT NULL REFERENCES device_status ON DELETE CASCADE,
  user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  asked_by    uuid REFERENCES users ON DELETE SET NULL,
  asked_at    timestamptz NOT NULL DEFAULT now(),
  sent_at     timestamptz,
  answered_at timestamptz,
  answer      jsonb,
  CHECK ((answered_at IS NULL) = (answer IS NULL))
);
CREATE INDEX device_checks_listed ON device_checks (device_id, asked_at DESC);
CREATE INDEX device_checks_user ON device_checks (user_id);
CREATE INDEX device_checks_asked_by ON device_checks (asked_by);
CREATE INDEX device_checks_open ON device_checks (asked_at) WHERE answered_at IS NULL;

-- Lists of mutations of all people, newest first.
CREATE INDEX ledger_listed ON ledger (settled_at DESC, id DESC);
CREATE INDEX ledger_rejected ON ledger (settled_at DESC, id DESC) WHERE status = 'rejected';

-- What operators were, or are to be, told of. Kept here, so that a restart neither repeats nor forgets it.

CREATE TABLE alerts (
  id            uuid PRIMARY KEY,
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
  subject       text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),  -- which one: a slot, a feed, an instance
  scope         text NOT NULL CHECK (scope IN ('shared', 'instance')),    -- whether any instance can see it, or one
  instance      text NOT NULL CHECK (length(instance) BETWEEN 1 AND 200), -- who saw it
  what          text NOT NULL,
  since         timestamptz NOT NULL,
  raised_at     timestamptz NOT NULL,
  tell_from     timestamptz NOT NULL,            -- later than raised_at where the same was told a moment ago
  told_at       timestamptz,                     -- when the webhook took it
  cleared_at    timestamptz,
  clear_told_at timestamptz,
  checked_at    timestamptz NOT NULL DEFAULT now(),  -- an instance that looks no more is gone
  CHECK (clear_told_at IS NULL OR (cleared_at IS NOT NULL AND told_at IS NOT NULL))
);
CREATE UNIQUE INDEX alerts_open ON alerts (name, subject) WHERE cleared_at IS NULL;
CREATE INDEX alerts_listed ON alerts (raised_at DESC, id DESC);

-- People without an account, and people who want to be forgotten.

-- An anonymous person has neither address nor password: who holds the device's token is the person.
ALTER TABLE users
  ALTER COLUMN email DROP NOT NULL,
  ALTER COLUMN password_hash DROP NOT NULL,
  ADD CHECK ((email IS NULL) = (password_hash IS NULL)),
  ADD COLUMN erasing_at timestamptz;             -- wants to be forgotten: a job does it
CREATE INDEX users_erasing ON users (erasing_at) WHERE erasing_at IS NOT NULL;

-- When somebody was forgotten, and where in the WAL: change logs drop what lies before. Not who it was.
CREATE TABLE erasures (
  id        uuid PRIMARY KEY,
  lsn       pg_lsn NOT NULL,
  erased_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX erasures_time ON erasures (erased_at);

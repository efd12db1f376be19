-- The ledger: every settled mutation with its answer, the reason a resend has one effect.

CREATE TYPE mutation_status AS ENUM ('applied', 'rejected');

CREATE TABLE ledger (
  id            uuid PRIMARY KEY,                -- the mutation's own id
  device_id     uuid NOT NULL REFERENCES devices ON DELETE CASCADE,
  seq           bigint NOT NULL CHECK (seq > 0),
  user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  type          text NOT NULL CHECK (length(type) BETWEEN 1 AND 64),
  args          jsonb NOT NULL,
  request_hash  bytea NOT NULL CHECK (length(request_hash) = 32),
  status        mutation_status NOT NULL,
  code          text,
  message       text,
  field         text,
  result        jsonb,
  txid          bigint NOT NULL,
  claimed_at    timestamptz NOT NULL,            -- `createdAt` as the device claimed it
  clock_suspect boolean NOT NULL DEFAULT false,
  settled_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (device_id, seq),
  CHECK ((status = 'rejected') = (code IS NOT NULL))
);
CREATE INDEX ledger_user ON ledger (user_id, settled_at DESC);
ALTER TABLE ledger REPLICA IDENTITY FULL;

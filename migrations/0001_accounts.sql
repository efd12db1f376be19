-- Accounts: who may speak to Halo, from which devices, with which sessions.

CREATE TYPE user_role AS ENUM ('reporter', 'officer', 'operator');

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  email         text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  display_name  text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 80),
  password_hash text NOT NULL,
  role          user_role NOT NULL DEFAULT 'reporter',
  created_at    timestamptz NOT NULL DEFAULT now(),
  disabled_at   timestamptz
);

-- A session is one log-in; its refresh tokens form a chain in which only the newest may be used.
CREATE TABLE sessions (
  id             uuid PRIMARY KEY,
  user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at     timestamptz NOT NULL DEFAULT now(),
  expires_at     timestamptz NOT NULL CHECK (expires_at > created_at),
  revoked_at     timestamptz,
  revoked_reason text CHECK (revoked_reason IN ('logout', 'token_reuse', 'disabled')),
  CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Only the SHA-256 of a refresh token is kept. `parent_id` is the token that it was given in exchange for.
CREATE TABLE refresh_tokens (
  id         uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  parent_id  uuid REFERENCES refresh_tokens ON DELETE SET NULL,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  issued_at  timestamptz NOT NULL DEFAULT now(),
  used_at    timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_parent ON refresh_tokens (parent_id);

-- Public halves of the keys that instances sign with; the private half stays in its instance's data directory.
CREATE TABLE signing_keys (
  kid        text PRIMARY KEY CHECK (length(kid) BETWEEN 8 AND 128),
  public_jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz
);

-- A device belongs to the account that first used it. `last_seq` is the newest settled mutation.
CREATE TABLE devices (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  last_seq     bigint NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX devices_user ON devices (user_id);

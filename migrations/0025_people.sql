-- People besides those who register: invited ones, those whom another issuer knows, and integrations.

ALTER TABLE users
  ADD COLUMN issuer         text CHECK (length(issuer) BETWEEN 1 AND 500),   -- who vouches for an external account
  ADD COLUMN subject        text CHECK (length(subject) BETWEEN 1 AND 255),  -- what that issuer calls it
  ADD COLUMN issuer_role_at timestamptz,           -- when the token was made that last told the role
  ADD COLUMN service        boolean NOT NULL DEFAULT false,                  -- the account of a service token
  ADD CHECK ((issuer IS NULL) = (subject IS NULL)),
  ADD CHECK (issuer IS NULL OR (email IS NULL AND NOT service)),
  ADD CHECK (NOT service OR email IS NULL),
  ADD UNIQUE (issuer, subject);
-- As `users.kind`. No generated column: whoever follows a table with one over /v1/shape would keep Postgres 18 from changing its rows.
CREATE FUNCTION kind(users) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE WHEN $1.service THEN 'service' WHEN $1.issuer IS NOT NULL THEN 'external' WHEN $1.email IS NULL THEN 'anonymous'
       ELSE 'account' END;
CREATE INDEX users_listed ON users (created_at DESC, id DESC);
CREATE INDEX users_email_prefix ON users (email text_pattern_ops);
CREATE INDEX users_deciding ON users (role) WHERE role <> 'reporter';

ALTER TABLE sessions
  ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN user_agent   text CHECK (length(user_agent) <= 300),
  ADD COLUMN app          text CHECK (length(app) <= 60),
  ADD COLUMN external_key bytea UNIQUE CHECK (length(external_key) = 32),    -- what an issuer's tokens name it by, hashed
  DROP CONSTRAINT sessions_revoked_reason_check,
  ADD CONSTRAINT sessions_revoked_reason_check CHECK (
    revoked_reason IN ('logout', 'token_reuse', 'disabled', 'revoked', 'password_changed', 'password_reset'));
UPDATE sessions SET last_used_at = GREATEST(created_at, LEAST(now(), expires_at - interval '60 days'));

-- Secrets that are handed over once are kept as SHA-256 only.
CREATE TABLE invitations (
  id          uuid PRIMARY KEY,
  email       text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  role        user_role NOT NULL,
  token_hash  bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  invited_by  uuid REFERENCES users ON DELETE SET NULL,
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
  revoked_at  timestamptz,
  accepted_at timestamptz,
  accepted_by uuid REFERENCES users ON DELETE CASCADE,
  CHECK (revoked_at IS NULL OR accepted_at IS NULL),
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
CREATE INDEX invitations_listed ON invitations (created_at DESC, id DESC);
CREATE UNIQUE INDEX invitations_one_open ON invitations (email) WHERE revoked_at IS NULL AND accepted_at IS NULL;
CREATE INDEX invitations_accepted ON invitations (accepted_by) WHERE accepted_by IS NOT NULL;

-- At most one of each person: a newer one takes its place.
CREATE TABLE password_resets (
  user_id    uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  issued_by  uuid REFERENCES users ON DELETE SET NULL,
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > issued_at)
);

-- What an integration brings. It acts as an account of its own, in one session, so that all that ends sessions ends it.
CREATE TABLE service_tokens (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
  session_id   uuid NOT NULL,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  scopes       text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 20),
  token_hash   bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  created_by   uuid REFERENCES users ON DELETE SET NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX service_tokens_listed ON service_tokens (created_at DESC, id DESC);

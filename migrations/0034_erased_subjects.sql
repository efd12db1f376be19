-- locks: none; a new table and a new function.
-- People of other issuers who were forgotten, for as long as tokens of before may be good: such a token must not make them anew.

CREATE FUNCTION subject_hash(issuer text, subject text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE RETURN
  sha256(convert_to(issuer || E'\n' || subject, 'UTF8'));
CREATE TABLE erased_subjects (
  hash      bytea PRIMARY KEY CHECK (length(hash) = 32),  -- of issuer and subject
  erased_at timestamptz NOT NULL
);

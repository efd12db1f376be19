-- What people say about an incident. Everybody who may see the incident sees it, without who said it.

CREATE TABLE comments (
  id          uuid PRIMARY KEY,                  -- the mutation's own id
  incident_id uuid NOT NULL REFERENCES incidents,
  region      text REFERENCES areas,             -- the incident's: what the shape is filtered by
  author_id   uuid REFERENCES users ON DELETE SET NULL,
  by_officer  boolean NOT NULL,                  -- its author was one when he wrote it
  body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
  created_at  timestamptz NOT NULL DEFAULT now(),
  deleted_at  timestamptz,
  deleted_by  uuid REFERENCES users ON DELETE SET NULL,
  CHECK (deleted_by IS NULL OR deleted_at IS NOT NULL)
);
CREATE INDEX comments_incident ON comments (incident_id, author_id);
CREATE INDEX comments_region ON comments (region);
ALTER TABLE comments REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE comments;

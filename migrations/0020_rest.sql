-- What the routes of REST need beside the tables that there are.

-- Votes on comments, one of each person on each.
CREATE TABLE comment_votes (
  comment_id uuid NOT NULL REFERENCES comments ON DELETE CASCADE,
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  up         boolean NOT NULL,
  voted_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (comment_id, user_id)
);
CREATE INDEX comment_votes_user ON comment_votes (user_id);

-- Single requests are mutations of a device, too: one that the server keeps for each account.
ALTER TABLE devices ADD COLUMN for_requests boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX devices_for_requests ON devices (user_id) WHERE for_requests;

-- Which mutation a request with an Idempotency-Key became.
CREATE TABLE request_keys (
  user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  mutation_id  uuid NOT NULL REFERENCES ledger ON DELETE CASCADE,
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX request_keys_mutation ON request_keys (mutation_id);

-- Lists of incidents: by time, and by place. A point of geometry is no place on a globe; it only narrows what is looked at.
CREATE INDEX incidents_listed ON incidents (occurred_at DESC, id DESC) WHERE report_count > 0 AND matched_to IS NULL;
CREATE INDEX incidents_place ON incidents USING gist (point(lon, lat)) WHERE report_count > 0 AND matched_to IS NULL;
-- What an incident has been matched with, and its comments in their order.
CREATE INDEX incidents_matched_to ON incidents (matched_to) WHERE matched_to IS NOT NULL;
CREATE INDEX comments_listed ON comments (incident_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;

-- Official feeds: each item as last seen, every version of it, and a record of each poll.

CREATE TYPE feed_item_kind AS ENUM ('incident', 'summary', 'notice');
CREATE TYPE feed_poll_outcome AS ENUM ('applied', 'unchanged', 'anomalous', 'failed');

CREATE TABLE feed_items (
  id            uuid PRIMARY KEY,
  feed          text NOT NULL CHECK (length(feed) BETWEEN 1 AND 40),
  source_id     text NOT NULL CHECK (length(source_id) BETWEEN 1 AND 80),
  kind          feed_item_kind NOT NULL,
  raw_type      text NOT NULL,
  payload       jsonb NOT NULL,                  -- the newest version as the source sent it
  version       integer NOT NULL CHECK (version > 0),
  published_at  timestamptz NOT NULL,
  occurred_at   timestamptz,                     -- NULL where the source does not say
  region        text REFERENCES areas,
  municipality  text REFERENCES areas,
  first_seen_at timestamptz NOT NULL,
  last_seen_at  timestamptz NOT NULL,
  withdrawn_at  timestamptz,
  report_id     uuid UNIQUE REFERENCES reports,
  UNIQUE (feed, source_id),
  CHECK (kind = 'incident' OR report_id IS NULL),
  CHECK (last_seen_at >= first_seen_at)
);
CREATE INDEX feed_items_published ON feed_items (feed, published_at DESC);

CREATE TABLE feed_item_versions (
  feed_item_id uuid NOT NULL REFERENCES feed_items ON DELETE CASCADE,
  version      integer NOT NULL CHECK (version > 0),
  payload      jsonb NOT NULL,
  seen_at      timestamptz NOT NULL,
  PRIMARY KEY (feed_item_id, version)
);

-- The last healthy window of each feed: what the next one is judged against, and what a withdrawal is proved
-- from (the source's order is its own, and cannot be had back from the items).
CREATE TABLE feed_windows (
  feed        text PRIMARY KEY CHECK (length(feed) BETWEEN 1 AND 40),
  source_ids  text[] NOT NULL,
  type_count  integer NOT NULL CHECK (type_count >= 0),
  seen_at     timestamptz NOT NULL
);

CREATE TABLE feed_polls (
  id            uuid PRIMARY KEY,
  feed          text NOT NULL,
  started_at    timestamptz NOT NULL,
  finished_at   timestamptz NOT NULL CHECK (finished_at >= started_at),
  outcome       feed_poll_outcome NOT NULL,
  reason        text,                            -- a stable code when anomalous or failed
  http_status   integer,
  etag          text,
  last_modified text,
  items         integer NOT NULL DEFAULT 0,
  items_new     integer NOT NULL DEFAULT 0,
  items_changed integer NOT NULL DEFAULT 0,
  items_withdrawn integer NOT NULL DEFAULT 0,
  CHECK ((outcome IN ('anomalous', 'failed')) = (reason IS NOT NULL))
);
CREATE INDEX feed_polls_newest ON feed_polls (feed, started_at DESC);

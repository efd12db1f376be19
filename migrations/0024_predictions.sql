-- What is expected where and when, the models that say so, and the runs that made them.

-- Runs of jobs that are worth a record. `result` says in numbers what a run came to.
CREATE TABLE job_runs (
  id           uuid PRIMARY KEY,
  job          text NOT NULL CHECK (length(job) BETWEEN 1 AND 40),
  trigger      text NOT NULL CHECK (trigger IN ('schedule', 'manual')),
  requested_by uuid REFERENCES users ON DELETE SET NULL,  -- who triggered it by hand
  state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed', 'abandoned')),
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  step         text NOT NULL DEFAULT '',
  progress     double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
  result       jsonb,
  error_code   text,
  error        text,
  CHECK ((state = 'running') = (finished_at IS NULL)),
  CHECK ((state IN ('failed', 'abandoned')) = (error_code IS NOT NULL)),
  CHECK ((error_code IS NULL) = (error IS NULL)),
  CHECK (requested_by IS NULL OR trigger = 'manual')
);
CREATE INDEX job_runs_listed ON job_runs (started_at DESC, id DESC);
CREATE INDEX job_runs_of_job ON job_runs (job, started_at DESC);
-- The lease sees to it; this makes sure.
CREATE UNIQUE INDEX job_runs_one_running ON job_runs (job) WHERE state = 'running';

-- Every model that was trained, and for each series the baseline, which needs no training.
CREATE TABLE models (
  id               uuid PRIMARY KEY,
  place_kind       text NOT NULL CHECK (place_kind IN ('cell-9', 'cell-10', 'municipality')),
  category         text NOT NULL CHECK (length(category) BETWEEN 1 AND 40),
  kind             text NOT NULL CHECK (kind IN ('trained', 'baseline')),
  features_version integer,
  sha256           text CHECK (sha256 ~ '^[0-9a-f]{64}$'),  -- of the artefact; NULL where there is none
  cut_off          timestamptz NOT NULL,                    -- nothing was learnt that became known later
  samples          jsonb NOT NULL DEFAULT '{}',
  metrics          jsonb,                                   -- the evaluation, with intervals
  decision         text NOT NULL CHECK (decision IN ('promoted', 'kept', 'baseline', 'failed')),
  reason           text NOT NULL,
  run_id           uuid REFERENCES job_runs ON DELETE SET NULL,
  trained_at       timestamptz NOT NULL,
  duration_ms      integer NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
  unusable_at      timestamptz,                             -- its artefact could not be used, and another speaks for it
  unusable_code    text,
  unusable_reason  text,
  CHECK (kind = 'trained' OR (sha256 IS NULL AND features_version IS NULL)),
  CHECK ((sha256 IS NULL) = (features_version IS NULL)),
  CHECK ((unusable_at IS NULL) = (unusable_code IS NULL) AND (unusable_at IS NULL) = (unusable_reason IS NULL))
);
CREATE UNIQUE INDEX models_one_baseline ON models (place_kind, category) WHERE kind = 'baseline';
CREATE INDEX models_series ON models (place_kind, category, trained_at DESC);
CREATE INDEX models_listed ON models (trained_at DESC, id DESC);

-- The ONNX files. In no shape: megabytes that no device needs.
CREATE TABLE model_artefacts (
  model_id uuid PRIMARY KEY REFERENCES models ON DELETE CASCADE,
  onnx     bytea NOT NULL CHECK (length(onnx) > 0)
);

-- Which model speaks for a series now. A pinned one stays, whatever is trained.
CREATE TABLE champions (
  place_kind text NOT NULL,
  category   text NOT NULL,
  model_id   uuid NOT NULL REFERENCES models,
  pinned     boolean NOT NULL DEFAULT false,
  pinned_by  uuid REFERENCES users ON DELETE SET NULL,
  since      timestamptz NOT NULL,
  PRIMARY KEY (place_kind, category),
  CHECK (pinned OR pinned_by IS NULL)
);

-- How that came to be: where a model is taken back, the one before it is found here.
CREATE TABLE champion_changes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  place_kind text NOT NULL,
  category   text NOT NULL,
  model_id   uuid NOT NULL REFERENCES models ON DELETE CASCADE,
  cause      text NOT NULL CHECK (cause IN ('first', 'gate', 'pin', 'unpin', 'roll_back', 'fall_back')),
  changed_by uuid REFERENCES users ON DELETE SET NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX champion_changes_series ON champion_changes (place_kind, category, id DESC);

-- The expected number of incidents of a place in a window. Rows of windows that are over go.
CREATE TABLE predictions (
  category     text NOT NULL,
  place        text NOT NULL,                  -- an H3 cell, or a municipality's code
  window_start timestamptz NOT NULL,
  window_end   timestamptz NOT NULL,
  place_kind   text NOT NULL,
  region       text REFERENCES areas,          -- of the place; what shapes are filtered by
  lat          double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon          double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  expected     double precision NOT NULL CHECK (expected >= 0),
  lower        double precision NOT NULL CHECK (lower >= 0),
  upper        double precision NOT NULL CHECK (upper >= lower),
  rank         integer NOT NULL CHECK (rank > 0),  -- among the region's places of its kind in the window, 1 = highest
  band         smallint NOT NULL CHECK (band BETWEEN 1 AND 5),
  reasons      jsonb NOT NULL,
  model_id     uuid NOT NULL REFERENCES models,
  cut_off      timestamptz NOT NULL,
  computed_at  timestamptz NOT NULL,
  valid_until  timestamptz NOT NULL,
  PRIMARY KEY (category, place, window_start),
  CHECK (window_end > window_start),
  CHECK (valid_until > computed_at AND valid_until <= window_end),
  CHECK (cut_off <= computed_at)
);
CREATE INDEX predictions_region ON predictions (region, category);
CREATE INDEX predictions_window ON predictions (category, window_start, place_kind);

-- The set that is in force: rows that it did not change keep the time at which they were computed.
CREATE TABLE prediction_sets (
  single      boolean PRIMARY KEY DEFAULT true CHECK (single),
  run_id      uuid NOT NULL,
  cut_off     timestamptz NOT NULL,
  computed_at timestamptz NOT NULL,
  changed     integer NOT NULL CHECK (changed >= 0),  -- rows that were written or deleted
  rows        integer NOT NULL CHECK (rows >= 0)
);

-- What a run has computed and not yet put in force; of no worth after a crash.
CREATE UNLOGGED TABLE prediction_drafts (
  run_id       uuid NOT NULL,
  category     text NOT NULL,
  place        text NOT NULL,
  window_start timestamptz NOT NULL,
  window_end   timestamptz NOT NULL,
  place_kind   text NOT NULL,
  region       text,
  lat          double precision NOT NULL,
  lon          double precision NOT NULL,
  expected     double precision NOT NULL,
  lower        double precision NOT NULL,
  upper        double precision NOT NULL,
  rank         integer NOT NULL,
  band         smallint NOT NULL,
  reasons      jsonb NOT NULL,
  model_id     uuid NOT NULL,
  cut_off      timestamptz NOT NULL,
  PRIMARY KEY (run_id, category, place, window_start)
);

ALTER TABLE job_runs REPLICA IDENTITY FULL;
ALTER TABLE models REPLICA IDENTITY FULL;
ALTER TABLE predictions REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE job_runs, models, predictions;

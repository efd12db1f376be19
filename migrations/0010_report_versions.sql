-- What a report said before it was amended, so that nothing is lost to its author.

ALTER TABLE reports ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);

CREATE TABLE report_versions (
  report_id   uuid NOT NULL REFERENCES reports ON DELETE CASCADE,
  version     integer NOT NULL CHECK (version > 0),
  reporter_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  type        incident_type NOT NULL,
  severity    smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
  occurred_at timestamptz NOT NULL,
  description text NOT NULL CHECK (length(description) <= 4000),
  lat         double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon         double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  accuracy_m  double precision CHECK (accuracy_m >= 0),
  replaced_by uuid NOT NULL,                     -- the mutation that amended it
  replaced_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (report_id, version)
);
CREATE INDEX report_versions_reporter ON report_versions (reporter_id);
ALTER TABLE report_versions REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE report_versions;

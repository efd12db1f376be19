-- Reports and the incidents that they describe.

CREATE TYPE incident_type AS ENUM (
  'theft', 'burglary', 'vehicle_theft', 'robbery', 'assault', 'homicide', 'shooting', 'explosion',
  'sexual_offence', 'threat', 'weapons', 'drugs', 'fraud', 'vandalism', 'arson', 'fire', 'traffic_accident',
  'traffic_offence', 'traffic_obstruction', 'disorder', 'trespass', 'missing_person', 'death', 'injury',
  'hazard', 'alarm', 'rescue', 'animal', 'environment', 'found_property', 'other'
);
CREATE TYPE report_source AS ENUM ('user', 'official', 'sensor');
CREATE TYPE report_status AS ENUM ('active', 'withdrawn');
CREATE TYPE location_precision AS ENUM ('point', 'district', 'municipality', 'county');
-- How an area was found: said by the source, or the area whose centre is nearest to the point.
CREATE TYPE area_basis AS ENUM ('declared', 'nearest_centre');
CREATE TYPE incident_status AS ENUM ('open', 'closed', 'merged');
CREATE TYPE verification AS ENUM ('unverified', 'corroborated', 'verified', 'disputed', 'dismissed');

-- Public rows only: no identity, and a location snapped to a cell of resolution 9 or an area's centre.
CREATE TABLE incidents (
  id                 uuid PRIMARY KEY,
  type               incident_type NOT NULL,
  severity           smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
  status             incident_status NOT NULL DEFAULT 'open',
  verification       verification NOT NULL DEFAULT 'unverified',
  confidence         double precision NOT NULL CHECK (confidence >= 0 AND confidence <= 1),
  occurred_at        timestamptz NOT NULL,
  lat                double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon                double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  location_precision location_precision NOT NULL,
  region             text REFERENCES areas,
  municipality       text REFERENCES areas,
  report_count       integer NOT NULL CHECK (report_count >= 0),
  reporter_count     integer NOT NULL CHECK (reporter_count >= 0),
  official           boolean NOT NULL DEFAULT false,
  merged_into        uuid REFERENCES incidents,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
  CHECK (merged_into <> id)
);
CREATE INDEX incidents_region_time ON incidents (region, occurred_at DESC);
ALTER TABLE incidents REPLICA IDENTITY FULL;

CREATE TABLE reports (
  id                 uuid PRIMARY KEY,
  source             report_source NOT NULL,
  reporter_id        uuid REFERENCES users ON DELETE SET NULL,
  device_id          uuid REFERENCES devices ON DELETE SET NULL,
  type               incident_type NOT NULL,
  raw_type           text CHECK (length(raw_type) <= 120),
  severity           smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
  occurred_at        timestamptz NOT NULL,
  -- What the device's clock said, kept as a claim; `clock_suspect` marks an absurd one.
  claimed_at         timestamptz,
  clock_suspect      boolean NOT NULL DEFAULT false,
  received_at        timestamptz NOT NULL DEFAULT now(),
  description        text NOT NULL DEFAULT '' CHECK (length(description) <= 4000),
  lat                double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon                double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  accuracy_m         double precision CHECK (accuracy_m >= 0),
  location_precision location_precision NOT NULL,
  region             text REFERENCES areas,
  municipality       text REFERENCES areas,
  area_basis         area_basis,
  status             report_status NOT NULL DEFAULT 'active',
  incident_id        uuid REFERENCES incidents,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  CHECK ((location_precision = 'point') = (accuracy_m IS NOT NULL)),
  CHECK ((region IS NULL) = (area_basis IS NULL))
);
CREATE INDEX reports_incident ON reports (incident_id);
CREATE INDEX reports_reporter ON reports (reporter_id, received_at DESC);
CREATE INDEX reports_near ON reports (type, lat, lon, occurred_at) WHERE status = 'active';
ALTER TABLE reports REPLICA IDENTITY FULL;

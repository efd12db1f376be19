-- Areas: the built-in gazetteer (Sweden's counties and municipalities), filled at start from server/areas.

CREATE TYPE area_kind AS ENUM ('county', 'municipality', 'district');

CREATE TABLE areas (
  code        text PRIMARY KEY CHECK (code ~ '^[0-9A-Za-z-]{2,32}$'),
  kind        area_kind NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  parent_code text REFERENCES areas,
  lat         double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon         double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  CHECK ((kind = 'county') = (parent_code IS NULL))
);
CREATE INDEX areas_parent ON areas (parent_code);

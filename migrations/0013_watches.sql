-- Places that a person watches, on all of his devices.

CREATE TABLE watches (
  id         uuid PRIMARY KEY,                   -- of the mutation that made it
  user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  lat        double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lon        double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  radius_m   double precision NOT NULL CHECK (radius_m BETWEEN 50 AND 50000),
  threshold  double precision NOT NULL CHECK (threshold BETWEEN 0 AND 1),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX watches_user ON watches (user_id);
ALTER TABLE watches REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE watches;

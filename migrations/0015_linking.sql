-- What linking looks things up by, and what it must remember.

-- The tile that a report lies in, as server/reports/tiles.ts numbers it. No generated column: since version 18 Postgres
-- refuses to change rows of a table with such a one and REPLICA IDENTITY FULL unless it is published.
CREATE FUNCTION tile_of(lat double precision, lon double precision) RETURNS integer
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN floor((lat + 90) * 50)::integer * 16384 + CASE
    WHEN abs(floor((lat + 90) * 50) - 4500) < 3300 THEN floor((lon + 180) * 25)::integer % 9000
    WHEN abs(floor((lat + 90) * 50) - 4500) < 4000 THEN floor((lon + 180) * 10)::integer % 3600
    WHEN abs(floor((lat + 90) * 50) - 4500) < 4400 THEN floor((lon + 180) * 2)::integer % 720
    ELSE 0
  END;
DROP INDEX reports_near;
CREATE INDEX reports_near ON reports (tile_of(lat, lon), occurred_at) WHERE status = 'active';

-- Reports that officers put together carry one pin, and those that they parted different ones.
ALTER TABLE reports ADD COLUMN pin uuid;
-- Some of its reports link with those of other incidents: it was cut from them.
ALTER TABLE incidents ADD COLUMN contested boolean NOT NULL DEFAULT false;

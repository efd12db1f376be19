-- Lists of a district's incidents, newest first.
CREATE INDEX incidents_district_time ON incidents (district, occurred_at DESC) WHERE district IS NOT NULL;

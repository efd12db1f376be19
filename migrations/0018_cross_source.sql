-- Official events of an area, and the incidents that people reported in it: which are one event.

CREATE TYPE match_state AS ENUM ('match', 'candidate', 'rejected');

CREATE TABLE incident_matches (
  official_id uuid NOT NULL REFERENCES incidents,  -- an incident that an official source told of, known by its area
  incident_id uuid NOT NULL REFERENCES incidents,  -- one that people reported, known by its place
  region      text REFERENCES areas,               -- of both: what the shape is filtered by
  state       match_state NOT NULL,
  probability double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
  decided_by  uuid REFERENCES users ON DELETE SET NULL,
  by_officer  boolean NOT NULL DEFAULT false,      -- the machine leaves it as it is
  decided_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (official_id, incident_id),
  CHECK (official_id <> incident_id),
  CHECK (state <> 'rejected' OR by_officer)
);
CREATE UNIQUE INDEX incident_matches_one_event ON incident_matches (official_id) WHERE state = 'match';
CREATE INDEX incident_matches_incident ON incident_matches (incident_id);
CREATE INDEX incident_matches_region ON incident_matches (region);
ALTER TABLE incident_matches REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE incident_matches;

ALTER TABLE incidents
  -- An official event of an area is the same as this one: its row is shown no more as one of its own.
  ADD COLUMN matched_to uuid REFERENCES incidents,
  -- An official event of its area is this one, and verifies it.
  ADD COLUMN matched boolean NOT NULL DEFAULT false,
  ADD CHECK (matched_to <> id);
CREATE INDEX incidents_official_time ON incidents (occurred_at) WHERE official AND location_precision <> 'point';

-- What the reports alone change is history, too. Officers' own decisions are written by those who make them.
CREATE FUNCTION keep_incident_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.verification IS DISTINCT FROM NEW.verification THEN
    INSERT INTO incident_transitions (id, incident_id, region, from_state, to_state, note)
    VALUES (gen_random_uuid(), NEW.id, NEW.region, OLD.verification, NEW.verification, '');
  END IF;
  IF OLD.status IS DISTINCT FROM NEW.status THEN
    INSERT INTO incident_transitions (id, incident_id, region, from_state, to_state, note)
    VALUES (gen_random_uuid(), NEW.id, NEW.region, OLD.status, NEW.status, '');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER incident_history AFTER UPDATE ON incidents FOR EACH ROW
  WHEN ((OLD.verification IS DISTINCT FROM NEW.verification OR OLD.status IS DISTINCT FROM NEW.status)
    AND OLD.verdict_at IS NOT DISTINCT FROM NEW.verdict_at AND OLD.ended_at IS NOT DISTINCT FROM NEW.ended_at)
  EXECUTE FUNCTION keep_incident_history();

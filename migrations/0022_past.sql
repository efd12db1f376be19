-- What happened so long ago that devices do not keep it.

ALTER TABLE incidents
  ADD COLUMN past boolean NOT NULL DEFAULT false,
  ADD COLUMN reopened_at timestamptz;            -- an officer has opened it again: only officers close it
ALTER TABLE reports ADD COLUMN past boolean NOT NULL DEFAULT false;
ALTER TABLE incident_transitions ADD COLUMN past boolean NOT NULL DEFAULT false;
ALTER TABLE comments ADD COLUMN past boolean NOT NULL DEFAULT false;
CREATE INDEX incidents_ageing ON incidents (occurred_at) WHERE NOT past AND reopened_at IS NULL;

-- As before, and what becomes past by itself is history that is past.
CREATE OR REPLACE FUNCTION keep_incident_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.verification IS DISTINCT FROM NEW.verification THEN
    INSERT INTO incident_transitions (id, incident_id, region, from_state, to_state, note, past)
    VALUES (gen_random_uuid(), NEW.id, NEW.region, OLD.verification, NEW.verification, '', NEW.past);
  END IF;
  IF OLD.status IS DISTINCT FROM NEW.status THEN
    INSERT INTO incident_transitions (id, incident_id, region, from_state, to_state, note, past)
    VALUES (gen_random_uuid(), NEW.id, NEW.region, OLD.status, NEW.status, '', NEW.past);
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER incident_history ON incidents;
CREATE TRIGGER incident_history AFTER UPDATE ON incidents FOR EACH ROW
  WHEN ((OLD.verification IS DISTINCT FROM NEW.verification OR OLD.status IS DISTINCT FROM NEW.status)
    AND OLD.verdict_at IS NOT DISTINCT FROM NEW.verdict_at AND OLD.ended_at IS NOT DISTINCT FROM NEW.ended_at
    AND OLD.reopened_at IS NOT DISTINCT FROM NEW.reopened_at)
  EXECUTE FUNCTION keep_incident_history();

-- What is looked up when somebody is forgotten, or when matches and merges are looked at.
CREATE INDEX reports_device ON reports (device_id) WHERE device_id IS NOT NULL;
CREATE INDEX comments_author ON comments (author_id) WHERE author_id IS NOT NULL;
CREATE INDEX comments_deleted_by ON comments (deleted_by) WHERE deleted_by IS NOT NULL;
CREATE INDEX incident_transitions_actor ON incident_transitions (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX incident_matches_decided_by ON incident_matches (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX incidents_matched ON incidents (id) WHERE matched;
CREATE INDEX incidents_merged_into ON incidents (merged_into) WHERE merged_into IS NOT NULL;

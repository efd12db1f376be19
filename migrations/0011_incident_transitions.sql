-- What officers decide about an incident. It stands beside what the reports say, and above it.

ALTER TABLE incidents
  ADD COLUMN verdict    verification CHECK (verdict IN ('verified', 'disputed', 'dismissed')),
  ADD COLUMN verdict_at timestamptz,
  ADD COLUMN ended_at   timestamptz,             -- an officer has closed it
  ADD CHECK ((verdict IS NULL) = (verdict_at IS NULL));

CREATE TABLE incident_transitions (
  id          uuid PRIMARY KEY,                  -- the mutation's own id
  incident_id uuid NOT NULL REFERENCES incidents,
  region      text REFERENCES areas,             -- the incident's, when it was decided
  actor_id    uuid REFERENCES users ON DELETE SET NULL,
  from_state  text NOT NULL CHECK (length(from_state) BETWEEN 1 AND 20),
  to_state    text NOT NULL CHECK (length(to_state) BETWEEN 1 AND 20),
  note        text NOT NULL CHECK (length(note) <= 1000),
  made_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX incident_transitions_incident ON incident_transitions (incident_id, made_at);
CREATE INDEX incident_transitions_region ON incident_transitions (region);
ALTER TABLE incident_transitions REPLICA IDENTITY FULL;
ALTER PUBLICATION halo ADD TABLE incident_transitions;

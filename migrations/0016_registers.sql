-- What is imported from registers.

-- The register that a report is an entry of. Two entries of one register are two events by its own word, and never link.
ALTER TABLE reports ADD COLUMN register text CHECK (length(register) BETWEEN 1 AND 40);
-- From when on the server could know of it: when it was received, or for what is imported afterwards, when its source says
-- that it was entered. A forecast for some time may use only what was known by then.
ALTER TABLE reports ADD COLUMN known_at timestamptz NOT NULL DEFAULT now();
UPDATE reports SET known_at = received_at;

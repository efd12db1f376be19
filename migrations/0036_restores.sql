-- locks: none; new tables only.
-- Which house this is, whatever database it is in: backups of several may lie in one place.
CREATE TABLE house (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  id     uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO house DEFAULT VALUES;

-- When this database was put back, and to which moment: what was settled between the two is forgotten here.
CREATE TABLE restores (
  id          uuid PRIMARY KEY,
  backup      text NOT NULL CHECK (length(backup) BETWEEN 1 AND 200),
  taken_at    timestamptz NOT NULL,
  restored_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX restores_time ON restores (restored_at DESC);

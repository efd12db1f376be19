-- What replication needs: the published tables, and the epoch that all positions in the log belong to.

-- One row. A new epoch makes every earlier position meaningless: clients fetch their shapes again, once.
CREATE TABLE replication_epoch (
  single     boolean PRIMARY KEY DEFAULT true CHECK (single),
  epoch      uuid NOT NULL DEFAULT gen_random_uuid(),
  started_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO replication_epoch DEFAULT VALUES;

ALTER TABLE areas REPLICA IDENTITY FULL;
CREATE PUBLICATION halo FOR TABLE areas, incidents, reports, ledger;

-- A shape is deleted by a row that is gone again in the same transaction: what counts is that the log has it, at one
-- place for all instances. The table is always empty.
CREATE TABLE deleted_shapes (
  shape text PRIMARY KEY
);
ALTER PUBLICATION halo ADD TABLE deleted_shapes;

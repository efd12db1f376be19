-- Areas by their outlines: districts of reports and incidents, and the third way in which an area is found.

-- A new label of an enumeration cannot be used in the transaction that adds it; no row is written with it here.
ALTER TYPE area_basis ADD VALUE 'polygon';

ALTER TABLE reports ADD COLUMN district text REFERENCES areas;
ALTER TABLE incidents ADD COLUMN district text REFERENCES areas;

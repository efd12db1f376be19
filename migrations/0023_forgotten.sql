-- What linking must know of reports besides what they say.

ALTER TABLE reports
  -- Its author has been forgotten, and where exactly it was: it links with nothing any more.
  ADD COLUMN forgotten boolean NOT NULL DEFAULT false,
  -- Reports that were one incident when one of them was forgotten share a name here, which keeps them one.
  ADD COLUMN held uuid,
  -- Its author had no account when he made it: such people count as one together.
  ADD COLUMN anonymous boolean NOT NULL DEFAULT false;
UPDATE reports SET anonymous = true FROM users WHERE users.id = reporter_id AND users.email IS NULL;

-- Reports that were withdrawn go with their incident when it merges. Those of earlier merges follow.
WITH RECURSIVE went AS (
  SELECT id, merged_into AS into_id FROM incidents WHERE merged_into IS NOT NULL
  UNION ALL
  SELECT went.id, next.merged_into FROM went JOIN incidents next ON next.id = went.into_id WHERE next.merged_into IS NOT NULL
)
UPDATE reports SET incident_id = went.into_id
FROM went JOIN incidents last ON last.id = went.into_id AND last.merged_into IS NULL
WHERE reports.incident_id = went.id AND reports.status = 'withdrawn';

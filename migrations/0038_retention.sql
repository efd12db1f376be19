-- locks: SHARE ROW EXCLUSIVE on reports, for as long as it takes to write the catalog: writers of reports wait for the foreign key.
-- Which reports hold no more than the public point of their cell, since they are older than exact places are kept. A table of its own:
-- a column of reports would make each follower of that table fetch it anew.

CREATE TABLE coarsened_reports (
  report_id uuid PRIMARY KEY REFERENCES reports ON DELETE CASCADE,
  -- Where it was put; an author who moves it since has said something new.
  lat       double precision NOT NULL,
  lon       double precision NOT NULL
);

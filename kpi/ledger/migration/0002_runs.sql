-- What set a run off, which try it was, who accepted an unexpected number of rows; and of a delivery of changes, where the next goes on.
ALTER TABLE load ADD COLUMN set_off TEXT NOT NULL DEFAULT '' CHECK (set_off IN ('', 'start', 'schedule', 'missed', 'person'));
ALTER TABLE load ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0);
ALTER TABLE load ADD COLUMN accepted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE load ADD COLUMN changes INTEGER NOT NULL DEFAULT 0 CHECK (changes IN (0, 1));
ALTER TABLE load ADD COLUMN cursor TEXT NOT NULL DEFAULT '';

-- How a source came, where it was fetched over a network: kpi.Fetch as JSON.
ALTER TABLE spool_file ADD COLUMN fetch TEXT NOT NULL DEFAULT '{}';

-- The history of a dataset is asked for in pages.
CREATE INDEX load_dataset ON load (dataset, id);

DROP TRIGGER load_identity;
CREATE TRIGGER load_identity BEFORE UPDATE OF id, cause, dataset, started, folder, as_of, set_off, attempt, accepted_by ON load
BEGIN SELECT raise(ABORT, 'what a load is does not change'); END;

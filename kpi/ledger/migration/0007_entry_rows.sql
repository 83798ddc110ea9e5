-- The rows of what people enter into datasets: up to 20,000 of them in a batch, so that they stand apart from its papers, once for each revision in which
-- they were changed. A list of batches reads none of them.
CREATE TABLE entry_rows (
    batch    INTEGER NOT NULL CHECK (batch >= 1),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    rows     TEXT    NOT NULL CHECK (json_valid(rows)),
    PRIMARY KEY (batch, revision)
) STRICT;

CREATE TRIGGER entry_rows_are_frozen BEFORE UPDATE ON entry_rows BEGIN SELECT raise(ABORT, 'what people typed never changes'); END;
CREATE TRIGGER entry_rows_stay BEFORE DELETE ON entry_rows BEGIN SELECT raise(ABORT, 'what people typed is never deleted'); END;

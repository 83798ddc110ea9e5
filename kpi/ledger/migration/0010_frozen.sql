-- The numbers as they were when a meeting's memo went out, and when it began: what was seen then. Kept once for each moment, and never changed. A memo that is
-- taken back and sent anew freezes the numbers anew; the newest ones are those of the memo.
CREATE TABLE frozen (
    id     INTEGER PRIMARY KEY,
    series TEXT    NOT NULL CHECK (series <> ''),
    slot   TEXT    NOT NULL CHECK (slot <> ''),
    stage  TEXT    NOT NULL CHECK (stage IN ('memo', 'meeting')),
    at     INTEGER NOT NULL,
    sha256 TEXT    NOT NULL CHECK (length(sha256) = 64),
    body   BLOB    NOT NULL
) STRICT;

CREATE INDEX frozen_meeting ON frozen (series, slot, stage, id);

CREATE TRIGGER frozen_is_frozen BEFORE UPDATE ON frozen BEGIN SELECT raise(ABORT, 'what was seen in a meeting never changes'); END;
CREATE TRIGGER frozen_stays BEFORE DELETE ON frozen BEGIN SELECT raise(ABORT, 'what was seen in a meeting is never deleted'); END;

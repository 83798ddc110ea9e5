-- Mail about meetings: to whom, what it said, and what became of it. One a meeting, sequence and person.
CREATE TABLE invitation (
    series   TEXT    NOT NULL CHECK (series <> ''),
    slot     TEXT    NOT NULL CHECK (slot <> ''),
    person   INTEGER NOT NULL REFERENCES person (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    starts   INTEGER NOT NULL,
    said     TEXT    NOT NULL CHECK (json_valid(said)),
    state    TEXT    NOT NULL CHECK (state IN ('sending', 'sent', 'failed')),
    tries    INTEGER NOT NULL CHECK (tries >= 1),
    again    INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)),
    at       INTEGER NOT NULL,
    error    TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (series, slot, person, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_starts ON invitation (starts);

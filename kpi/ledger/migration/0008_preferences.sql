-- What people choose for themselves. The trail says what they had chosen before.
CREATE TABLE preference (
    person  INTEGER PRIMARY KEY REFERENCES person (id),
    digest  TEXT    NOT NULL CHECK (digest <> ''),
    changed INTEGER NOT NULL
) STRICT;

-- Mail that was sent, or tried: one digest a person and day. And the secrets of links by which people end it.
CREATE TABLE digest (
    person INTEGER NOT NULL REFERENCES person (id),
    day    TEXT    NOT NULL CHECK (day <> ''),
    state  TEXT    NOT NULL CHECK (state IN ('sending', 'sent', 'failed')),
    tries  INTEGER NOT NULL CHECK (tries >= 1),
    again  INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)),
    at     INTEGER NOT NULL,
    error  TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (person, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX digest_at ON digest (at);

CREATE TABLE unsubscribe (
    hash    BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    person  INTEGER NOT NULL REFERENCES person (id),
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unsubscribe_person ON unsubscribe (person, created);

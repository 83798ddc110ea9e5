-- People who can sign in, what they may do, the links by which they set a password, their sessions; and the trail of what was changed.
CREATE TABLE person (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    email    TEXT    NOT NULL UNIQUE,
    name     TEXT    NOT NULL CHECK (name <> ''),
    lang     TEXT    NOT NULL DEFAULT '',
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created  INTEGER NOT NULL,
    seen     INTEGER,
    password TEXT    NOT NULL DEFAULT '',
    epoch    INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE held (
    person     INTEGER NOT NULL REFERENCES person (id),
    role       TEXT    NOT NULL,
    department TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (person, role, department)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
    hash    BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    person  INTEGER NOT NULL REFERENCES person (id),
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE identity (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    person  INTEGER NOT NULL REFERENCES person (id),
    since   INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash    BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    data    BLOB    NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_expires ON session (expires);

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    person  INTEGER REFERENCES person (id),
    name    TEXT    NOT NULL CHECK (name <> ''),
    action  TEXT    NOT NULL CHECK (action <> ''),
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    hash    BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER person_stays BEFORE DELETE ON person BEGIN SELECT raise(ABORT, 'people are disabled, never deleted'); END;
CREATE TRIGGER audit_is_frozen BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail never changes'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail never changes'); END;

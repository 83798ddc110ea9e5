-- What people type about the numbers: commentary, commitments, contested numbers, decisions, posts, rounds. Each save is a row more; none is changed.
CREATE TABLE paper (
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    id         INTEGER NOT NULL CHECK (id >= 1),
    revision   INTEGER NOT NULL CHECK (revision >= 1),
    at         INTEGER NOT NULL,
    person     INTEGER REFERENCES person (id),
    name       TEXT    NOT NULL CHECK (name <> ''),
    state      TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    department TEXT    NOT NULL,
    body       TEXT    NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (kind, id, revision)
) STRICT, WITHOUT ROWID;

CREATE INDEX paper_subject ON paper (kind, subject, id);

CREATE TRIGGER paper_order BEFORE INSERT ON paper
WHEN new.revision <> (SELECT coalesce(max(revision), 0) + 1 FROM paper WHERE kind = new.kind AND id = new.id)
BEGIN SELECT raise(ABORT, 'revisions follow each other'); END;
CREATE TRIGGER paper_is_frozen BEFORE UPDATE ON paper BEGIN SELECT raise(ABORT, 'what people typed never changes'); END;
CREATE TRIGGER paper_stays BEFORE DELETE ON paper BEGIN SELECT raise(ABORT, 'what people typed is never deleted'); END;

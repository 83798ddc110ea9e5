-- Files that show that commitments were kept. What each is stays for ever; its bytes stand apart, because they must be erased where a picture shows somebody who does
-- not want to be seen: whoever withdraws one says why, and with that the bytes are gone.
CREATE TABLE evidence (
    id         INTEGER PRIMARY KEY,
    commitment INTEGER NOT NULL CHECK (commitment >= 1),
    at         INTEGER NOT NULL,
    person     INTEGER REFERENCES person (id),
    name       TEXT    NOT NULL CHECK (name <> ''),
    shows      TEXT    NOT NULL CHECK (shows <> ''),
    lang       TEXT    NOT NULL CHECK (lang <> ''),
    file       TEXT    NOT NULL CHECK (file <> ''),
    type       TEXT    NOT NULL CHECK (type <> ''),
    size       INTEGER NOT NULL CHECK (size >= 1),
    sha256     TEXT    NOT NULL CHECK (length(sha256) = 64),
    width      INTEGER NOT NULL CHECK (width >= 0),
    height     INTEGER NOT NULL CHECK (height >= 0)
) STRICT;

CREATE INDEX evidence_commitment ON evidence (commitment, id);

CREATE TABLE evidence_bytes (
    evidence INTEGER PRIMARY KEY REFERENCES evidence (id),
    body     BLOB NOT NULL
) STRICT;

CREATE TABLE evidence_end (
    evidence INTEGER PRIMARY KEY REFERENCES evidence (id),
    at       INTEGER NOT NULL,
    person   INTEGER REFERENCES person (id),
    name     TEXT    NOT NULL CHECK (name <> ''),
    reason   TEXT    NOT NULL CHECK (reason <> '')
) STRICT;

CREATE TRIGGER evidence_is_frozen BEFORE UPDATE ON evidence BEGIN SELECT raise(ABORT, 'what evidence is never changes'); END;
CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence BEGIN SELECT raise(ABORT, 'that evidence was there is never deleted'); END;
CREATE TRIGGER evidence_end_is_frozen BEFORE UPDATE ON evidence_end BEGIN SELECT raise(ABORT, 'why evidence was withdrawn never changes'); END;
CREATE TRIGGER evidence_end_stays BEFORE DELETE ON evidence_end BEGIN SELECT raise(ABORT, 'why evidence was withdrawn is never deleted'); END;
CREATE TRIGGER evidence_bytes_are_frozen BEFORE UPDATE ON evidence_bytes BEGIN SELECT raise(ABORT, 'the bytes of evidence never change'); END;
CREATE TRIGGER evidence_bytes_stay BEFORE DELETE ON evidence_bytes
WHEN NOT EXISTS (SELECT 1 FROM evidence_end WHERE evidence = old.evidence)
BEGIN SELECT raise(ABORT, 'the bytes of evidence are erased by withdrawing it alone'); END;
CREATE TRIGGER evidence_bytes_come_once BEFORE INSERT ON evidence_bytes
WHEN EXISTS (SELECT 1 FROM evidence_end WHERE evidence = new.evidence)
BEGIN SELECT raise(ABORT, 'what was withdrawn does not come back'); END;
CREATE TRIGGER evidence_goes AFTER INSERT ON evidence_end BEGIN DELETE FROM evidence_bytes WHERE evidence = new.evidence; END;

CREATE TABLE city (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    id    TEXT    NOT NULL,
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE folder (
    version INTEGER PRIMARY KEY,
    hash    TEXT    NOT NULL,
    seen    INTEGER NOT NULL,
    body    BLOB    NOT NULL
) STRICT;

CREATE TABLE definition (
    indicator TEXT    NOT NULL,
    version   INTEGER NOT NULL CHECK (version >= 1),
    hash      TEXT    NOT NULL,
    folder    INTEGER NOT NULL REFERENCES folder (version),
    seen      INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    PRIMARY KEY (indicator, version)
) STRICT;

CREATE TABLE folder_definition (
    folder     INTEGER NOT NULL REFERENCES folder (version),
    indicator  TEXT    NOT NULL,
    definition INTEGER NOT NULL,
    PRIMARY KEY (folder, indicator),
    FOREIGN KEY (indicator, definition) REFERENCES definition (indicator, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE load (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    cause       TEXT    NOT NULL CHECK (cause IN ('load', 'definitions', 'as_of')),
    dataset     TEXT    NOT NULL CHECK ((dataset <> '') = (cause = 'load')),
    state       TEXT    NOT NULL CHECK (state IN ('open', 'staged', 'live', 'unchanged', 'failed', 'abandoned')),
    started     INTEGER NOT NULL,
    live_at     INTEGER CHECK ((live_at IS NOT NULL) = (state = 'live')),
    folder      INTEGER NOT NULL REFERENCES folder (version),
    as_of       TEXT    NOT NULL,
    source_hash TEXT    NOT NULL DEFAULT '',
    read        INTEGER NOT NULL DEFAULT 0,
    accepted    INTEGER NOT NULL DEFAULT 0,
    rejected    INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    new         INTEGER NOT NULL DEFAULT 0,
    restated    INTEGER NOT NULL DEFAULT 0,
    gone        INTEGER NOT NULL DEFAULT 0,
    checks      TEXT    NOT NULL DEFAULT 'null',
    warnings    TEXT    NOT NULL DEFAULT 'null',
    checksum    TEXT    NOT NULL DEFAULT '' CHECK (state <> 'live' OR checksum <> ''),
    error       TEXT    NOT NULL DEFAULT '' CHECK (state <> 'failed' OR error <> ''),
    CHECK (read = accepted + rejected + skipped)
) STRICT;

CREATE INDEX load_live ON load (dataset, id) WHERE state = 'live';

CREATE TABLE spool_file (
    load        INTEGER NOT NULL REFERENCES load (id),
    seq         INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    source_hash TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    modified    INTEGER,
    copy        TEXT    NOT NULL,
    rows        INTEGER NOT NULL,
    undeclared  TEXT    NOT NULL,
    PRIMARY KEY (load, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE publication (
    number       INTEGER PRIMARY KEY,
    published_at INTEGER NOT NULL,
    as_of        TEXT    NOT NULL,
    version      INTEGER REFERENCES load (id),
    folder       INTEGER NOT NULL REFERENCES folder (version),
    sha256       TEXT    NOT NULL,
    body         BLOB    NOT NULL
) STRICT;

CREATE TRIGGER city_update BEFORE UPDATE ON city BEGIN SELECT raise(ABORT, 'the ledger keeps its city'); END;
CREATE TRIGGER city_delete BEFORE DELETE ON city BEGIN SELECT raise(ABORT, 'the ledger keeps its city'); END;
CREATE TRIGGER folder_update BEFORE UPDATE ON folder BEGIN SELECT raise(ABORT, 'a folder version is never changed'); END;
CREATE TRIGGER folder_delete BEFORE DELETE ON folder BEGIN SELECT raise(ABORT, 'a folder version is never deleted'); END;
CREATE TRIGGER definition_update BEFORE UPDATE ON definition BEGIN SELECT raise(ABORT, 'a definition version is never changed'); END;
CREATE TRIGGER definition_delete BEFORE DELETE ON definition BEGIN SELECT raise(ABORT, 'a definition version is never deleted'); END;
CREATE TRIGGER folder_definition_update BEFORE UPDATE ON folder_definition BEGIN SELECT raise(ABORT, 'a folder version is never changed'); END;
CREATE TRIGGER folder_definition_delete BEFORE DELETE ON folder_definition BEGIN SELECT raise(ABORT, 'a folder version is never deleted'); END;
CREATE TRIGGER publication_update BEFORE UPDATE ON publication BEGIN SELECT raise(ABORT, 'a publication is never changed'); END;
CREATE TRIGGER publication_delete BEFORE DELETE ON publication BEGIN SELECT raise(ABORT, 'a publication is never deleted'); END;
CREATE TRIGGER load_delete BEFORE DELETE ON load BEGIN SELECT raise(ABORT, 'a load is never deleted'); END;
CREATE TRIGGER load_update BEFORE UPDATE ON load WHEN old.state NOT IN ('open', 'staged')
BEGIN SELECT raise(ABORT, 'a load that has ended is never changed'); END;
CREATE TRIGGER load_identity BEFORE UPDATE OF id, cause, dataset, started, folder, as_of ON load
BEGIN SELECT raise(ABORT, 'what a load is does not change'); END;
CREATE TRIGGER spool_file_update BEFORE UPDATE ON spool_file BEGIN SELECT raise(ABORT, 'a kept copy is never changed'); END;
CREATE TRIGGER spool_file_delete BEFORE DELETE ON spool_file BEGIN SELECT raise(ABORT, 'a kept copy is never deleted'); END;

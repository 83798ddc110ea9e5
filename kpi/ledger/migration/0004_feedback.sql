-- What residents wrote. It is never changed; what became of it is a row of feedback_end.
CREATE TABLE feedback (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT    NOT NULL UNIQUE,
    received  INTEGER NOT NULL,
    lang      TEXT    NOT NULL,
    about     TEXT    NOT NULL,
    indicator TEXT    NOT NULL,
    district  TEXT    NOT NULL,
    body      TEXT    NOT NULL CHECK (body <> '')
) STRICT;

CREATE INDEX feedback_indicator ON feedback (indicator, id);

-- The addresses stand apart: they are the only thing in the ledger that is deleted, when the feedback has ended or was not answered for long.
CREATE TABLE feedback_email (
    feedback INTEGER PRIMARY KEY REFERENCES feedback (id),
    address  TEXT    NOT NULL CHECK (address <> '')
) STRICT;

-- Answers, which are public, and closings, which are not.
CREATE TABLE feedback_end (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    feedback INTEGER NOT NULL UNIQUE REFERENCES feedback (id),
    state    TEXT    NOT NULL CHECK (state IN ('answered', 'closed')),
    at       INTEGER NOT NULL,
    heard    TEXT    NOT NULL DEFAULT '' CHECK ((heard <> '') = (state = 'answered')),
    said     TEXT    NOT NULL DEFAULT '' CHECK ((said <> '') = (state = 'answered')),
    lang     TEXT    NOT NULL DEFAULT '' CHECK ((lang <> '') = (state = 'answered')),
    by_whom  TEXT    NOT NULL DEFAULT '' CHECK ((by_whom <> '') = (state = 'answered')),
    reason   TEXT    NOT NULL DEFAULT '' CHECK ((reason <> '') = (state = 'closed'))
) STRICT;

CREATE TRIGGER feedback_update BEFORE UPDATE ON feedback BEGIN SELECT raise(ABORT, 'feedback is never changed'); END;
CREATE TRIGGER feedback_delete BEFORE DELETE ON feedback BEGIN SELECT raise(ABORT, 'feedback is never deleted'); END;
CREATE TRIGGER feedback_end_update BEFORE UPDATE ON feedback_end BEGIN SELECT raise(ABORT, 'an answer is never changed'); END;
CREATE TRIGGER feedback_end_delete BEFORE DELETE ON feedback_end BEGIN SELECT raise(ABORT, 'an answer is never deleted'); END;
CREATE TRIGGER feedback_email_update BEFORE UPDATE ON feedback_email BEGIN SELECT raise(ABORT, 'an address is deleted, never changed'); END;
CREATE TRIGGER feedback_email_late BEFORE INSERT ON feedback_email WHEN EXISTS (SELECT 1 FROM feedback_end WHERE feedback = new.feedback)
BEGIN SELECT raise(ABORT, 'feedback that has ended keeps no address'); END;
CREATE TRIGGER feedback_end_email AFTER INSERT ON feedback_end BEGIN DELETE FROM feedback_email WHERE feedback = new.feedback; END;

-- When a load ended, and in which step it failed; unknown of those before.
ALTER TABLE load ADD COLUMN ended INTEGER;
ALTER TABLE load ADD COLUMN failed_at TEXT NOT NULL DEFAULT '';

// Package ledger is the store of what can never be rebuilt: which folder the city had when, what each indicator meant when, which
// loads are live, and what was published. It is SQLite (the most tested store there is) and the only importer of its driver.
//
// The warehouse holds rows and observations and may be thrown away; a data version in it is visible only once the ledger calls it
// live. [DB.Live] is the single commit point of a load.
//
// # Schema
//
// The tables, as migration/*.sql make them. Every time is an INTEGER of nanoseconds since 1970 in UTC: it sorts as time does,
// without a format to disagree about. Days are TEXT 2006-01-02. Bodies are JSON compressed with Zstandard.
//
//	city               one row: the id of the city that this data directory belongs to. Another city's folder is refused.
//	folder             version 1, 2, 3 …, the folder's hash, when it was first seen, the whole kpi.City as JSON. A folder that goes
//	                   back to an earlier text is a new version: versions are what was in force from when, not a set of texts.
//	definition         (indicator, version): the definition versions, with the hash of what they measure, the folder in which they
//	                   first stood, when that was seen and the indicator's text as JSON.
//	folder_definition  which definition version of each indicator a folder holds.
//	load               one row a data version, kpi.Load: open → staged → live, or → unchanged, failed, abandoned. Ids are never
//	                   given twice, not even after a failure. set_off is its Trigger, accepted_by its Accepted.
//	spool_file         the kept copies of a load, in order: kpi.SpoolFile; fetch is its Fetch as JSON.
//	publication        number 1, 2, 3 …: the frozen bytes of a scorecard and their SHA-256, the as-of date, data version and folder.
//	feedback           what residents wrote: kpi.Feedback without its address and without what became of it.
//	feedback_email     the address of feedback that waits.
//	feedback_end       number 1, 2, 3 …: the public answer to feedback, or why it will not be answered; one at most.
//
// Triggers forbid UPDATE and DELETE of folders, definitions, publications, feedback and answers, DELETE of loads, and any change to a load
// that has come to its end (live, unchanged, failed, abandoned), so what was once true for a reader stays so.
//
// Addresses of feedback are the one thing that is deleted: with the answer, and after [kpi.KeepEmail] at the latest. What is deleted is
// overwritten with zeros (secure_delete), and the write-ahead log is emptied. Backups that were made before keep it.
//
// # Known-at
//
// [DB.City], [DB.Visible] and [DB.LastLive] take the clock known-at: they answer as they would have answered then. For that to be
// sound both clocks only go forward: a folder is never seen before the newest one, and a load never becomes live before an earlier
// one did; if the machine's clock is set back, the newest time in the ledger is used again. Data versions become live in order: once
// version 7 is live, version 6 cannot.
//
// # Durability
//
// WAL with synchronous=FULL: a transaction that returned is on the disk. There is one writing connection, whose transactions begin
// IMMEDIATE, so no writer finds out at its commit that another was first; readers have connections of their own and never wait for
// it. The file is made with mode 0600 in a directory of mode 0700. Migrations are numbered files, each in a transaction of its own;
// PRAGMA user_version is the number of the last one. A ledger that a newer program has written is refused, never guessed at.
//
// # Copies
//
// [Copy] writes the ledger as it is at one moment to another file while people write, from this process or another; [Look] reads what such a file holds, of
// any schema, without changing it, and [Export] writes all of it as plain files. Before a migration the ledger is copied to ledger.db.before-N, where N is
// the schema that it had: the way back to the older program. [DB.ForgetCopies] deletes such a copy after 30 days. After a backup was restored, [DB.Restored]
// ends what let people in before.
package ledger

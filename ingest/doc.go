// Package ingest brings a city's datasets in: one run of one dataset is fetch → spool → stage → check → commit → live, and ends with a
// [Report]. Whatever goes wrong, the last good numbers stay.
//
// # Order of a load
//
//  1. The ledger opens the load, with what set it off, and hands out its data version.
//  2. A connector makes canonical copies of the sources and sets broken rows aside. If the dataset is still read in the same way it is told of the last
//     live load: a source may then say that it is as it was, or deliver what has changed since.
//  3. Nothing came that the last live load has not brought, read in the same way, with the same definitions: "unchanged", nothing more to do. The
//     cursor of changes stays with the load that brought rows; asking from there again is harmless, since rows are told apart by their key.
//  4. The [Spool] keeps the copies (fsync, rename, fsync of the directory) and the rows that were set aside; the ledger notes them.
//  5. The warehouse loads the copies in one transaction and commits.
//  6. What it counted must be what the connector counted.
//  7. The ledger calls the load live. Only now anybody sees it.
//
// A program that ends anywhere in between leaves a load that the ledger does not call live. [Runner.Reconcile] takes whatever the
// warehouse holds of it away at the next start. One that is asked to end notes the load as abandoned; a delivery that is wrong is a failed one.
//
// # When the folder reads rows in another way
//
// The rows that are visible were read in the old way. The next good delivery is fetched whole and read in the new one. Until it comes,
// [Runner.Refresh] reads the kept copies anew, if connectors would have made them in the same way and they hold exactly the columns that are declared now:
// those of the last load that brought everything, and of all changes since. What cannot be read anew keeps its numbers by its old definitions
// ([Countable]); the other datasets, and a new day, are computed all the same.
//
// # What is kept
//
//	spool/ab/<sha256>.csv.s2        canonical copies, named by the hash of their uncompressed bytes (.csv.zst from an older CityStat)
//	spool/rejects/<load>.json.zst   the rows that a connector set aside in a load; no file if there were none
//	spool/tmp/                      plain copies while they are read; emptied at the start
//
// [Runner.Rebuild] makes the warehouse anew from these and the ledger, with the same data versions, and compares every checksum.
package ingest

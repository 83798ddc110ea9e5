// Package ingest brings a city's datasets in: one run of one dataset is fetch → spool → stage → check → commit → live, and ends with a
// [Report]. Whatever goes wrong, the last good numbers stay.
//
// # Order of a load
//
//  1. The ledger opens the load and hands out its data version.
//  2. A connector makes canonical copies of the sources and sets broken rows aside.
//  3. The same sources, read in the same way, with the same definitions as in the last live load: "unchanged", nothing more to do.
//  4. The [Spool] keeps the copies (fsync, rename, fsync of the directory) and the rows that were set aside; the ledger notes them.
//  5. The warehouse loads the copies in one transaction and commits.
//  6. What it counted must be what the connector counted.
//  7. The ledger calls the load live. Only now anybody sees it.
//
// A program that ends anywhere in between leaves a load that the ledger does not call live. [Runner.Reconcile] takes whatever the
// warehouse holds of it away at the next start.
//
// # What is kept
//
//	spool/ab/<sha256>.csv.s2        canonical copies, named by the hash of their uncompressed bytes (.csv.zst from an older CityStat)
//	spool/rejects/<load>.json.zst   the rows that a connector set aside in a load; no file if there were none
//	spool/tmp/                      plain copies while they are read; emptied at the start
//
// [Runner.Rebuild] makes the warehouse anew from these and the ledger, with the same data versions, and compares every checksum.
package ingest

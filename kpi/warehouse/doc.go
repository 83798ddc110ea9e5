// Package warehouse keeps the rows of a city's datasets and the observations made of them, in DuckDB. It alone imports the driver. Everything
// in it can be made again from the spool; the ledger says which data versions are live.
//
// # Who may do what
//
// One process has the data directory (a lock on a file of its own), one transaction writes at a time, a few read; each sees one state
// of the whole. A writing transaction either commits whole or leaves nothing: it poisons itself at its first error. DuckDB reaches the spool and
// the export directory and nothing else, and its configuration is locked ([Open]). After a fatal error, or a commit that
// found no room, the warehouse is unready until the next operation has opened it again, which it tries ever less often while it cannot.
//
// # Tables
//
//	data_version  the versions that are here: cause, dataset, as-of date, counts
//	load_file     the files of a load, by number
//	row_table     which table holds a dataset's rows, by the hash of how they were read
//	row_…         the rows of a dataset; see below
//	place         which district a name in a row table means
//	reject        rows that were refused, with file, line, column, reason, the mend and the field as it came
//	observation   values of indicators, with the rows left out by reason
//	tallied       of which version and day, and by which definitions, the counts in tally are
//	tally         what was counted of each indicator the last time, exactly: a convenience; see below
//	migration     the schema's own history
//
// There is no table of periods: an observation carries the period's id, and the bounds are made by [kpi.Calendar] whenever rows are counted and
// given to the query as a table. There are no indexes, foreign keys, upserts or defaults that are functions, for which DuckDB has
// no crash-safe answer.
//
// # Identities
//
// A row version is (dataset, key, _from): the version that opened it, until the version _to that closed it. A row is visible at version v if _from
// is at most v and _to is null or greater. An observation is (indicator, definition version, period, dimension, member, from_version), and is visible in the
// same way. What a load leaves as it was stays open, so the past costs little and every number can be asked for as it was known at any time.
//
// A row table has the columns _from, _to, _file and _line (where the row stood in the load that opened it), and every declared column under its
// own name; declared names begin with a letter, so they never meet ours. A district column x is kept as _raw_x, the name as the source writes it: what
// the name means stands in place, and x itself, the district's id or one of [kpi.MemberNotRecorded] and [kpi.MemberNotRecognised], is joined to the
// rows when they are read. Timestamps are UTC without a zone; _twice has a bit for each that fell into an hour that clocks show twice. A row that was
// refused when a table was first filled stays with its _fault and the field as it came, _raw, and is closed by the version that opened it: it is
// visible at no version. _twice has a bit for each text too out of which characters were taken that nobody can see.
//
// When the folder comes to read a dataset in another way ([kpi.Dataset].Hash changes, which covers the districts), its rows have to be loaded anew into
// another table ([RereadError]); the old table keeps the history.
//
// # The way of a load
//
//  1. The canonical copies are surveyed: header by name, lines and line numbers counted. DuckDB reads in parallel only where no line end stands inside
//     quotes, which it would take for the end of a row, and what it read must have the same count and numbers.
//  2. One statement reads them as text, by the order of their own header, and types them: trimmed, through lists of values, by declared formats,
//     wall-clock times to UTC with the zone's own table of clock changes. What cannot be typed is a fault with the field as it came. A first load goes
//     straight into the row table, a later one into a temporary table to be compared.
//  3. District names are looked up, each once. Checks, limits and the sum of the counts are asked. Row versions are closed and opened; then it is
//     asked whether what is visible is fresh.
//  4. The indicators of the dataset are computed and stored where they say something new. Only the rows that have changed are looked at, where that will do.
//
// A delivery of changes goes the same way, with one difference: a visible row whose key is not in it stays, and so does one whose restatement
// is refused. Its limits on the number of rows are asked of the visible rows. It must follow on the last load of the dataset, read in the same way.
//
// # How fields are read
//
// As the column declares, and in no other way: nothing is guessed, nothing depends on the machine or on other rows, and what does not fit is refused
// with its reason. In order:
//
//   - White space at the ends goes, no-break spaces too. In columns of text (and before a list of values) characters that nobody can see or that
//     turn the direction of writing go as well, every kind of space becomes the plain one and accents are composed (NFC): two names that look
//     alike are one key, one value of a list, one district. How many values lost characters is a warning.
//   - What NullIs lists, and nothing at all, is a blank: null, or refused if it must not be. A blank is never 0.
//   - The whole text must match Pattern.
//   - A list of values replaces it, by OthersAre if it is not listed.
//   - Numbers: ASCII digits, with - or U+2212 before them; a decimal point, or a comma if declared; thousands, signs and parentheses if declared (number.go
//     has the grammar). Finite and below 1e18. Without a declared mark of thousands nothing is taken for one: 1.234 is a little more than one, and
//     with a decimal comma it is refused.
//   - Dates and times: by the declared formats in order, else by ISO 8601 (moment.go has the rest: days of spreadsheets, seconds, years of two digits).
//     24:00 and :60 are refused. Wall-clock times are of the column's zone: in the hour that clocks skip there is none, and of the two hours that they
//     show twice the earlier one is meant, which is a warning.
//   - Years from 1583 to 9999.
//
// # How checks are asked
//
// Those of single rows first, in one scan; then exists, against what was visible of the other dataset when the load began; then unique. Each is asked of
// the rows that the ones before left. fresh is asked of what is visible at last, and of days until the as-of date alone. All that fail are named at once, except
// that fresh comes after the others. exists fails the load if the other dataset was never loaded, whatever its else.
//
// # How rows become observations
//
// Exactly as [kpi.Measure] says. All indicators of a dataset with the same date column and length of period are found in one scan. Every
// row gets its class for each of them (no part, counted, holds, excluded for a reason); the classes are packed into integers and the rows counted
// by period, member and these. Numerators, denominators, rows and reasons are then sums of counts, and sums of values are exact to twelve decimals, so
// the answer does not depend on the order of rows or the number of threads.
//
// A share needs no value: what is not known to hold does not hold. For the other measures of something a row without a value is excluded. Flows and
// rates are 0 in every period from the first with a counted row in the city to the one that holds the as-of day, and in the total, for the city, for its
// districts and for every other member that occurs in the dataset. Other measures have an observation where a row takes part, with no value if none is
// counted. The total of the whole city is always there. The residents of a rate are those that the folder names today, in every period.
//
// What cannot be added up has scans of its own. Medians and percentiles are DuckDB's, of type 7. What there was on the last day of a period takes two: the
// newest moment, then the rows of its day. The cases of a duration are gathered by member and put in order in Go, for Kaplan and Meier's estimate: all of
// them are in memory at once, eight bytes for each, and as much again for each dimension.
//
// # Working days
//
// They are those of the half-open stretch [from, to), in the dataset's zone for timestamps, and follow from the city's weekend and holidays by arithmetic
// and one look into a list that is bound once: a million rows take a tenth of a second. SQL says what [kpi.Workdays] says. Parts of an expression that are
// asked for more than once, such as the day of a timestamp, are worked out once for each row ([scope.once]).
//
// # What is counted anew
//
// What was counted the last time is kept cell by cell: rows by class, exact sums, quantiles. The next load, or new day, takes out of it the rows that it has
// closed, as they were counted then, and puts in those that it has opened, as they are counted now. On another day it does both with the rows that the day
// may judge in another way. Where as_of stands on one side of a comparison these are the rows whose other side lies between the two days; an indicator in
// which as_of stands elsewhere, as in days_between(opened, as_of), is counted anew. What cannot be added up is found anew in the periods that such a row was
// taken out of or put into (of durations, on another day, in those with an open case too) and over all periods.
//
// Observations are made of the cells in the same way however they came about, so they are the same to the last bit; [DB.Observe] never looks at what is
// kept. It is used for an indicator whose definition, calendar, zone, dimensions and row table are what they were, and of the version that the dataset was
// last counted at. Everything else is counted anew, and so is everything where more than half of the rows have changed, where a version was taken
// back, or where the rows that were counted are not as many as are visible.
package warehouse

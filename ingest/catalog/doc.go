// Package catalog reads and checks the folder in which a city describes itself: city.yaml, one file a dataset, the translations, the
// map of the districts. [Load] returns the city, or every mistake of the folder at once, each with file, line, column, what is wrong
// and the mend; it never stops at the first one, and it does not report what merely follows from a mistake that it has reported.
//
// # What the folder may say
//
// The keys of every part are listed in the shapes (shapes.go); a key that is not listed is a mistake. Beside what a shape tells:
//
//   - A value in YAML is text unless its key wants something else. Numbers are written 80 or 71.2, never in quotes, with a leading zero
//     or with separators; shares as "30%"; dates as 2015-06-30; true and false as true and false.
//   - Durations are a whole number and a unit: hours, days, weeks or months. A week is 7 days and a month 30 days: they say how often
//     data should come and when a number settles, not where in the calendar something lies.
//   - Anchors and aliases may be used; merge keys, tags, directives and several documents in a file may not.
//   - Two columns may read the same column of the source (the city's own word and a list of ours, say). A column that is declared
//     cannot be dropped as well.
//   - A column of the key refuses blanks without being told.
//   - A date or timestamp without a format is read as ISO 8601 writes it, and in no other way: nobody guesses whether 03/04 is in March.
//   - Path globs are those of [io/fs.Glob], match at least one file and stay within the folder, symbolic links included.
//   - Names and other texts are brought to Unicode's composed form (NFC). What is compared with rows (values, headers) is taken as it is.
//
// Hidden files, README.md and everything under the folder that is no YAML is none of this package's business.
package catalog

// Package connector brings the source of a dataset into the spool, one file a kind of source. A connector trusts nothing: what it
// lets through is a canonical copy that the warehouse can read with an explicit dialect, all columns as text; what it does not is
// either a row that is set aside with a reason (kpi.Reject), or a reason why the whole delivery is refused, so that the last good
// data stay.
//
// # The canonical copy
//
// CSV in UTF-8, line ends LF, delimiter comma, quote ", quotes doubled, quoted only where needed. The header is _line followed by the
// declared columns that are not dropped, in the order of the source; each record begins with the physical line of the source on
// which it began (1-based). One source file makes one copy, named by the SHA-256 of its bytes, plain for the warehouse to read and
// compressed with S2 to keep.
//
// # Rows that are set aside
//
//	field_count   another number of fields than the header
//	invalid_utf8  bytes that are no UTF-8
//	nul           a NUL byte
//	stray_quote   a quote inside an unquoted field, or text after a closing quote
//	stray_cr      a carriage return alone inside an unquoted field: two rows may have run together
//
// and of workbooks
//
//	cell_error        a cell that holds an error, such as #DIV/0!
//	formula_no_value  a formula whose result was not saved with it
//	merged_cell       a cell that is merged with another one, which holds the value of both
//
// They keep file, line, column and reason, and the row as it came (at most 1 kB) unless the source has columns that are not kept:
// what nobody declared or what is dropped is not kept in a reject either. Records = rows in the copy + rejects + blank lines, always.
package connector

import (
	"context"
	"io/fs"
	"iter"

	"citystat/kpi"
)

// Limits bound what a source may be. A zero field takes the value of DefaultLimits.
type Limits struct {
	Field     int   // bytes of a field
	Record    int   // bytes of a record
	Columns   int   // columns of the header
	Bytes     int64 // bytes of a file after decompression
	Ratio     int64 // times that a file may grow by decompression, once it is beyond RatioFrom
	RatioFrom int64 // bytes
	Rejects   int   // rows set aside in a delivery: more than these means that the dialect is declared wrong
	Columnar  int64 // bytes of JSON in parallel arrays, of which all must be in memory at once
	Members   int   // entries of a ZIP archive or a workbook
}

// DefaultLimits are far above any table that a city publishes and far below what hurts the machine.
var DefaultLimits = Limits{
	Field: 1 << 20, Record: 4 << 20, Columns: 2000,
	Bytes: 64 << 30, Ratio: 100, RatioFrom: 10 << 20,
	Rejects: 100_000, Columnar: 128 << 20, Members: 10_000,
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	set(&d.Field, l.Field)
	set(&d.Record, l.Record)
	set(&d.Columns, l.Columns)
	set(&d.Bytes, l.Bytes)
	set(&d.Ratio, l.Ratio)
	set(&d.RatioFrom, l.RatioFrom)
	set(&d.Rejects, l.Rejects)
	set(&d.Columnar, l.Columnar)
	set(&d.Members, l.Members)
	return d
}

func set[T int | int64](to *T, v T) {
	if v > 0 {
		*to = v
	}
}

// Request asks for one delivery of a dataset.
type Request struct {
	Folder   fs.FS        // the city folder
	Dataset  *kpi.Dataset // its source, columns and drops are read
	Dir      string       // an existing directory for the copies and for what is fetched; what is fetched is gone when Read returns
	Limits   Limits
	Progress func(kpi.Progress) // may be nil; step fetch, unit bytes of the source

	Network  *Network // how to reach other machines; nil: not at all
	Previous kpi.Load // the last live load if the dataset is still read in the same way, else zero: a delivery of changes goes on from its Cursor
	Place    Placer   // finds the district of coordinates; nil: there is no map
	Recorded Recorded // what the program itself records; nil: nothing
	Entries  Entries  // what people have entered; nil: nothing
	Same     Same     // when two fields of a key mean the same; nil: letter by letter
}

// Placer returns the id of the district in which a place lies, "" if in none.
type Placer func(longitude, latitude float64) string

// Recorded gives the rows of what the program itself records, by the name of a table.
type Recorded interface {
	// Table returns the columns of a table and its rows. It fails with kpi.CodeNotFound if there is none of that name, naming those that
	// there are.
	Table(ctx context.Context, name string) (columns []string, rows iter.Seq2[[]string, error], err error)
}

// Entries gives what people have entered.
type Entries interface {
	// Entered returns the batches of a dataset that count, with their rows, in the order in which they were entered.
	Entered(ctx context.Context, dataset string) ([]kpi.EntryBatch, error)
}

// Same returns one text for all fields of a column that mean the same, such as a day in two formats or two names of a district.
type Same func(c *kpi.Column, field string) string

// Result is a delivery that was let through.
type Result struct {
	Files         []File
	SourceHash    string       // SHA-256 over the hashes of the sources, in order
	Rejects       []kpi.Reject // rows that were set aside, in the order of the sources; Load is 0
	Read, Skipped int64        // records, and those of them that are blank lines
	Warnings      []string

	NotModified bool   // the source says that it is as it was in Request.Previous: there are no files
	Changes     bool   // the delivery holds only rows that are new or changed; it may hold none
	Cursor      string // where the next delivery of changes goes on
}

// File is one copy in Request.Dir.
type File struct {
	kpi.SpoolFile
	Plain      string // path of the plain copy: <hash>.csv
	Compressed string // path of the compressed copy: <hash>.csv.s2
}

// Reasons for which a row is set aside.
const (
	ReasonFieldCount  = "field_count"
	ReasonInvalidUTF8 = "invalid_utf8"
	ReasonNUL         = "nul"
	ReasonStrayQuote  = "stray_quote"
	ReasonStrayCR     = "stray_cr"
	ReasonCellError   = "cell_error"
	ReasonNoValue     = "formula_no_value"
	ReasonMergedCell  = "merged_cell"
	ReasonDuplicate   = "duplicate"
)

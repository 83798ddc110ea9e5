package kpi

import (
	"fmt"
	"strings"
	"time"
)

// EntryState is where a batch of entries stands.
type EntryState string

// The states. What was typed or uploaded is looked at first (draft: every row with what is wrong with it), then entered; an entry may be undone, and what
// was there before holds again.
const (
	EntryDraft     EntryState = "draft"
	EntryEntered   EntryState = "entered"
	EntryUndone    EntryState = "undone"
	EntryDiscarded EntryState = "discarded" // a draft that nobody wants
)

// Bounds of a batch. They are far above what a department types, and what it keeps in a spreadsheet that it fills in by hand; what is larger is loaded
// from a file.
const (
	MaxEntryRows = 20_000
	MaxEntryText = 16 << 20  // bytes of all fields
	MaxEntryFile = 5_000_000 // bytes of a spreadsheet
	MaxEntryNote = 2000      // letters
)

// EntryBatch is what a person typed or uploaded at once into a dataset whose source is kind entry.
type EntryBatch struct {
	Stamp
	Dataset    string     `json:"dataset"`
	Department string     `json:"department,omitempty"` // that answered for the dataset when the batch was begun
	State      EntryState `json:"state"`
	File       string     `json:"file,omitempty"`     // name of the spreadsheet; empty: typed
	Hash       string     `json:"hash,omitempty"`     // SHA-256 of the spreadsheet
	Note       string     `json:"note,omitempty"`     // for those who look after the data; never public
	Rows       []EntryRow `json:"rows,omitempty"`     // nil in a list of batches
	Count      int        `json:"count"`              // rows that are not left out
	Kept       int        `json:"kept,omitempty"`     // the revision with which the rows were kept
	Entered    time.Time  `json:"entered,omitzero"`   // when it began to count
	Turn       int64      `json:"turn,omitempty"`     // its place among the batches of the dataset that count: a later one revises those before it
	Warnings   []string   `json:"warnings,omitempty"` // what reading the spreadsheet said
	Why        string     `json:"why,omitempty"`      // it was undone
}

// EntryRow is one row, as text in the form in which the dataset's columns declare it.
type EntryRow struct {
	Line   int64             `json:"line"`            // of the spreadsheet; of what was typed 1, 2 …
	Fields map[string]string `json:"fields"`          // by the column's name in the source's header ([Column.From])
	Out    bool              `json:"out,omitempty"`   // somebody left it out: it does not count
	Fault  *EntryFault       `json:"fault,omitempty"` // the spreadsheet does not say what it holds, such as a cell with an error
}

// EntryFault is what is wrong with a row.
type EntryFault struct {
	Line   int64  `json:"line,omitempty"`
	Column string `json:"column,omitempty"` // the source's; empty: the whole row
	Reason string `json:"reason"`           // as of [Reject]
	Detail string `json:"detail"`
	Raw    string `json:"raw,omitempty"`
}

// EntryPreview is what a load would bring if a batch were entered. Nothing of it is kept.
type EntryPreview struct {
	Counts   Counts
	Faults   []EntryFault  // of rows of the batch, by line
	Others   int64         // refused rows that were there before
	Checks   []CheckResult // that do not hold
	Warnings []string
	Failed   string // why the load would fail, so that the last good numbers stay; empty: it would not
	Changes  []ValueChange
}

// ValueChange is an observation before and after. A value that is nil is not there, or cannot be said.
type ValueChange struct {
	Indicator, Period, Dimension, Member string
	Was, Now                             *float64
}

// Entries is the name of the copy that holds what people entered, as the files of a load have theirs.
const Entries = "entries"

const entryLines = 10_000_000 // more than a spreadsheet has

// EntryLine is the number of a row in the copy that holds what people entered: of its batch, and of its line there.
func EntryLine(batch, line int64) int64 { return batch*entryLines + line }

// EntryOf returns the batch and the line of which [EntryLine] made a number.
func EntryOf(n int64) (batch, line int64) { return n / entryLines, n % entryLines }

// Size returns the bytes of all fields of a batch.
func (b *EntryBatch) Size() int {
	n := 0
	for _, r := range b.Rows {
		for _, f := range r.Fields {
			n += len(f)
		}
	}
	return n
}

// WriteDay writes a day as a column declares its days, and reports whether it can: by formats of whole years, months and days in digits.
func (c *Column) WriteDay(d Date) (string, bool) {
	if len(c.Values) > 0 {
		return "", false
	}
	if c.Format == "" {
		return d.String(), true
	}
	for _, f := range append([]string{c.Format}, c.Formats...) {
		s := strings.NewReplacer("%Y", fmt.Sprintf("%04d", d.Year), "%m", fmt.Sprintf("%02d", d.Month), "%d", fmt.Sprintf("%02d", d.Day),
			"%-m", fmt.Sprint(int(d.Month)), "%-d", fmt.Sprint(d.Day)).Replace(f)
		if strings.Contains(f, "%Y") && !strings.Contains(s, "%") {
			return s, true
		}
	}
	return "", false
}

// ReadDay reads a day that [Column.WriteDay] could have written, or one in ISO 8601 where the column declares no format.
func (c *Column) ReadDay(s string) (Date, bool) {
	if len(c.Values) > 0 { // the list says the days themselves
		d, err := ParseDate(s)
		return d, err == nil
	}
	layouts := []string{time.DateOnly}
	if c.Format != "" {
		layouts = nil
		for _, f := range append([]string{c.Format}, c.Formats...) {
			layouts = append(layouts, strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%-m", "1", "%-d", "2").Replace(f))
		}
	}
	for _, l := range layouts {
		if strings.Contains(l, "%") {
			continue
		}
		if t, err := time.Parse(l, s); err == nil {
			return DateOf(t), true
		}
	}
	return Date{}, false
}

package kpi

import "time"

// Dataset is a source of rows: where it comes from, its columns, its checks.
type Dataset struct {
	ID         string       `json:"id"`
	Name       Text         `json:"name"`
	Why        Text         `json:"why"`
	Steward    string       `json:"steward,omitempty"` // a person's id
	Source     Source       `json:"source"`
	Credit     Credit       `json:"credit"`
	Expect     Expect       `json:"expect"`
	Key        []string     `json:"key"`     // the columns that identify a row
	Columns    []Column     `json:"columns"` // in the order of the folder
	Drop       []string     `json:"drop"`    // source columns that never leave the spool reader
	Checks     []Check      `json:"checks"`
	Dimensions []string     `json:"dimensions"` // columns by which indicators are broken down
	TimeZone   string       `json:"time_zone"`  // of its naive timestamps; the city's if the folder says nothing
	Limits     RejectLimits `json:"limits"`
	Department string       `json:"department,omitempty"` // answers for the delivery
	Schedule   Schedule     `json:"schedule,omitzero"`
	Hash       string       `json:"hash"` // of everything that changes how rows are read
}

// Credit names who published the data and under which licence.
type Credit struct {
	Publisher string `json:"publisher,omitempty"`
	URL       string `json:"url,omitempty"`
	Licence   string `json:"licence,omitempty"`
	Note      Text   `json:"note"`
}

// Expect says what a healthy delivery looks like.
type Expect struct {
	Every            time.Duration `json:"every,omitempty"`               // at least this often; 0: not said
	RowsChangeAtMost float64       `json:"rows_change_at_most,omitempty"` // as a share of the last load's rows; 0: not said
	MinRows          int           `json:"min_rows,omitempty"`            // 0 means 1: an empty file is never good data; of what the program records itself 1 means 0
}

// RejectLimits turn rejects into a failed load. A zero limit is no limit.
type RejectLimits struct {
	Count int     `json:"count,omitempty"`
	Share float64 `json:"share,omitempty"` // 0–1 of the rows read
}

// ColumnType is the type of a column in the warehouse.
type ColumnType string

// The types.
const (
	TypeText      ColumnType = "text"
	TypeInteger   ColumnType = "integer"
	TypeNumber    ColumnType = "number"
	TypeBoolean   ColumnType = "boolean"
	TypeDate      ColumnType = "date"
	TypeTimestamp ColumnType = "timestamp"
	TypeDistrict  ColumnType = "district" // a member of the city's districts, found by name, id or alias
)

// ColumnTypes lists the types.
var ColumnTypes = []ColumnType{TypeText, TypeInteger, TypeNumber, TypeBoolean, TypeDate, TypeTimestamp, TypeDistrict}

// Column is one declared column.
type Column struct {
	Name     string            `json:"name"` // its name in expressions: ^[a-z][a-z0-9_]{0,62}$
	From     string            `json:"from"` // its name in the source's header
	Type     ColumnType        `json:"type"`
	Format   string            `json:"format,omitempty"`   // strptime format of a date or timestamp, such as %m/%d/%Y %I:%M:%S %p; [FormatExcel], [FormatExcel1904]
	EmptyIs  string            `json:"empty_is,omitempty"` // "unknown" (default): a blank is null; "reject": a blank is refused
	Values   map[string]string `json:"values,omitempty"`   // source value → our value; a value not listed is refused
	TimeZone string            `json:"time_zone,omitempty"`
	Decimal  string            `json:"decimal,omitempty"` // "," if the source writes decimal commas

	// Formats are tried in order where Format does not fit; a source that writes its dates in two ways says so. Those that say their offset
	// from UTC or count seconds come after the others.
	Formats []string `json:"formats,omitempty"`
	// OthersAre is the value for everything that Values does not list; without it what is not listed is refused.
	OthersAre string `json:"others_are,omitempty"`
	// NullIs lists what the source writes for "no value", such as "-" or "n/a": it is read as a blank, before anything else. Letter for letter,
	// without white space at the ends.
	NullIs []string `json:"null_is,omitempty"`
	// Thousands is the mark between groups of three digits: one of , . ' space (which stands for no-break spaces too). Empty: none. Groups as
	// India writes them (12,34,567) are read too, any others are refused; a number may do without the mark.
	Thousands string `json:"thousands,omitempty"`
	// Signs may stand before or after a number, such as $, R$ and %; any other sign is refused. A percent sign changes nothing: 71 % is 71.
	Signs []string `json:"signs,omitempty"`
	// Accounting reads (1,200) as -1200.
	Accounting bool `json:"accounting,omitempty"`
	// Pattern is a regular expression (RE2) that the whole text must match, as it came but for white space at its ends. It keeps numbers that a spreadsheet has mangled out of ids.
	Pattern string `json:"pattern,omitempty"`
	// Pivot is the first of the hundred years to which a year of two digits (%y) belongs; 0: such years are refused.
	Pivot int `json:"pivot,omitempty"`

	// CompleteUntil is the last day of a date or timestamp column for which the source holds all rows; no day if it goes on until today.
	// An export of one year's requests knows nothing of those of the next: no rows there does not mean that there were none.
	CompleteUntil Date `json:"complete_until,omitzero"`
}

// FromLine is the [Column.From] of a column, of type integer, that holds the number of the line on which a row begins. A table whose rows have
// no identity of their own, such as a budget, is keyed by it. A row that moves to another line then counts as restated.
const FromLine = "_line"

// Formats that are no strptime format: the serial days of a spreadsheet, of which there are two counts. A fraction is the time of day.
const (
	FormatExcel     = "excel"      // day 1 is 1900-01-01, and day 60 is 1900-02-29, which never was: it is refused
	FormatExcel1904 = "excel-1904" // day 0 is 1904-01-01
	FormatEpoch     = "epoch"      // seconds since 1970-01-01T00:00:00Z
	FormatEpochMS   = "epoch-ms"   // milliseconds
)

// CheckElse says what a failed check does.
type CheckElse string

// What a failed check does.
const (
	ElseFail   CheckElse = "fail"   // the load fails; the last good data stay
	ElseReject CheckElse = "reject" // the row is set aside and counted
	ElseWarn   CheckElse = "warn"   // the load goes on; the page says so
)

// CheckKind is the form of a check's rule.
type CheckKind string

// The kinds.
const (
	CheckUnique  CheckKind = "unique"   // Columns together identify a row
	CheckNotNull CheckKind = "not null" // Columns are never blank
	CheckRow     CheckKind = "row"      // Expr holds for every row (a row for which it is null passes)
	CheckExists  CheckKind = "exists"   // Columns[0], where it is not blank, occurs in column InColumn of the visible rows of InDataset
	CheckFresh   CheckKind = "fresh"    // the newest day in Columns[0] up to the as-of date is at most Within before it
)

// Check is a rule about the rows of a dataset. A check of kind exists may reject, one of kind fresh speaks of the whole delivery and cannot.
type Check struct {
	ID      string    `json:"id"`
	Rule    string    `json:"rule"` // as the folder writes it: "unique case_id", "not null opened", "closed >= opened", "exists unit in units.code", "fresh opened within 3 days"
	Kind    CheckKind `json:"kind"`
	Columns []string  `json:"columns,omitempty"`
	Expr    string    `json:"expr,omitempty"`
	Else    CheckElse `json:"else"`

	InDataset string        `json:"in_dataset,omitempty"`
	InColumn  string        `json:"in_column,omitempty"`
	Within    time.Duration `json:"within,omitempty"`
}

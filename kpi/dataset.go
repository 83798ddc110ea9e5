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
	Hash       string       `json:"hash"` // of everything that changes how rows are read
}

// Source says where a dataset's rows come from. Path is a slash-separated glob within the city folder.
type Source struct {
	Kind      string `json:"kind"` // csv
	Path      string `json:"path"`
	Encoding  string `json:"encoding"`  // utf-8 (default), windows-1252, iso-8859-1, utf-16le, utf-16be
	Delimiter string `json:"delimiter"` // one character; comma if empty
	Quote     string `json:"quote"`     // one character; " if empty
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
	MinRows          int           `json:"min_rows,omitempty"`            // 0 means 1: an empty file is never good data
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
	Format   string            `json:"format,omitempty"`   // strptime format of a date or timestamp, such as %m/%d/%Y %I:%M:%S %p
	EmptyIs  string            `json:"empty_is,omitempty"` // "unknown" (default): a blank is null; "reject": a blank is refused
	Values   map[string]string `json:"values,omitempty"`   // source value → our value; a value not listed is refused
	TimeZone string            `json:"time_zone,omitempty"`
	Decimal  string            `json:"decimal,omitempty"` // "," if the source writes decimal commas

	// CompleteUntil is the last day of a date or timestamp column for which the source holds all rows; no day if it goes on until today.
	// An export of one year's requests knows nothing of those of the next: no rows there does not mean that there were none.
	CompleteUntil Date `json:"complete_until,omitzero"`
}

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
)

// Check is a rule about the rows of a dataset.
type Check struct {
	ID      string    `json:"id"`
	Rule    string    `json:"rule"` // as the folder writes it: "unique case_id", "not null opened", "closed >= opened"
	Kind    CheckKind `json:"kind"`
	Columns []string  `json:"columns,omitempty"`
	Expr    string    `json:"expr,omitempty"`
	Else    CheckElse `json:"else"`
}

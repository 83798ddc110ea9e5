package kpi

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

// EntryBatch is what a person typed or uploaded at once into a dataset whose source is kind entry.
type EntryBatch struct {
	Stamp
	Dataset string     `json:"dataset"`
	State   EntryState `json:"state"`
	File    string     `json:"file,omitempty"` // name of the spreadsheet; empty: typed
	Hash    string     `json:"hash,omitempty"` // SHA-256 of the spreadsheet
	Note    string     `json:"note,omitempty"`
	Rows    []EntryRow `json:"rows"`
	Load    int64      `json:"load,omitempty"` // that made it count
	Why     string     `json:"why,omitempty"`  // it was undone
}

// EntryRow is one row, as text in the form in which the dataset's columns declare it.
type EntryRow struct {
	Line   int64             `json:"line"`   // of the spreadsheet; of what was typed 1
	Fields map[string]string `json:"fields"` // by the column's name in the source's header ([Column.From])
}

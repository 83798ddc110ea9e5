package kpi

// OpenCase is a row behind a number that has begun and not ended: what it is known by, and nothing that anybody wrote into it.
type OpenCase struct {
	Key      map[string]string `json:"key"` // the columns that identify it
	Opened   Date              `json:"opened"`
	Due      Date              `json:"due,omitzero"` // by which it was promised, where the dataset knows
	Overdue  bool              `json:"overdue,omitempty"`
	Days     int               `json:"days"`               // since it was opened, on the day that is judged
	District string            `json:"district,omitempty"` // id of a district, [MemberNotRecorded] or [MemberNotRecognised]
}

// OpenCases are the open rows behind an indicator, on the day that is judged. Which rows are open follows from its measure: what says when a case begins and
// when it ends.
type OpenCases struct {
	Begin   string     `json:"begin"`         // the column that says when a case begins; empty: nothing says which rows are open, and there are none to show
	End     string     `json:"end"`           // the column that says when it ends
	Due     string     `json:"due,omitempty"` // what says when it must have ended, as an expression; empty: nothing does
	Key     []string   `json:"key"`           // the columns that identify a row, in the order of the folder
	Placed  bool       `json:"placed"`        // the rows have districts
	AsOf    Date       `json:"as_of"`
	Open    int64      `json:"open"`    // all of them, listed or not
	Overdue int64      `json:"overdue"` // of these, those whose date has passed
	List    []OpenCase `json:"list"`    // overdue ones first, each the oldest first
}

// Known reports whether anything says which rows are open.
func (c *OpenCases) Known() bool { return c.Begin != "" }

// CaseQuery asks for open cases.
type CaseQuery struct {
	Indicator string
	District  string // id of a district, [MemberNotRecorded] or [MemberNotRecognised]; empty: any
	Limit     int    // how many are listed at most
}

package release

import (
	"time"

	"citystat/kpi"
)

// RoundState is where a round stands.
type RoundState string

// The states.
const (
	Filling  RoundState = "filling"  // departments enter what is missing and say that they are done
	Released RoundState = "released" // the scorecard is frozen and public
	Stopped  RoundState = "stopped"  // nothing came of it
)

// FilingState is where a department's part of a round stands.
type FilingState string

// The states of a filing.
const (
	FilingOpen     FilingState = "open"
	FilingFilled   FilingState = "filled"   // the department says that everything is there
	FilingReturned FilingState = "returned" // whoever checked found something
	FilingChecked  FilingState = "checked"
)

// Round is one reporting cycle: fill → check → release, with at least two people.
type Round struct {
	kpi.Stamp
	Name        string     `json:"name"`   // such as October 2026
	Period      string     `json:"period"` // id of the period that is reported on
	State       RoundState `json:"state"`
	FillBy      kpi.Date   `json:"fill_by"`
	CheckBy     kpi.Date   `json:"check_by"`
	ReleaseOn   kpi.Date   `json:"release_on"`
	Filings     []Filing   `json:"filings"` // one a department
	Publication int64      `json:"publication,omitempty"`
	ReleasedAt  time.Time  `json:"released_at,omitzero"`
	ReleasedBy  int64      `json:"released_by,omitempty"`
	Note        string     `json:"note,omitempty"`
}

// Filing is a department's part of a round.
type Filing struct {
	Department string      `json:"department"`
	State      FilingState `json:"state"`
	FilledAt   time.Time   `json:"filled_at,omitzero"` // the last time
	FilledBy   int64       `json:"filled_by,omitempty"`
	CheckedAt  time.Time   `json:"checked_at,omitzero"`
	CheckedBy  int64       `json:"checked_by,omitempty"`
	Late       bool        `json:"late,omitempty"` // it was filled for the first time after the round's date
	Returns    int         `json:"returns,omitempty"`
	Note       string      `json:"note,omitempty"` // of whoever returned it
}

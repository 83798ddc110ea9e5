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
	FilingExcused  FilingState = "excused" // the release goes without it, for a reason that is public
)

// FilingStates lists the states of a filing.
var FilingStates = []FilingState{FilingOpen, FilingFilled, FilingReturned, FilingChecked, FilingExcused}

// Done reports whether a release waits for the filing no more.
func (s FilingState) Done() bool { return s == FilingChecked || s == FilingExcused }

// Round is one reporting cycle: fill → check → release, with at least two people. It changes by a [Move] only, and one is under way at a time: what is
// released is the scorecard of the whole city.
type Round struct {
	kpi.Stamp
	Name        string     `json:"name"`   // such as October 2026
	Period      string     `json:"period"` // id of the period that is reported on
	State       RoundState `json:"state"`
	FillBy      kpi.Date   `json:"fill_by"`
	CheckBy     kpi.Date   `json:"check_by"`
	ReleaseOn   kpi.Date   `json:"release_on"`
	Filings     []Filing   `json:"filings"`              // one a department
	Lang        kpi.Lang   `json:"lang,omitempty"`       // in which Correction is written
	Correction  string     `json:"correction,omitempty"` // what it corrects of an earlier release of the period; public
	Publication int64      `json:"publication,omitempty"`
	ReleasedAt  time.Time  `json:"released_at,omitzero"`
	ReleasedBy  int64      `json:"released_by,omitempty"`
	Note        string     `json:"note,omitempty"` // of whoever released or stopped it; that of a release is public
	NoteLang    kpi.Lang   `json:"note_lang,omitempty"`
}

// Filing is a department's part of a round.
type Filing struct {
	Department string      `json:"department"`
	State      FilingState `json:"state"`
	FilledAt   time.Time   `json:"filled_at,omitzero"` // the last time
	FilledOn   kpi.Date    `json:"filled_on,omitzero"` // in the city, the first time
	FilledBy   int64       `json:"filled_by,omitempty"`
	Fillers    []int64     `json:"fillers,omitempty"` // everybody who ever filled it: none of them checks it, or releases
	Remark     string      `json:"remark,omitempty"`  // of whoever filled it, such as why something is missing
	CheckedAt  time.Time   `json:"checked_at,omitzero"`
	CheckedBy  int64       `json:"checked_by,omitempty"`
	Late       bool        `json:"late,omitempty"` // it was filled for the first time after the round's date
	Returns    int         `json:"returns,omitempty"`
	Note       string      `json:"note,omitempty"`   // of whoever returned it
	Excuse     string      `json:"excuse,omitempty"` // why the release goes without it; public
	ExcuseLang kpi.Lang    `json:"excuse_lang,omitempty"`
	ExcusedBy  int64       `json:"excused_by,omitempty"`
}

// Filing returns a department's part, or nil.
func (r *Round) Filing(department string) *Filing {
	for i := range r.Filings {
		if r.Filings[i].Department == department {
			return &r.Filings[i]
		}
	}
	return nil
}

// Overdue reports whether a filing that is not there is late on a day. What was filled once keeps in Late whether it was.
func (r *Round) Overdue(f *Filing, today kpi.Date) bool {
	return r.State == Filling && f.FilledOn.IsZero() && f.State == FilingOpen && r.FillBy.Before(today)
}

// Waiting counts the filings for which a release waits.
func (r *Round) Waiting() int {
	n := 0
	for _, f := range r.Filings {
		if !f.State.Done() {
			n++
		}
	}
	return n
}

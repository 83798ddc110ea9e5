package kpi

import "time"

// TermReview is what a new administration makes of the promises of the one before: its scorecard is archived, and every target is kept, revised or dropped, in public.
type TermReview struct {
	Stamp
	Name        string       `json:"name"`        // of the term that ended, such as 2024–2027
	Ended       Date         `json:"ended"`       // its last day
	Publication int64        `json:"publication"` // the archived scorecard
	Answers     []TermAnswer `json:"answers"`     // one a target that held
}

// TermAnswer says what becomes of one target.
type TermAnswer struct {
	Indicator string     `json:"indicator"`
	Target    Target     `json:"target"` // as it held at the end of the term
	Answer    TermChoice `json:"answer,omitempty"`
	Decision  int64      `json:"decision,omitempty"` // that revised or dropped it
	Reason    string     `json:"reason,omitempty"`
	At        time.Time  `json:"at,omitzero"`
}

// TermChoice is what becomes of a target.
type TermChoice string

// The choices. A target that nobody has answered for yet has none.
const (
	TermKeep   TermChoice = "keep"
	TermRevise TermChoice = "revise"
	TermDrop   TermChoice = "drop"
)

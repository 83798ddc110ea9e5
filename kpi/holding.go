package kpi

// Holding says that somebody holds a post, or acts for whoever does. Posts own things; people come and go. The posts are the city's people ([City.People]).
type Holding struct {
	Stamp
	Post   string `json:"post"`           // by its id
	Holder int64  `json:"holder"`         // an account
	From   Date   `json:"from"`           // the first day
	Until  Date   `json:"until,omitzero"` // the last day; zero: until somebody says so
	Acting bool   `json:"acting,omitempty"`
	Reason string `json:"reason,omitempty"`
	Void   bool   `json:"void,omitempty"` // it was entered by mistake and never held; it stays visible
}

// Holds reports whether it is true on a day.
func (h *Holding) Holds(day Date) bool {
	return !h.Void && !day.Before(h.From) && (h.Until.IsZero() || !day.After(h.Until))
}

// Handover is the list of what a post owns, made when its holder leaves: each thing is handed to whoever comes, one by one.
type Handover struct {
	Stamp
	Post       string         `json:"post"`
	Department string         `json:"department,omitempty"` // that the post belonged to when the list was made; "" if it is the whole city's
	Holding    int64          `json:"holding"`              // that ends
	From       int64          `json:"from"`                 // the account that leaves
	To         int64          `json:"to,omitempty"`         // that comes; 0: nobody yet
	On         Date           `json:"on"`                   // the last day of whoever leaves
	Items      []HandoverItem `json:"items"`
	Ended      bool           `json:"ended,omitempty"` // every item is handed over
	Void       bool           `json:"void,omitempty"`  // whoever was to leave stays: nothing is handed over
}

// HandoverItem is one thing that a post owns.
type HandoverItem struct {
	Kind string `json:"kind"` // one of [HandoverKinds]
	ID   string `json:"id"`
	Note string `json:"note,omitempty"` // what whoever comes must know
	Done bool   `json:"done,omitempty"` // it is handed over
}

// The kinds of things that a post owns.
const (
	OwnsDepartment = "department" // that it heads
	OwnsIndicator  = "indicator"  // that it answers for
	OwnsDataset    = "dataset"    // that it looks after
	OwnsCommitment = "commitment" // that it made and that is open
	OwnsCommentary = "commentary" // of its indicators, that is not approved yet
	OwnsContest    = "contest"    // of its indicators, that is open
)

// HandoverKinds lists the kinds, in the order in which they are handed over.
var HandoverKinds = []string{OwnsDepartment, OwnsIndicator, OwnsDataset, OwnsCommitment, OwnsCommentary, OwnsContest}

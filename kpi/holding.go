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
}

// Holds reports whether it is true on a day.
func (h *Holding) Holds(day Date) bool {
	return !day.Before(h.From) && (h.Until.IsZero() || !day.After(h.Until))
}

// Handover is the list of what a post owns, made when its holder leaves: each thing is handed to whoever comes, one by one.
type Handover struct {
	Stamp
	Post  string         `json:"post"`
	From  int64          `json:"from"`         // the account that leaves
	To    int64          `json:"to,omitempty"` // that comes; 0: nobody yet
	On    Date           `json:"on"`           // the last day of whoever leaves
	Items []HandoverItem `json:"items"`
	Ended bool           `json:"ended,omitempty"` // every item is handed over
}

// HandoverItem is one thing that a post owns.
type HandoverItem struct {
	Kind string `json:"kind"` // indicator, dataset, department, commitment, commentary, contest
	ID   string `json:"id"`
	Note string `json:"note,omitempty"` // what whoever comes must know
	Done bool   `json:"done,omitempty"`
}

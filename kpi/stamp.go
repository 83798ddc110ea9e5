package kpi

import (
	"encoding/json"
	"time"
)

// Stamp says of a revision of something that people typed who wrote it, and when. Every save is a new revision, and the revisions before it stay: nothing
// that a person typed is lost, and whoever saves over a revision that they have not seen is told so.
type Stamp struct {
	ID       int64     `json:"id"`                // given with the first revision; 0: not kept yet
	Revision int       `json:"revision"`          // 1, 2, 3 …; of something that is to be saved: the one that the writer has seen, 0 if it is new
	At       time.Time `json:"at"`                // as the server's clock said
	Person   int64     `json:"person,omitempty"`  // of an account; 0: nobody who can sign in
	By       string    `json:"by,omitempty"`      // as the audit trail names them; never in public
	Since    time.Time `json:"since,omitzero"`    // when the first revision was kept
	Founder  int64     `json:"founder,omitempty"` // whose the first revision is
}

// Act is the legal or administrative act by which something was decided: an ordinance, a decree, the minutes of a council.
type Act struct {
	Title string `json:"title,omitempty"` // such as Acuerdo 012 de 2026
	Date  Date   `json:"date,omitzero"`   // of the act
	URL   string `json:"url,omitempty"`   // where it can be read, such as in the gazette; http or https
}

// IsZero reports whether no act was named.
func (a Act) IsZero() bool { return a == Act{} }

// UnmarshalJSON reads an act; of folders that were recorded before acts had a date and an address, a text is its title.
func (a *Act) UnmarshalJSON(b []byte) error {
	*a = Act{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &a.Title)
	}
	type plain Act
	return json.Unmarshal(b, (*plain)(a))
}

// PaperQuery says which of the things that people typed are read, as they stand now. Empty fields ask for nothing.
type PaperQuery struct {
	Subject    string   // an indicator, a post or a dataset, whichever the thing is about
	Department string   // that it belongs to
	States     []string // one of them
}

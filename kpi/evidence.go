package kpi

import "time"

// Evidence is a file that somebody added to a commitment, to show that it is kept. It is the staff's: residents see none.
type Evidence struct {
	ID         int64        `json:"id"`
	Commitment int64        `json:"commitment"`
	At         time.Time    `json:"at"`
	Person     int64        `json:"person,omitempty"` // who added it
	By         string       `json:"by"`
	Shows      string       `json:"shows"` // what it shows, in a sentence
	Lang       Lang         `json:"lang"`  // of Shows
	Name       string       `json:"name"`
	Type       string       `json:"type"`
	Size       int64        `json:"size"` // bytes as they are kept
	SHA256     string       `json:"sha256"`
	Width      int          `json:"width,omitempty"` // of a picture
	Height     int          `json:"height,omitempty"`
	Gone       *EvidenceEnd `json:"gone,omitempty"` // nil: it is there
}

// EvidenceEnd says that evidence was withdrawn, and why. Its bytes are erased; that it was there stays.
type EvidenceEnd struct {
	At     time.Time `json:"at"`
	Person int64     `json:"person,omitempty"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

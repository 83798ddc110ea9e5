package kpi

import "time"

// Feedback is what a resident wrote to those who publish the scorecard. It is answered in public or not at all: what is shown is
// [FeedbackAnswer] alone, never what the resident wrote.
type Feedback struct {
	Reference string          `json:"reference"` // by which the resident finds the answer: hard to guess, easy to read out
	Received  time.Time       `json:"received"`
	Lang      Lang            `json:"lang"`
	About     string          `json:"about,omitempty"`     // the address below the language from which it was sent
	Indicator string          `json:"indicator,omitempty"` // the one that it is about, if it is about one
	District  string          `json:"district,omitempty"`
	Text      string          `json:"text"`
	Email     string          `json:"email,omitempty"` // for a question back; never shown, deleted with the answer
	Answer    *FeedbackAnswer `json:"answer,omitempty"`
	Closed    bool            `json:"closed,omitempty"` // it will not be answered
}

// FeedbackAnswer is the public answer: what the city heard, in its own words, and what it did.
type FeedbackAnswer struct {
	Heard string    `json:"heard"`
	Said  string    `json:"said"`
	Lang  Lang      `json:"lang"`
	By    string    `json:"by"` // who answers, as the public may read it
	At    time.Time `json:"at"`
}

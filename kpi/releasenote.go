package kpi

// ReleaseNote is what a release says of itself, to everybody.
type ReleaseNote struct {
	Round      int64        `json:"round"`
	Name       string       `json:"name"`
	Period     string       `json:"period"`               // id of the period that was reported on
	Correction *Remark      `json:"correction,omitempty"` // what it corrects of an earlier release
	Note       *Remark      `json:"note,omitempty"`
	Without    []Unreported `json:"without,omitempty"` // departments that have not reported
}

// Remark is something that a person wrote, in the language in which they did.
type Remark struct {
	Text string `json:"text"`
	Lang Lang   `json:"lang,omitempty"`
}

// Unreported is a department that a release goes without, and why.
type Unreported struct {
	Department string `json:"department"`
	Reason     Remark `json:"reason"`
}

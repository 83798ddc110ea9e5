package kpi

// ContestState is where a contested number stands.
type ContestState string

// The states. Whoever looks after the data answers: the number was wrong and has been mended (corrected), or it is right (upheld). Whoever contested it
// may take that back.
const (
	ContestOpen      ContestState = "open"
	ContestCorrected ContestState = "corrected"
	ContestUpheld    ContestState = "upheld"
	ContestWithdrawn ContestState = "withdrawn"
)

// Contest is a number that a department says is wrong. As long as it is open, the indicator's card says so.
type Contest struct {
	Stamp
	Indicator  string       `json:"indicator"`
	Period     string       `json:"period"`
	Department string       `json:"department"`
	State      ContestState `json:"state"`
	Value      *float64     `json:"value,omitempty"` // that was contested, in the indicator's unit
	Version    int64        `json:"version"`         // data version in which it stood
	Reason     string       `json:"reason"`          // why it is wrong
	Believed   *float64     `json:"believed,omitempty"`
	Public     bool         `json:"public,omitempty"` // residents read that the number is contested, too
	Answer     string       `json:"answer,omitempty"`
	AnsweredAt Date         `json:"answered_at,omitzero"`
	AnsweredBy string       `json:"answered_by,omitempty"` // never public
	Load       int64        `json:"load,omitempty"`        // that mended a number which was wrong; 0: none did, or nobody knows which
}

// MaxContest is how many letters a reason and an answer may have.
const MaxContest = 3000

package kpi

// DecisionKind is what was decided.
type DecisionKind string

// The kinds of decision that may be taken beside the folder. Everything else changes in the folder alone.
const (
	DecideTarget DecisionKind = "target" // of an indicator: a new target, or a new value of one
	DecideDrop   DecisionKind = "drop"   // of an indicator: a target holds no longer, from the day of the decision on; what was judged before keeps it
	DecideOwner  DecisionKind = "owner"  // of an indicator: the post that answers for it
)

// DecisionState is where a decision stands.
type DecisionState string

// The states.
const (
	DecisionInForce   DecisionState = "in_force"
	DecisionWithdrawn DecisionState = "withdrawn" // it was entered by mistake; what it changed is as before, and it stays visible
)

// DecisionStates lists the states.
var DecisionStates = []DecisionState{DecisionInForce, DecisionWithdrawn}

// DecisionKinds lists the kinds.
var DecisionKinds = []DecisionKind{DecideTarget, DecideDrop, DecideOwner}

// Decision is something that was decided by people and lies over the folder: it is applied in order of its date, until the folder itself says so.
type Decision struct {
	Stamp
	Kind      DecisionKind  `json:"kind"`
	State     DecisionState `json:"state"`
	Indicator string        `json:"indicator,omitempty"`
	Target    *Target       `json:"target,omitempty"` // of [DecideTarget]: the new one; of [DecideDrop]: the one that ends
	Owner     string        `json:"owner,omitempty"`  // of [DecideOwner]: a post, by its id
	On        Date          `json:"on"`               // when it was decided; typed, so the time of its first revision stands beside it
	Whose     string        `json:"whose"`            // who decided: a post or a body, as the city writes it
	Reason    string        `json:"reason"`           // for the public
	Lang      Lang          `json:"lang"`             // of Whose and Reason
	Act       Act           `json:"act"`              // legal act, if there is one
	Was       string        `json:"was"`              // what the folder said then, as [Decision.Says] writes it: a folder that says something else since has the last word
	Why       string        `json:"because"`          // of a withdrawal
}

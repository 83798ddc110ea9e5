package kpi

// CommentaryState is where a commentary stands.
type CommentaryState string

// The states. A commentary is written (draft), sent to whoever reviews it (submitted) and approved or returned with a note. What was approved may be taken
// up again as a draft: until the new text is approved the old one stands.
const (
	CommentaryDraft     CommentaryState = "draft"
	CommentarySubmitted CommentaryState = "submitted"
	CommentaryReturned  CommentaryState = "returned"
	CommentaryApproved  CommentaryState = "approved"
	CommentaryWithdrawn CommentaryState = "withdrawn"
)

// Commentary is what a department says of an indicator's value in a period, by four prompts: what happened, why, what will be done, which help is needed.
// There is one a period.
type Commentary struct {
	Stamp
	Indicator  string          `json:"indicator"`
	Period     string          `json:"period"`     // id of the period whose value it is about
	Department string          `json:"department"` // that answered for the indicator when it was begun
	State      CommentaryState `json:"state"`
	Public     bool            `json:"public,omitempty"` // residents may read it once it is approved; otherwise staff alone
	Miss       bool            `json:"miss,omitempty"`   // it explains why a target was missed
	Lang       Lang            `json:"lang"`             // in which it is written
	Happened   string          `json:"happened"`
	Why        string          `json:"why,omitempty"`
	Next       string          `json:"next,omitempty"`  // what will be done
	Owner      string          `json:"owner,omitempty"` // who does it: a post, by its id
	Due        Date            `json:"due,omitzero"`    // until when
	Help       string          `json:"help,omitempty"`  // what is needed from others; never public
	Author     int64           `json:"author,omitempty"`
	AuthorName string          `json:"author_name,omitempty"` // whoever wrote the text last reviews nothing of it; never public
	Note       string          `json:"note,omitempty"`        // of whoever returned it; never public
	Stands     int             `json:"stands,omitempty"`      // the revision that was approved last, and stands; 0: none does
}

// SameText reports whether two revisions say the same, to the same readers.
func (c *Commentary) SameText(o *Commentary) bool {
	return c.Public == o.Public && c.Lang == o.Lang && c.Happened == o.Happened && c.Why == o.Why && c.Next == o.Next && c.Owner == o.Owner && c.Due == o.Due && c.Help == o.Help
}

// MaxCommentary is how many letters each of its four texts may have, and the note of whoever returns it.
const MaxCommentary = 3000

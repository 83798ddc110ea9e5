package meeting

import (
	"testing"

	"citystat/kpi"
	"citystat/kpi/account"
)

// TestWhatResidentsReadOfANote: whoever writes in a meeting without a right to publish changes nothing of what residents can read, and a note stands where notes stand.
func TestWhatResidentsReadOfANote(t *testing.T) {
	kept := kpi.MeetingNote{Stamp: kpi.Stamp{ID: 1, Revision: 1}, Kind: kpi.NoteDecision, Series: "s", Slot: kpi.NewDate(2026, 3, 5), Text: "The quay goes first.", Lang: kpi.English, State: kpi.NoteOpen}
	public := kept
	public.Public = true
	staff := &account.Person{ID: 1, Grants: []account.Grant{{Role: account.DepartmentStaff, Department: "works"}}}
	mayor := &account.Person{ID: 2, Grants: []account.Grant{{Role: account.Mayor}}}
	changed := func(n kpi.MeetingNote, change func(*kpi.MeetingNote)) *kpi.MeetingNote {
		change(&n)
		return &n
	}
	reworded := func(n *kpi.MeetingNote) { n.Text = "The quay goes last." }
	withdrawn := func(n *kpi.MeetingNote) { n.State, n.Why = kpi.NoteWithdrawn, "It was wrong." }
	for name, c := range map[string]struct {
		was, next *kpi.MeetingNote
		staff     kpi.Code // "": they may
		mayor     kpi.Code
	}{
		"a note for the staff":            {nil, changed(kept, func(n *kpi.MeetingNote) { n.Stamp = kpi.Stamp{} }), "", ""},
		"it is reworded":                  {&kept, changed(kept, reworded), "", ""},
		"it is withdrawn":                 {&kept, changed(kept, withdrawn), "", ""},
		"it is opened":                    {&kept, &public, kpi.CodeDenied, ""},
		"one for residents":               {nil, &public, kpi.CodeDenied, ""},
		"one for residents is reworded":   {&public, changed(public, reworded), kpi.CodeDenied, ""},
		"one for residents is withdrawn":  {&public, changed(public, withdrawn), kpi.CodeDenied, ""},
		"one for residents is hidden":     {&public, &kept, kpi.CodeDenied, ""},
		"it stands where no note stands":  {&kept, changed(kept, func(n *kpi.MeetingNote) { n.State = "lost" }), kpi.CodeInvalid, kpi.CodeInvalid},
		"it is withdrawn without a why":   {&kept, changed(kept, func(n *kpi.MeetingNote) { n.State = kpi.NoteWithdrawn }), kpi.CodeInvalid, kpi.CodeInvalid},
		"a decision is taken up again":    {&kept, changed(kept, func(n *kpi.MeetingNote) { n.State = kpi.NoteTaken }), kpi.CodeInvalid, kpi.CodeInvalid},
		"another meeting takes the words": {&kept, changed(kept, func(n *kpi.MeetingNote) { n.Series = "t" }), kpi.CodeInvalid, kpi.CodeInvalid},
	} {
		for _, by := range []struct {
			who  *account.Person
			want kpi.Code
		}{{staff, c.staff}, {mayor, c.mayor}} {
			if got := kpi.ErrorCode(CheckNote(c.was, c.next, by.who, true)); got != by.want {
				t.Errorf("%s, by %s: %q, want %q", name, by.who.Grants[0].Role, got, by.want)
			}
		}
	}
	if err := CheckNote(&public, changed(public, reworded), nil, false); err != nil {
		t.Errorf("whoever sits at the machine: %v", err)
	}
}

package account

import (
	"slices"
	"strings"
	"testing"

	"citystat/kpi"
)

// TestRights spells the whole table out a second time, as sentences that somebody from a city would say.
func TestRights(t *testing.T) {
	want := map[Role]map[Action]Reach{
		Mayor: {SeeStaff: Everywhere, SeeFeedback: Everywhere, SeePeople: Everywhere, SeeAudit: Everywhere, Commit: Everywhere, CloseCommitments: Everywhere, Decide: Everywhere, Release: Everywhere,
			RecordMeetings: Everywhere, ConveneMeetings: Everywhere},
		ChiefOfStaff: {
			SeeStaff: Everywhere, SeeFeedback: Everywhere, AnswerFeedback: Everywhere, SeePeople: Everywhere, SeeAudit: Everywhere, Comment: Everywhere, ReviewComments: Everywhere,
			AnswerContests: Everywhere, Commit: Everywhere, CloseCommitments: Everywhere, Decide: Everywhere, ChangePosts: Everywhere, HandOver: Everywhere, CheckRound: Everywhere, Release: Everywhere,
			PrepareMeetings: Everywhere, RecordMeetings: Everywhere, ConveneMeetings: Everywhere,
		},
		Analyst: {
			SeeStaff: Everywhere, SeeRejects: Everywhere, RunLoad: Everywhere, SeeFeedback: Everywhere, AnswerFeedback: Everywhere, EnterValues: Everywhere, SeeCases: Everywhere, Comment: Everywhere,
			ReviewComments: Everywhere, ContestNumbers: Everywhere, AnswerContests: Everywhere, Commit: Everywhere, Decide: Everywhere, FillRound: Everywhere, CheckRound: Everywhere, Release: Everywhere,
			PrepareMeetings: Everywhere, RecordMeetings: Everywhere,
		},
		DepartmentHead: {
			SeeStaff: Everywhere, SeeRejects: OwnDepartment, RunLoad: OwnDepartment, EnterValues: OwnDepartment, SeeCases: OwnDepartment, Comment: OwnDepartment, ReviewComments: OwnDepartment,
			ContestNumbers: OwnDepartment, Commit: OwnDepartment, HandOver: OwnDepartment, FillRound: OwnDepartment,
		},
		DepartmentStaff: {
			SeeStaff: Everywhere, SeeRejects: OwnDepartment, RunLoad: OwnDepartment, EnterValues: OwnDepartment, SeeCases: OwnDepartment, Comment: OwnDepartment, ContestNumbers: OwnDepartment,
			Commit: OwnDepartment, FillRound: OwnDepartment,
		},
		Viewer:        {SeeStaff: Everywhere},
		Administrator: {SeeStaff: Everywhere, SeePeople: Everywhere, ChangePeople: Everywhere, SeeAudit: Everywhere, ChangePosts: Everywhere},
	}
	for a, roles := range Rights {
		if !slices.Contains(Actions, a) {
			t.Errorf("%s is no action", a)
		}
		for r := range roles {
			if !slices.Contains(Roles, r) {
				t.Errorf("%s: %s is no role", a, r)
			}
		}
	}
	for _, r := range Roles {
		for _, a := range Actions {
			reach := want[r][a]
			p := &Person{Grants: []Grant{{Role: r}}}
			if r.OfDepartment() {
				p.Grants[0].Department = "parks"
			}
			for department, may := range map[string]bool{"": reach == Everywhere, "parks": reach != Nowhere, "police": reach == Everywhere} {
				if reach == OwnDepartment && !r.OfDepartment() {
					may = false
				}
				if got := p.May(a, department); got != may {
					t.Errorf("%s, %s, of %q: %t", r, a, department, got)
				}
			}
			if got := p.MayAnywhere(a); got != (reach != Nowhere) {
				t.Errorf("%s, %s anywhere: %t", r, a, got)
			}
			p.Disabled = true
			if p.May(a, "parks") || p.MayAnywhere(a) || p.Has(r) {
				t.Errorf("%s, %s: somebody who is disabled may", r, a)
			}
		}
	}
	var nobody *Person
	if nobody.May(SeeStaff, "") || nobody.MayAnywhere(SeeStaff) || nobody.Has(Mayor) {
		t.Error("nobody may do something")
	}
}

func TestRightsAddUp(t *testing.T) {
	p := &Person{Grants: []Grant{{DepartmentStaff, "parks"}, {DepartmentHead, "police"}, {Role: Viewer}}}
	for department, may := range map[string]bool{"parks": true, "police": true, "": false, "housing": false} {
		if got := p.May(RunLoad, department); got != may {
			t.Errorf("of %q: %t", department, got)
		}
	}
	if !p.Has(Viewer) || p.Has(Mayor) {
		t.Error("roles")
	}
}

func TestGrants(t *testing.T) {
	for name, c := range map[string]struct {
		grants []Grant
		ok     bool
	}{
		"none": {nil, true}, "mayor": {[]Grant{{Role: Mayor}}, true}, "head": {[]Grant{{DepartmentHead, "parks"}, {DepartmentHead, "police"}}, true},
		"unknown": {[]Grant{{Role: "king"}}, false}, "head of nothing": {[]Grant{{Role: DepartmentHead}}, false}, "mayor of parks": {[]Grant{{Mayor, "parks"}}, false},
		"twice": {[]Grant{{Role: Viewer}, {Role: Viewer}}, false}, "no id": {[]Grant{{DepartmentStaff, "Parks & Co"}}, false},
	} {
		if err := CheckGrants(c.grants); (err == nil) != c.ok || err != nil && kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		" Ana.Ruiz@Ciudad.gob.mx ": "ana.ruiz@ciudad.gob.mx", "a@b": "a@b", "x+y@z.org": "x+y@z.org",
		"": "", "a": "", "@b": "", "a@": "", "a b@c.d": "", "<a@b.c>": "", "Ana <a@b.c>": "", "a@b.c, d@e.f": "", "a@b.c\r\nBcc: d@e.f": "", "josé@b.c": "", strings.Repeat("a", 250) + "@b.cd": "",
	} {
		got, err := Address(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{" Ana  Ruiz ": "Ana Ruiz", "李": "李", "": "", "\n": "", "a\x00b": "", strings.Repeat("é", 121): ""} {
		if got, err := Name(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("Ana@Ciudad.gob.mx")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Address(s)
		if err != nil {
			return
		}
		if again, err := Address(a); err != nil || again != a || strings.ContainsAny(a, " \r\n<>\"") {
			t.Errorf("%q: %q, then %q, %v", s, a, again, err)
		}
	})
}

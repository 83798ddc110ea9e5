package account

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"citystat/kpi"
)

// Role is a kind of work with CityStat.
type Role string

// The roles.
const (
	Mayor           Role = "mayor"
	ChiefOfStaff    Role = "chief_of_staff"
	Analyst         Role = "analyst"
	DepartmentHead  Role = "department_head"
	DepartmentStaff Role = "department_staff"
	Viewer          Role = "viewer"
	Administrator   Role = "administrator"
)

// Roles lists the roles, in the order in which they are offered.
var Roles = []Role{Mayor, ChiefOfStaff, Analyst, DepartmentHead, DepartmentStaff, Viewer, Administrator}

// OfDepartment reports whether the role is held for one department.
func (r Role) OfDepartment() bool { return r == DepartmentHead || r == DepartmentStaff }

// Grant is a role that a person holds.
type Grant struct {
	Role       Role   `json:"role"`
	Department string `json:"department,omitempty"` // the id of the department that the role is for; empty for the roles of the whole city
}

// Person is somebody who can sign in.
type Person struct {
	ID       int64     `json:"id"`
	Email    string    `json:"email"` // as [Address] writes it; no two people have the same
	Name     string    `json:"name"`
	Lang     kpi.Lang  `json:"lang,omitempty"` // in which the program writes to them; empty: the city's
	Grants   []Grant   `json:"grants"`
	Disabled bool      `json:"disabled,omitempty"` // may not sign in, and is signed out everywhere
	Created  time.Time `json:"created"`
	Seen     time.Time `json:"seen,omitzero"` // when they signed in last
	Password bool      `json:"password"`      // has set one
}

// May reports whether a person may do something of a department; of the whole city if department is empty. A right that reaches a department
// alone does not reach the whole city.
func (p *Person) May(a Action, department string) bool {
	if p == nil || p.Disabled {
		return false
	}
	return slices.ContainsFunc(p.Grants, func(g Grant) bool {
		switch Rights[a][g.Role] {
		case Everywhere:
			return true
		case OwnDepartment:
			return department != "" && g.Department == department
		}
		return false
	})
}

// MayAnywhere reports whether there is a department for which a person may do something, or the whole city.
func (p *Person) MayAnywhere(a Action) bool {
	if p == nil || p.Disabled {
		return false
	}
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return Rights[a][g.Role] != Nowhere })
}

// Has reports whether a person holds the role, for any department.
func (p *Person) Has(r Role) bool {
	return p != nil && !p.Disabled && slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role == r })
}

// CheckGrants fails with [kpi.CodeInvalid] if a role is none, lacks its department or has one that it cannot have, or stands twice.
func CheckGrants(grants []Grant) error {
	for i, g := range grants {
		switch {
		case !slices.Contains(Roles, g.Role):
			return kpi.Errorf(kpi.CodeInvalid, "there is no role %q; the roles are %s", g.Role, names(Roles))
		case g.Role.OfDepartment() && !kpi.ValidID(g.Department):
			return kpi.Errorf(kpi.CodeInvalid, "the role %s is for a department; name its id", g.Role)
		case !g.Role.OfDepartment() && g.Department != "":
			return kpi.Errorf(kpi.CodeInvalid, "the role %s is for the whole city; leave the department out", g.Role)
		case slices.Contains(grants[:i], g):
			return kpi.Errorf(kpi.CodeInvalid, "the role %s stands twice", g.Role)
		}
	}
	return nil
}

func names(roles []Role) string {
	list := make([]string, len(roles))
	for i, r := range roles {
		list[i] = string(r)
	}
	return strings.Join(list, ", ")
}

// The longest address (RFC 5321 §4.5.3.1.3, less the angle brackets) and name.
const (
	maxAddress = 254
	maxName    = 120
)

// Address returns an e-mail address as it is kept: without spaces around it, in lower case, so that nobody has two accounts by the way in which
// they write. It fails with [kpi.CodeInvalid] if it is none.
func Address(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	_, domain, _ := strings.Cut(s, "@")
	if err != nil || a.Address != s || len(s) > maxAddress || domain == "" || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsSpace(r) || r == '"' }) {
		return "", kpi.Errorf(kpi.CodeInvalid, "this is no e-mail address; write it as name@city.gov")
	}
	return s, nil
}

// Name returns a person's name as it is kept. It fails with [kpi.CodeInvalid] if it is empty, too long or holds characters that do not show.
func Name(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || utf8.RuneCountInString(s) > maxName || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", kpi.Errorf(kpi.CodeInvalid, "write a name of 1 to %d characters", maxName)
	}
	return s, nil
}

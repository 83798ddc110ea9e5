package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

// Directory keeps the people who can sign in.
type Directory interface {
	People(ctx context.Context) ([]account.Person, error)
	AddPerson(ctx context.Context, p account.Person, by account.By, now time.Time) (int64, error)
	ChangePerson(ctx context.Context, id int64, c account.Change, by account.By, now time.Time) error
	NewLink(ctx context.Context, id int64, by account.By, now time.Time, valid time.Duration) (secret string, err error)
}

// linkValid is how long a link that sets a password serves.
const linkValid = 72 * time.Hour

const staffPeoplePath = StaffRoot + "/people"

var staffPeoplePage = Page{
	Name: "staff_people", Path: staffPeoplePath, Menu: "people.menu", Role: StaffOnly, Needs: account.SeePeople, Sends: account.ChangePeople,
	Shown: func(r *Request) bool { return r.directory != nil && r.Person.MayAnywhere(account.SeePeople) },
	Query: []string{"done"}, Load: loadPeople, Post: postPeople,
}

// peopleData is the list of people, with a form for another.
type peopleData struct {
	formErrors
	Action string
	May    bool // the reader may change something
	Posts  Link // the page about who holds which post; URL is "" where there is none
	Notice string
	Mail   string   // that none has gone out for days; "" if it has
	Link   *newLink // that was just made
	People []personView
	Sent   personForm // of the form for another person
}

// newLink is shown once: nobody can look it up later.
type newLink struct {
	URL, Email string
	Until      Moment
}

// personView is one person, with a form that changes them.
type personView struct {
	account.Person
	Anchor string
	Roles  []string // in words
	Seen   *Moment  // nil: never
	Form   personForm
	Me     bool   // disabling oneself is no button
	Posts  []Link // that they hold or act for, today or later
	Warn   []string
}

// personForm is the choice of roles.
type personForm struct {
	Email, Name string
	City        []roleOption // roles of the whole city
	Of          []roleGroup  // roles of a department
	Langs       []option
}

type roleOption struct {
	Value, ID, Text string
	Hint            string
	Words           Words
	Chosen          bool
}

// roleGroup is a role that is held for departments.
type roleGroup struct {
	Text, Hint string
	Options    []roleOption
}

func loadPeople(ctx context.Context, r *Request) (Content, error) {
	d := peopleData{}
	if r.Query.Get("done") != "" {
		d.Notice = r.P.T("people.done")
	}
	return r.people(ctx, d, nil)
}

// people is the page with what came of a form; sent are the roles that were chosen for another person.
func (r *Request) people(ctx context.Context, d peopleData, sent []account.Grant) (Content, error) {
	if r.directory == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nobody can sign in here")
	}
	list, err := r.directory.People(ctx)
	if err != nil {
		return Content{}, err
	}
	d.Action, d.May = staffPeoplePath, r.Person.May(account.ChangePeople, "")
	if r.mustKnowPosts() == nil {
		d.Posts = Link{URL: staffPostsPath, Words: own(r.P.T("posts.all"))}
	}
	if d.Mail, err = r.mailTrouble(ctx); err != nil {
		return Content{}, err
	}
	form := r.roleForm("new", sent, r.City.Source())
	d.Sent.City, d.Sent.Of, d.Sent.Langs = form.City, form.Of, form.Langs
	for i := range list {
		d.People = append(d.People, r.personView(&list[i]))
	}
	c := Content{Title: r.P.T("people.title"), Summary: r.P.T("people.intro")}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

func (r *Request) personView(p *account.Person) personView {
	v := personView{Person: *p, Anchor: "person-" + strconv.FormatInt(p.ID, 10), Me: p.ID == r.Person.ID}
	for _, g := range p.Grants {
		v.Roles = append(v.Roles, r.role(g))
	}
	if !p.Seen.IsZero() {
		at := r.at(p.Seen)
		v.Seen = &at
	}
	v.Form = r.roleForm(v.Anchor, p.Grants, p.Lang)
	v.Posts = r.stillHeld(p.ID)
	for _, g := range p.Grants {
		if d := r.City.Department(g.Department); d != nil && d.Ended(r.day()) {
			v.Warn = append(v.Warn, r.P.T("org.role_ended", "on_day", r.P.On(d.Until), "department", r.P.Text(d.Name)))
		}
	}
	return v
}

// role is a grant in words; a department's name stands behind a colon and is never declined.
func (r *Request) role(g account.Grant) string {
	word := r.P.T("people.role." + string(g.Role))
	if g.Department == "" {
		return word
	}
	if d := r.City.Department(g.Department); d != nil {
		return r.P.T("people.role_of", "role", word, "department", r.P.Text(d.Name))
	}
	return r.P.T("people.role_of", "role", word, "department", g.Department)
}

func (r *Request) roleForm(prefix string, chosen []account.Grant, lang kpi.Lang) personForm {
	var f personForm
	for _, role := range account.Roles {
		text, hint := r.P.T("people.role."+string(role)), r.P.T("people.may."+string(role))
		if !role.OfDepartment() {
			f.City = append(f.City, roleOption{
				Value: string(role), ID: prefix + "-" + string(role), Text: text, Hint: hint, Chosen: slices.Contains(chosen, account.Grant{Role: role}),
			})
			continue
		}
		g := roleGroup{Text: text, Hint: hint}
		for i := range r.City.Departments {
			d := &r.City.Departments[i]
			if held := slices.Contains(chosen, account.Grant{Role: role, Department: d.ID}); !held && !d.On(r.day()) {
				continue // a role for what is not there is taken back here, and given to nobody
			}
			g.Options = append(g.Options, roleOption{
				Value: string(role) + ":" + d.ID, ID: prefix + "-" + string(role) + "-" + d.ID, Words: r.Words(d.Name),
				Chosen: slices.Contains(chosen, account.Grant{Role: role, Department: d.ID}),
			})
		}
		if len(g.Options) > 0 {
			f.Of = append(f.Of, g)
		}
	}
	for _, l := range offered(r.City) {
		f.Langs = append(f.Langs, option{Value: string(l), Words: own(i18n.OwnName(l)), Selected: l == lang || lang == "" && l == r.City.Source()})
	}
	return f
}

// grantsOf reads the roles that were chosen in a form. Departments are those of the folder.
func (r *Request) grantsOf(form url.Values) ([]account.Grant, error) {
	grants := []account.Grant{}
	for _, s := range form["role"] {
		role, department, _ := strings.Cut(s, ":")
		if department != "" && r.City.Department(department) == nil {
			return nil, kpi.Errorf(kpi.CodeInvalid, "the city has no department %q", department)
		}
		grants = append(grants, account.Grant{Role: account.Role(role), Department: department})
	}
	return grants, account.CheckGrants(grants)
}

func postPeople(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if !r.Person.May(account.ChangePeople, "") || r.directory == nil {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you change people")
	}
	grants, err := r.grantsOf(form)
	if err != nil {
		return Posted{}, err
	}
	if form.Get("do") == "add" {
		return r.addPerson(ctx, form, grants)
	}
	id, err := strconv.ParseInt(form.Get("person"), 10, 64)
	if err != nil {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form says of nobody whom it is about")
	}
	by := r.Person.By()
	var c account.Change
	switch disabled := form.Get("do") == "disable"; form.Get("do") {
	case "link":
		return r.linkFor(ctx, id)
	case "roles":
		lang := kpi.Lang(form.Get("lang"))
		if !slices.Contains(kpi.Langs, lang) {
			lang = ""
		}
		c.Grants, c.Lang = &grants, &lang
	case "disable", "enable":
		c.Disabled = &disabled
	default:
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	switch err := r.directory.ChangePerson(ctx, id, c, by, r.now); {
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		var d peopleData
		d.add("", r.P.T("people.last_administrator"))
		content, err := r.people(ctx, d, nil)
		return Posted{Content: content, Status: http.StatusConflict}, err
	case err != nil:
		return Posted{}, err
	}
	return Posted{To: staffPeoplePath + "?done=" + strconv.FormatInt(id, 10) + "#person-" + strconv.FormatInt(id, 10)}, nil
}

// addPerson adds somebody and shows the link by which they set a password.
func (r *Request) addPerson(ctx context.Context, form url.Values, grants []account.Grant) (Posted, error) {
	d := peopleData{Sent: personForm{Email: strings.TrimSpace(form.Get("email")), Name: strings.TrimSpace(form.Get("name"))}}
	if _, err := account.Address(d.Sent.Email); err != nil {
		d.add("new-email", r.P.T("people.wrong_email"))
	}
	if _, err := account.Name(d.Sent.Name); err != nil {
		d.add("new-name", r.P.T("people.wrong_name"))
	}
	if len(d.Errors) == 0 {
		id, err := r.directory.AddPerson(ctx, account.Person{Email: d.Sent.Email, Name: d.Sent.Name, Lang: r.langOf(form), Grants: grants}, r.Person.By(), r.now)
		switch {
		case err == nil:
			return r.linkFor(ctx, id)
		case kpi.ErrorCode(err) == kpi.CodeConflict:
			d.add("new-email", r.P.T("people.taken"))
		default:
			return Posted{}, err
		}
	}
	content, err := r.people(ctx, d, grants)
	return Posted{Content: content}, err
}

func (r *Request) langOf(form url.Values) kpi.Lang {
	if l := kpi.Lang(form.Get("lang")); slices.Contains(offered(r.City), l) {
		return l
	}
	return ""
}

// linkFor makes a link for somebody and shows it, once.
func (r *Request) linkFor(ctx context.Context, id int64) (Posted, error) {
	secret, err := r.directory.NewLink(ctx, id, r.Person.By(), r.now, linkValid)
	if err != nil {
		return Posted{}, err
	}
	list, err := r.directory.People(ctx)
	if err != nil {
		return Posted{}, err
	}
	d := peopleData{}
	for _, p := range list {
		if p.ID == id {
			d.Link = &newLink{URL: r.site + LinkPath(secret), Email: p.Email, Until: r.at(r.now.Add(linkValid))}
		}
	}
	content, err := r.people(ctx, d, nil)
	return Posted{Content: content, Status: http.StatusOK}, err
}

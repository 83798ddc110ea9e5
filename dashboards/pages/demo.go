package pages

import (
	"context"
	"crypto/subtle"
	"net/url"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
)

// DemoRoot is where the link to a demonstration begins; its secret follows.
const DemoRoot = DoorRoot + "/demo/"

// Demo is a demonstration: people who are made up, and as whom whoever started the program may look around. Only a city that the program carries has one, and the server
// leads nobody to it who does not sit at this machine.
type Demo interface {
	// DemoPeople returns those people.
	DemoPeople(ctx context.Context) ([]account.Person, error)
	// Key is the secret of the link.
	Key() string
}

var demoPage = Page{Name: "demo", Path: DemoRoot + ":secret", Role: AtDoor, Load: loadDemo, Post: postDemo}

// DemoPath is the path of the link to a demonstration with a secret.
func DemoPath(secret string) string { return DemoRoot + url.PathEscape(secret) }

// demoData is the page on which a newcomer chooses as whom to look around.
type demoData struct {
	Action string
	People []demoView
}

// demoView is one of those people.
type demoView struct {
	ID   int64
	Name string
	Role string
	Of   Words // the department of the role
	Post Words // that they hold today; the first of several
	Sees string
}

// demoPeople returns the people of the demonstration, if the address holds its secret.
func (r *Request) demoPeople(ctx context.Context) ([]account.Person, error) {
	if r.demo == nil || subtle.ConstantTimeCompare([]byte(r.Params["secret"]), []byte(r.demo.Key())) != 1 {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no demonstration with this link")
	}
	return r.demo.DemoPeople(ctx)
}

func loadDemo(ctx context.Context, r *Request) (Content, error) {
	people, err := r.demoPeople(ctx)
	if err != nil {
		return Content{}, err
	}
	d := demoData{Action: DemoPath(r.Params["secret"])}
	for i := range people {
		p := &people[i]
		v := demoView{ID: p.ID, Name: p.Name}
		for _, g := range p.Grants {
			v.Role, v.Sees = r.P.T("people.role."+string(g.Role)), r.P.T("demo.sees."+string(g.Role))
			if of := r.City.Department(g.Department); of != nil {
				v.Of = r.Words(of.Name)
			}
		}
		for _, h := range r.holders.list {
			if post := r.City.Person(h.Post); post != nil && h.Holder == p.ID && h.Holds(r.Today) && v.Post.Text == "" {
				v.Post = r.Words(post.Title)
			}
		}
		if v.Of.Text == "" || v.Post.Text != "" { // whoever led a department and is gone has nothing to do here
			d.People = append(d.People, v)
		}
	}
	return Content{Title: r.P.T("demo.title"), Summary: r.P.T("demo.intro"), Data: d}, nil
}

// postDemo signs a newcomer in as one of those people, and as nobody else.
func postDemo(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	people, err := r.demoPeople(ctx)
	if err != nil {
		return Posted{}, err
	}
	for i := range people {
		if strconv.FormatInt(people[i].ID, 10) == form.Get("person") {
			return Posted{To: StaffRoot}, r.door.EnterAs(ctx, people[i].ID, "demo")
		}
	}
	return Posted{}, kpi.Errorf(kpi.CodeDenied, "nobody of the demonstration has this number")
}

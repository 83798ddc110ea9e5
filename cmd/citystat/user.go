package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"citystat/dashboards"
	"citystat/kpi"
	"citystat/kpi/account"
)

// linkValid is how long a link that sets a password serves.
const linkValid = 72 * time.Hour

// peopleReply is what the stores answer about people and the audit trail.
type peopleReply struct {
	Person  *account.Person   `json:"person,omitempty"`
	Secret  string            `json:"secret,omitempty"` // of a new link
	Expires time.Time         `json:"expires,omitzero"`
	People  []account.Person  `json:"people,omitempty"`
	Trail   []account.Audited `json:"trail,omitempty"`
	Entries int64             `json:"entries,omitempty"` // of the audit trail, when it is verified
	Last    string            `json:"last,omitempty"`    // hash of the last one, in hex
	Wrong   string            `json:"wrong,omitempty"`
}

// userFlags are what the subcommands of user share.
type userFlags struct {
	data, site, name, lang string
	roles                  []string
	json                   bool
}

func newUser() *cobra.Command {
	var f userFlags
	c := &cobra.Command{
		Use:   "user",
		Short: "Add people who can sign in, give them roles, make links by which they set a password",
		Long: `Add people who can sign in, give them roles, make links by which they set a password. There is no default account and no default password:
the first administrator is added here.

The roles are ` + roleList() + `.
A role of a department has it behind a colon: department_head:public-works. Everything that is done here stands in the audit trail.`,
	}
	c.PersistentFlags().StringVar(&f.data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.PersistentFlags().StringVar(&f.site, "site", fromEnv("CITYSTAT_SITE", "http://localhost:8080"), "address of the site, for links (CITYSTAT_SITE)")
	named := func(c *cobra.Command) *cobra.Command {
		c.Flags().StringVar(&f.name, "name", "", "the person's name")
		c.Flags().StringVar(&f.lang, "lang", "", "language in which the program writes to them: en, es, pt-BR or fr; by default the city's")
		c.Flags().StringSliceVar(&f.roles, "role", nil, "a role; may be given more than once")
		return c
	}
	add := named(f.command("add [DIR] EMAIL", "Add a person, and print the link by which they set a password", "add"))
	roles := f.command("roles [DIR] EMAIL", "Give a person other roles in the place of those before", "roles")
	roles.Flags().StringSliceVar(&f.roles, "role", nil, "a role; may be given more than once; without it they have none")
	list := f.command("list [DIR]", "List everybody", "list")
	list.Flags().BoolVar(&f.json, "json", false, "print JSON")
	c.AddCommand(add, roles, list,
		f.command("link [DIR] EMAIL", "Print a new link by which a person sets a password; those before are void", "link"),
		f.command("disable [DIR] EMAIL", "Sign a person out everywhere, for good", "disable"),
		f.command("enable [DIR] EMAIL", "Let a person in again", "enable"))
	return c
}

func roleList() string {
	var names []string
	for _, r := range account.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// command is a subcommand that does one thing with the people.
func (f *userFlags) command(use, short, do string) *cobra.Command {
	wantsEmail := strings.Contains(use, "EMAIL")
	return &cobra.Command{
		Use: use, Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if wantsEmail && (len(args) == 0 || len(args) > 2) {
				return errUsage{fmt.Errorf("give the e-mail address, behind the city folder, such as: citystat user %s mycity ana@city.gov", do)}
			}
			if !wantsEmail && len(args) > 1 {
				return errUsage{errors.New("give the city folder alone")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := ""
			q := url.Values{"do": {do}, "by": {onThisMachine()}}
			if wantsEmail {
				q.Set("email", args[len(args)-1])
				args = args[:len(args)-1]
			}
			dir = first(args)
			q.Set("name", f.name)
			q.Set("lang", f.lang)
			q["role"] = f.roles
			r, err := askPeople(cmd.Context(), cmd.ErrOrStderr(), dir, f.data, q)
			if err != nil {
				return err
			}
			return f.print(cmd.OutOrStdout(), do, r)
		},
	}
}

// onThisMachine names whoever works at the command line, for the audit trail.
func onThisMachine() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "command line: " + u.Username
	}
	return "command line"
}

// askPeople asks the server that owns the data directory, or the stores.
func askPeople(ctx context.Context, errOut io.Writer, dir, data string, q url.Values) (peopleReply, error) {
	var r peopleReply
	err := withStores(ctx, errOut, dir, data, newProgress(io.Discard),
		func(dir string) error {
			reply, err := callServer(ctx, dir, "people", q)
			if reply.People != nil {
				r = *reply.People
			}
			return errors.Join(err, replyError(reply))
		},
		func(e *engine) (err error) {
			r, err = e.people(ctx, q)
			return err
		})
	return r, err
}

func (f *userFlags) print(w io.Writer, do string, r peopleReply) error {
	switch do {
	case "list":
		return printPeople(w, r.People, f.json)
	case "add", "link":
		_, err := fmt.Fprintf(w, "%s sets a password here, once, until %s:\n%s%s\n",
			r.Person.Email, r.Expires.UTC().Format("2006-01-02 15:04 MST"), strings.TrimSuffix(f.site, "/"), dashboards.LinkPath(r.Secret))
		return err
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", r.Person.Email, state(*r.Person))
	return err
}

// state says what a person is, in a few words.
func state(p account.Person) string {
	var list []string
	for _, g := range p.Grants {
		s := string(g.Role)
		if g.Department != "" {
			s += ":" + g.Department
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		list = []string{"no roles"}
	}
	if p.Disabled {
		list = append(list, "disabled")
	}
	return strings.Join(list, ", ")
}

func printPeople(w io.Writer, people []account.Person, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(people)
	}
	if len(people) == 0 {
		_, err := fmt.Fprintln(w, "Nobody can sign in yet. Add the first administrator: citystat user add EMAIL --name NAME --role administrator")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "E-MAIL\tNAME\tROLES\tPASSWORD\tLAST SIGNED IN")
	for _, p := range people {
		seen, password := "never", "not set"
		if !p.Seen.IsZero() {
			seen = p.Seen.UTC().Format("2006-01-02 15:04 MST")
		}
		if p.Password {
			password = "set"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", p.Email, p.Name, state(p), password, seen)
	}
	return t.Flush()
}

// people does what a command asks for with the people and the audit trail.
func (e *engine) people(ctx context.Context, q url.Values) (r peopleReply, err error) {
	by := account.By{Name: q.Get("by")}
	switch q.Get("do") {
	case "list":
		r.People, err = e.led.People(ctx)
		return r, err
	case "trail":
		limit, err := strconv.Atoi(q.Get("limit"))
		if err != nil {
			return r, kpi.Errorf(kpi.CodeInvalid, "%q is no number of entries", q.Get("limit"))
		}
		r.Trail, err = e.led.Audit(ctx, 0, limit)
		return r, err
	case "verify":
		var last []byte
		r.Entries, last, r.Wrong, err = e.led.VerifyAudit(ctx)
		r.Last = hex.EncodeToString(last)
		return r, err
	case "add":
		p, err := e.newPerson(q)
		if err != nil {
			return r, err
		}
		id, err := e.led.AddPerson(ctx, p, by, e.now())
		if err != nil {
			return r, err
		}
		return e.link(ctx, id, by)
	}
	p, err := e.led.PersonByEmail(ctx, q.Get("email"))
	if err != nil {
		return r, err
	}
	return e.changePerson(ctx, p, q, by)
}

// changePerson does what a command asks for with one person.
func (e *engine) changePerson(ctx context.Context, p account.Person, q url.Values, by account.By) (r peopleReply, err error) {
	var c account.Change
	switch disabled := q.Get("do") == "disable"; q.Get("do") {
	case "link":
		return e.link(ctx, p.ID, by)
	case "disable", "enable":
		c.Disabled = &disabled
	case "roles":
		grants, err := e.grants(q["role"])
		if err != nil {
			return r, err
		}
		c.Grants = &grants
	default:
		return r, kpi.Errorf(kpi.CodeInvalid, "nobody can %q people", q.Get("do"))
	}
	if err := e.led.ChangePerson(ctx, p.ID, c, by, e.now()); err != nil {
		return r, err
	}
	if p, err = e.led.Person(ctx, p.ID); err != nil {
		return r, err
	}
	return peopleReply{Person: &p}, nil
}

// link makes a link for a person.
func (e *engine) link(ctx context.Context, id int64, by account.By) (peopleReply, error) {
	now := e.now()
	secret, err := e.led.NewLink(ctx, id, by, now, linkValid)
	if err != nil {
		return peopleReply{}, err
	}
	p, err := e.led.Person(ctx, id)
	if err != nil {
		return peopleReply{}, err
	}
	return peopleReply{Person: &p, Secret: secret, Expires: now.Add(linkValid)}, nil
}

func (e *engine) newPerson(q url.Values) (account.Person, error) {
	p := account.Person{Email: q.Get("email"), Name: q.Get("name"), Lang: kpi.Lang(q.Get("lang"))}
	if p.Name == "" {
		p.Name, _, _ = strings.Cut(p.Email, "@")
	}
	if p.Lang != "" && !slices.Contains(kpi.Langs, p.Lang) {
		return p, kpi.Errorf(kpi.CodeInvalid, "there is no language %q; write en, es, pt-BR or fr", p.Lang)
	}
	var err error
	p.Grants, err = e.grants(q["role"])
	return p, err
}

// grants reads roles as they are written on the command line. The departments are those of the folder.
func (e *engine) grants(roles []string) ([]account.Grant, error) {
	city, _ := e.definitions()
	grants := []account.Grant{}
	for _, s := range roles {
		role, department, _ := strings.Cut(s, ":")
		if department != "" && city.Department(department) == nil {
			return nil, kpi.Errorf(kpi.CodeInvalid, "the city has no department %q; it has %s", department, departments(city))
		}
		grants = append(grants, account.Grant{Role: account.Role(role), Department: department})
	}
	return grants, account.CheckGrants(grants)
}

func departments(city *kpi.City) string {
	var ids []string
	for _, d := range city.Departments {
		ids = append(ids, d.ID)
	}
	return strings.Join(ids, ", ")
}

func newAudit() *cobra.Command {
	var data string
	var asJSON, verify bool
	var limit int
	c := &cobra.Command{
		Use:   "audit [DIR]",
		Short: "Show who changed what, or verify that nobody changed the trail itself",
		Long: `Show who changed what, the newest first. Each entry carries a hash over itself and the one before; --verify reads them all and says whether one
was changed or taken out, and prints the hash of the last. Keep that hash elsewhere: with it, a trail whose end was cut off is known too.`,
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{"do": {"trail"}, "limit": {strconv.Itoa(limit)}}
			if verify {
				q.Set("do", "verify")
			}
			r, err := askPeople(cmd.Context(), cmd.ErrOrStderr(), first(args), data, q)
			if err != nil {
				return err
			}
			if verify {
				return printVerified(cmd.OutOrStdout(), r, asJSON)
			}
			return printTrail(cmd.OutOrStdout(), r.Trail, asJSON)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&verify, "verify", false, "read the whole trail and say whether it is as it was written")
	c.Flags().IntVar(&limit, "limit", 50, "how many entries")
	return c
}

func printVerified(w io.Writer, r peopleReply, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else if r.Wrong == "" {
		if _, err := fmt.Fprintf(w, "%d entries, as they were written. Hash of the last: %s\n", r.Entries, r.Last); err != nil {
			return err
		}
	}
	if r.Wrong != "" {
		return kpi.Errorf(kpi.CodeInvalid, "%s; compare with a backup of ledger.db", r.Wrong)
	}
	return nil
}

func printTrail(w io.Writer, trail []account.Audited, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(trail)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NO\tTIME\tWHO\tWHAT\tOF\tDETAIL")
	for _, a := range trail {
		var detail []string
		for k, v := range a.Detail {
			detail = append(detail, k+": "+v)
		}
		slices.Sort(detail)
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", a.Seq, a.At.Format("2006-01-02 15:04:05 MST"), a.Name, a.Action, a.Subject, strings.Join(detail, "; "))
	}
	return t.Flush()
}

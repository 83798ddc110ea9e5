package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/meeting"
)

// town is a city with commitments, kept in a real ledger, at a time that tests move.
type town struct {
	t      *testing.T
	led    *ledger.DB
	path   string
	city   *kpi.City
	now    time.Time
	in     meeting.DutyInputs
	bundle *i18n.Bundle
	office *postOffice
}

// newTown has somebody for each language, somebody without a duty, and somebody disabled; it is a Tuesday, ten to seven in the morning.
func newTown(t *testing.T) *town {
	t.Helper()
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	v := &town{t: t, path: filepath.Join(t.TempDir(), "ledger.db"), bundle: bundle, office: openPostOffice(t, opening{})}
	v.open()
	v.city = &kpi.City{
		ID: "harborview", Name: kpi.NewText(kpi.English, "Harbor\r\nview"), Languages: kpi.Langs, TimeZone: "America/New_York",
		Holidays:    []kpi.Date{kpi.NewDate(2026, 12, 7)}, // a Monday
		Departments: []kpi.Department{{ID: "parks", Name: kpi.NewText(kpi.English, "Parks")}},
		Indicators:  []kpi.Indicator{{ID: "trees", Name: kpi.NewText(kpi.English, "Trees <planted>"), Department: "parks"}},
	}
	cal, err := v.city.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	v.in = meeting.DutyInputs{City: v.city, Cal: cal}
	v.at(2026, 12, 1, 6, 50)
	by := account.By{Name: "the test"}
	for i, lang := range kpi.Langs {
		name := "Ana"
		if i == 0 {
			name = "Ana </script><b>מיכל"
		}
		if _, err := v.led.AddPerson(t.Context(), account.Person{Email: strings.ToLower(string(lang)) + "@city.gov", Name: name, Lang: lang, Grants: []account.Grant{{Role: account.DepartmentHead, Department: "parks"}}}, by, v.now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.led.AddPerson(t.Context(), account.Person{Email: "idle@city.gov", Name: "Idle", Grants: []account.Grant{{Role: account.Viewer}}}, by, v.now); err != nil {
		t.Fatal(err)
	}
	out, err := v.led.AddPerson(t.Context(), account.Person{Email: "out@city.gov", Name: "Out", Grants: []account.Grant{{Role: account.DepartmentHead, Department: "parks"}}}, by, v.now)
	if err != nil {
		t.Fatal(err)
	}
	disabled := true
	if err := v.led.ChangePerson(t.Context(), out, account.Change{Disabled: &disabled}, by, v.now); err != nil {
		t.Fatal(err)
	}
	due := func(id int64, day kpi.Date, of string) kpi.Commitment {
		return kpi.Commitment{Stamp: kpi.Stamp{ID: id}, Text: "From 300 to 200 <b>", Lang: kpi.English, Department: "parks", Indicator: of, Due: day, State: kpi.CommitmentOpen}
	}
	v.in.Commitments = []kpi.Commitment{due(1, kpi.NewDate(2026, 11, 28), "trees"), due(2, kpi.NewDate(2026, 12, 3), ""), due(3, kpi.NewDate(2027, 3, 1), "trees")}
	v.in.Commentaries = []kpi.Commentary{{Stamp: kpi.Stamp{ID: 4, At: v.now.AddDate(0, 0, -4)}, Indicator: "trees", Period: "2026-10", Department: "parks", State: kpi.CommentaryReturned, Happened: "We planted 212 trees."}}
	return v
}

// open opens the ledger, as the program does when it starts.
func (v *town) open() {
	v.t.Helper()
	led, err := ledger.Open(context.Background(), v.path)
	if err != nil {
		v.t.Fatal(err)
	}
	v.led = led
	v.t.Cleanup(func() { _ = led.Close() })
}

// at sets the clock, as the city reads it.
func (v *town) at(year int, month time.Month, day, hour, minute int) {
	v.t.Helper()
	loc, err := time.LoadLocation(v.city.TimeZone)
	if err != nil {
		v.t.Fatal(err)
	}
	v.now = time.Date(year, month, day, hour, minute, 0, 0, loc)
}

// reminder is one of a program that has just been started.
func (v *town) reminder(sender Sender) *Reminder {
	v.t.Helper()
	r, err := NewReminder(Options{
		Book: v.led, Sender: sender, Bundle: v.bundle, Site: "https://stat.city.gov/", Now: func() time.Time { return v.now }, Logger: slog.New(slog.DiscardHandler),
		Path: func(d *meeting.Duty, who *account.Person) string { // as the pages say it, of a person who is there
			return fmt.Sprintf("/at/%s/%d?by=%s", d.Kind, d.Number, who.Email)
		},
		Duties: func(_ context.Context, now time.Time) (meeting.DutyInputs, error) {
			in := v.in
			in.Now, in.Today = now, kpi.DateOf(now.In(in.Cal.Location))
			return in, nil
		},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return r
}

// pass sends what is due, and returns to whom.
func (v *town) pass(sender Sender) (to []string, wait time.Duration) {
	v.t.Helper()
	before := len(v.office.letters())
	wait = v.reminder(sender).Pass(v.t.Context())
	for _, l := range v.office.letters()[before:] {
		to = append(to, l.to)
	}
	return to, wait
}

func (v *town) want(got []string, want string) {
	v.t.Helper()
	if s := strings.Join(got, " "); s != want {
		v.t.Errorf("%s: mail went to %q, want %q", v.now, s, want)
	}
}

const everybody = "en@city.gov es@city.gov fr@city.gov pt-br@city.gov"

// TestDigest reads what arrived, in four languages: both forms, links, how to end it; and no value and nothing that somebody wrote.
func TestDigest(t *testing.T) {
	v := newTown(t)
	v.at(2026, 12, 1, 7, 0)
	got, _ := v.pass(v.office.sender("smtp://ADDR?ca=CA"))
	v.want(got, everybody)
	words := map[string][]string{
		"en@city.gov":    {"Harbor view: due from you: 3", "LATE", "Due within a week", "Commitment", "November 28, 2026", "End these mails"},
		"es@city.gov":    {"Harbor view: asuntos pendientes: 3", "CON RETRASO", "Vence dentro de una semana", "Compromiso", "28 de noviembre de 2026", "No recibir más estos correos"},
		"pt-br@city.gov": {"Harbor view: assuntos pendentes: 3", "COM ATRASO", "Vence dentro de uma semana", "romisso assumido", "28 de novembro de 2026", "Não receber mais estas mensagens"},
		"fr@city.gov":    {"Harbor view\u00a0: points en attente\u00a0: 3", "EN RETARD", "À faire dans la semaine", "Engagement", "28 novembre 2026", "Ne plus recevoir ces courriels"},
	}
	seen := map[string]bool{}
	for _, l := range v.office.letters() {
		p := parse(t, l.raw)
		w := words[l.to]
		if p.subject != w[0] {
			t.Errorf("%s: the subject is %q", l.to, p.subject)
		}
		plain := strings.ReplaceAll(p.text, "\u00a0", " ")
		for _, s := range []string{w[1], w[3], w[4], w[5], "https://stat.city.gov/at/commitment/1?by=" + l.to, "https://stat.city.gov/at/commitment/2?by=" + l.to, "https://stat.city.gov/at/commentary/4?by=" + l.to, "https://stat.city.gov/staff/me", "Trees <planted>"} {
			if !strings.Contains(plain, s) {
				t.Errorf("%s: the text lacks %q\n%s", l.to, s, p.text)
			}
		}
		for _, s := range []string{w[2], w[3], "Trees &lt;planted&gt;", `href="https://stat.city.gov/at/commitment/2?by=` + l.to + `"`, ` lang="`} {
			if !strings.Contains(strings.ReplaceAll(p.html, "\u00a0", " "), s) {
				t.Errorf("%s: the page lacks %q\n%s", l.to, s, p.html)
			}
		}
		for _, s := range []string{"300", "212", "<b>", "<script", "commitments/3", "2027"} {
			if strings.Contains(p.html, s) || strings.Contains(strings.ReplaceAll(p.text, "Ana </script><b>", ""), s) {
				t.Errorf("%s: %q left the building", l.to, s)
			}
		}
		end := strings.Trim(p.header.Get("List-Unsubscribe"), "<>")
		secret, ok := strings.CutPrefix(end, "https://stat.city.gov"+UnsubscribePath)
		if !ok || seen[secret] || !strings.Contains(p.text, end) || !strings.Contains(p.html, end) || strings.Contains(end, "@") {
			t.Errorf("%s: mail ends at %q", l.to, end)
		}
		seen[secret] = true
		if known, err := v.led.Unsubscribes(t.Context(), secret, v.now); err != nil || !known {
			t.Errorf("%s: the secret ends nothing: %v", l.to, err)
		}
	}
}

// TestOneDigestADayAcrossRestarts lets the program start again and again, end while it sends, and meet a server that fails.
func TestOneDigestADayAcrossRestarts(t *testing.T) {
	v := newTown(t)
	working := v.office.sender("smtp://ADDR?ca=CA")
	got, wait := v.pass(working)
	v.want(got, "")
	if wait != 10*time.Minute {
		t.Errorf("at ten to seven it waits %s", wait)
	}
	v.at(2026, 12, 1, 9, 30) // the program was not there at seven
	v.office.set(func() { v.office.refuse = []error{nil, errors.New("554 no")} })
	got, wait = v.pass(working)
	v.want(got, "en@city.gov fr@city.gov pt-br@city.gov")
	if wait != time.Hour {
		t.Errorf("after one was refused it waits %s", wait)
	}
	if err := v.led.Close(); err != nil {
		t.Fatal(err)
	}
	v.open()
	v.at(2026, 12, 1, 10, 30)
	got, wait = v.pass(working)
	v.want(got, "es@city.gov")
	if wait != 20*time.Hour+30*time.Minute {
		t.Errorf("until tomorrow it waits %s", wait)
	}
	for range 2 {
		got, _ = v.pass(working)
		v.want(got, "")
	}

	v.at(2026, 12, 2, 7, 0)
	ctx, cancel := context.WithCancel(t.Context())
	before := len(v.office.letters())
	v.reminder(dying{working, cancel}).Pass(ctx) // the mail is out, and nobody noted it
	if n := len(v.office.letters()) - before; n != 1 {
		t.Fatalf("%d letters before the program ended", n)
	}
	got, _ = v.pass(working)
	v.want(got, everybody) // once more to the one who has it, and that is all
	got, _ = v.pass(working)
	v.want(got, "")

	v.at(2026, 12, 3, 7, 0)
	v.office.set(func() { v.office.drop = 2 }) // it had the mail, and was gone
	got, _ = v.pass(working)
	v.want(got, everybody)
	got, _ = v.pass(working)
	v.want(got, "en@city.gov es@city.gov")
	got, _ = v.pass(working)
	v.want(got, "")
}

// dying is a program that ends as soon as it has sent a mail.
type dying struct {
	Sender
	end func()
}

func (d dying) Send(ctx context.Context, m Message) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := d.Sender.Send(ctx, m)
	d.end()
	return errors.Join(err, ctx.Err())
}

// TestWhoIsWrittenTo: by what they chose, on working days alone, between seven and six, and never without a duty.
func TestWhoIsWrittenTo(t *testing.T) {
	v := newTown(t)
	working := v.office.sender("smtp://ADDR?ca=CA")
	people, err := v.led.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range people {
		choice := map[string]account.Digest{"es@city.gov": account.DigestWeekly, "fr@city.gov": account.DigestNever}[people[i].Email]
		if choice == "" {
			continue
		}
		if err := v.led.SetPreferences(t.Context(), people[i].ID, account.Preferences{Digest: choice}, people[i].By(), v.now); err != nil {
			t.Fatal(err)
		}
	}
	const daily = "en@city.gov pt-br@city.gov"
	for _, c := range []struct {
		month     time.Month
		day, hour int
		want      string
	}{
		{12, 1, 7, daily}, {12, 4, 18, ""}, {12, 4, 17, daily}, {12, 5, 9, ""}, {12, 6, 9, ""},
		{12, 7, 9, ""},                                                       // a holiday
		{12, 8, 6, ""}, {12, 8, 7, "en@city.gov es@city.gov pt-br@city.gov"}, // so the week begins on Tuesday
		{12, 9, 7, daily}, {12, 14, 7, "en@city.gov es@city.gov pt-br@city.gov"}, {12, 15, 7, daily},
	} {
		v.at(2026, c.month, c.day, c.hour, 0)
		got, _ := v.pass(working)
		v.want(got, c.want)
	}
	v.in.Commitments, v.in.Commentaries = nil, nil
	v.at(2026, 12, 16, 7, 0)
	got, _ := v.pass(working)
	v.want(got, "")
}

// TestEndOfDaylightTime: seven is seven on the wall, on a day of 25 hours and on one of 23 too.
func TestEndOfDaylightTime(t *testing.T) {
	v := newTown(t)
	v.city.Weekend = []time.Weekday{time.Friday} // the clock is changed on a Sunday
	v.in.City = v.city
	for _, c := range []struct {
		month     time.Month
		day, from int
		wait      time.Duration
	}{{11, 1, 0, 8 * time.Hour}, {3, 14, 0, 6 * time.Hour}} {
		year := map[time.Month]int{11: 2026, 3: 2027}[c.month]
		v.at(year, c.month, c.day, c.from, 0)
		if _, wait := v.pass(v.office.sender("smtp://ADDR?ca=CA")); wait != c.wait {
			t.Errorf("%s: it waits %s, want %s", v.now, wait, c.wait)
		}
	}
}

func TestNoMailWithoutASite(t *testing.T) {
	v := newTown(t)
	o := v.reminder(nilSender{}).opts
	for _, site := range []string{"", "stat.city.gov", "javascript:alert(1)"} {
		o.Site = site
		if _, err := NewReminder(o); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "--site") {
			t.Errorf("site %q: %v", site, err)
		}
	}
}

type nilSender struct{}

func (nilSender) Send(context.Context, Message) error { return nil }

// TestRecovery sends a link to somebody, and nothing to nobody, to whoever is disabled, and to what is no address.
func TestRecovery(t *testing.T) {
	v := newTown(t)
	r := NewRecovery(v.led, v.office.sender("smtp://ADDR?ca=CA"), v.bundle, func() *kpi.City { return v.city }, func(s string) string { return "https://stat.city.gov/sign-in/link/" + s },
		func() time.Time { return v.now }, slog.New(slog.DiscardHandler))
	for _, email := range []string{"nobody@city.gov", "out@city.gov", "x", "ES@city.gov"} {
		if err := r.send(t.Context(), email); err != nil {
			t.Fatal(err)
		}
	}
	list := v.office.letters()
	if len(list) != 1 || list[0].to != "es@city.gov" {
		t.Fatalf("%d letters", len(list))
	}
	p := parse(t, list[0].raw)
	_, secret, _ := strings.Cut(p.text, "/sign-in/link/")
	secret, _, _ = strings.Cut(secret, "\r\n")
	if p.subject != "Harbor view: una contraseña nueva" || !strings.Contains(p.html, "/sign-in/link/"+secret) || p.header.Get("List-Unsubscribe") != "" {
		t.Errorf("%q\n%s", p.subject, p.text)
	}
	if who, err := v.led.LinkOf(t.Context(), secret, v.now.Add(59*time.Minute)); err != nil || who.Email != "es@city.gov" {
		t.Errorf("%+v, %v", who, err)
	}
	if _, err := v.led.LinkOf(t.Context(), secret, v.now.Add(61*time.Minute)); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("after an hour: %v", err)
	}
	trail, err := v.led.Audit(t.Context(), 0, 1)
	if err != nil || trail[0].Action != "link.made" || trail[0].Name != "forgotten password" {
		t.Errorf("%+v, %v", trail, err)
	}
	if c := r.Counts(); c["sent"] != 1 || c["failed"] != 0 {
		t.Errorf("%v", c)
	}
	for range asked + 10 { // more than anybody waits for
		r.Recover("es@city.gov")
	}
}

package main

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/dashboards/ics/icstest"
	"citystat/kpi"
	"citystat/kpi/account"
)

// meetingTown is a folder with a series of meetings whose city has a today.
func meetingTown(t *testing.T) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/script/city.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "town", "city.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("as_of: 2026-03-31", "as_of: today", "{id: works, name: Works}", "{id: works, name: Works, head: chief}").Replace(string(b)) + `people:
  - {id: mayor, title: The mayor}
  - {id: analyst, title: The data office}
  - {id: chief, title: Chief of works}
meetings:
  - {id: repairs, name: Repairs, every: 2 weeks, weekday: Thursday, from: 2026-04-09, chair: mayor, analyst: analyst}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "town")
}

// TestInvitationsOfAProgram: whoever holds a post is invited to the meetings of the folder; what their calendar reads in the mail is what it reads on the site.
func TestInvitationsOfAProgram(t *testing.T) {
	b, address := openInbox(t)
	config, err := mailConfig(address, "stat@town.gov")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 4, 7, 12, 30, 0, 0, time.UTC) // half past eight in New York, on a Tuesday
	o := testOptions(meetingTown(t), t.TempDir())
	o.Mail, o.Site, o.Now = config, "http://stat.town.gov", func() time.Time { return now }
	app := start(t, o)
	head := signedIn(t, app, "head@town.gov", "department_head:works")
	p, err := app.engine.led.PersonByEmail(t.Context(), "head@town.gov")
	if err != nil {
		t.Fatal(err)
	}
	if err := app.engine.led.SaveHolding(t.Context(), &kpi.Holding{Post: "chief", Holder: p.ID, From: kpi.NewDate(2026, 1, 1)}, account.By{Name: "the test"}, now); err != nil {
		t.Fatal(err)
	}
	if err := app.post.inviter.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, slot := range []string{"2026-04-09", "2026-04-23"} { // those of the next 28 days
		if len(b) == 0 {
			t.Fatalf("nobody is invited to the meeting of %s", slot)
		}
		mailed := calendarInMail(t, <-b)
		status, _, file := head.send("/meetings/repairs/"+slot+"/invitation.ics", nil)
		if status != 200 {
			t.Fatalf("%d\n%s", status, file)
		}
		site := icstest.Read(t, []byte(file)).Parts[0]
		for _, name := range []string{"UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "URL", "DESCRIPTION"} {
			if a, b := mailed.Get(t, name), site.Get(t, name); a != b || name == "UID" && a != "repairs/"+slot+"@small-town" {
				t.Errorf("%s: the mail says %q, and the site %q", name, a, b)
			}
		}
	}
	if len(b) > 0 {
		t.Error("there is more mail")
	}
	if body := string(get(t, app, "/metrics")); !strings.Contains(body, `citystat_mail_total{result="sent"} 2`) {
		t.Error("/metrics does not count the invitations")
	}
}

// calendarInMail is the event that a mail brings.
func calendarInMail(t *testing.T, raw []byte) icstest.Part {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	body, kind := m.Body, m.Header.Get("Content-Type")
	for range 2 { // the forms of the mail are in the first part of it
		_, params, err := mime.ParseMediaType(kind)
		if err != nil {
			t.Fatal(err)
		}
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			kind = part.Header.Get("Content-Type")
			if strings.HasPrefix(kind, "text/calendar; method=REQUEST") {
				b, err := io.ReadAll(quotedprintable.NewReader(part))
				if err != nil {
					t.Fatal(err)
				}
				return icstest.Read(t, b).Parts[0]
			}
			if strings.HasPrefix(kind, "multipart/") {
				body = part
				break
			}
		}
	}
	t.Fatal("the mail has no calendar")
	return icstest.Part{}
}

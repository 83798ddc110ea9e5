package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard/scorecardtest"
)

// entrySite is the staff's site of an office in which people have typed, and the office.
func entrySite(t *testing.T) (*site, *ledgertest.Office) {
	t.Helper()
	office := scorecardtest.NewStaff()
	work := ledgertest.Filled(t, office.TheCity, scorecardtest.Now, nil)
	s := staffSite(t, office)
	s.pages.opts.Work, s.pages.opts.Directory = workIn(work), work
	return s, work
}

const entriesOfStreets = "/staff/data/" + ledgertest.EntryDataset + "/entries"

// TestEntryForms sends what people send, right and wrong: nothing that was typed is lost, and nothing counts before it was looked at.
func TestEntryForms(t *testing.T) {
	s, work := entrySite(t)
	get := func(id int64) kpi.EntryBatch {
		t.Helper()
		b, err := work.EntryBatch(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name, path string
		form       url.Values
		status     int
		says       []string
	}{
		{"typed", entriesOfStreets, url.Values{"do": {"type"}, "v.request_id": {"c-200"}, "v.district": {"old-harbor"}, "note": {"by phone"}}, http.StatusSeeOther, nil},
		{"typed without its key", entriesOfStreets, url.Values{"do": {"type"}, "v.type": {"<crash>"}, "note": {"by phone"}}, 422, []string{"<title>Error: ", `href="#v-request_id"`, `value="&lt;crash&gt;"`, "by phone", `aria-invalid="true"`}},
		{"a note that is too long", entriesOfStreets, url.Values{"do": {"type"}, "v.request_id": {"c-201"}, "note": {strings.Repeat("n", kpi.MaxEntryNote+1)}}, 422, []string{`href="#note"`, `value="c-201"`}},
		{"no file", entriesOfStreets, url.Values{"do": {"upload"}}, 422, []string{`href="#file"`, "Choose a spreadsheet."}},
		{"nothing asked", entriesOfStreets, url.Values{}, 400, nil},
		{"into a dataset of files", "/staff/data/service-requests/entries", url.Values{"do": {"type"}, "v.request_id": {"c-200"}}, 400, nil},
		{"into no dataset", "/staff/data/none/entries", url.Values{"do": {"type"}}, 404, nil},
		{"another dataset's entry", "/staff/data/service-requests/entries/1", url.Values{"do": {"mend"}}, 404, nil},
		{"no entry", entriesOfStreets + "/99", url.Values{"do": {"mend"}}, 404, nil},
		{"no number", entriesOfStreets + "/x", url.Values{"do": {"mend"}}, 404, nil},
		{"entered with wrong rows", entriesOfStreets + "/1", url.Values{"do": {"enter"}, "revision": {"1"}, "line": {"3", "4"}, "r.3.opened": {"still wrong"}}, 422, []string{`href="#r-3-opened"`, `value="still wrong"`, `href="#r-4-opened"`, `value="#DIV/0!"`}},
		{"a stranger's revision", entriesOfStreets + "/1", url.Values{"do": {"mend"}, "revision": {"7"}, "line": {"3"}, "r.3.opened": {"2026-03-03T10:00"}}, 409, []string{`value="2026-03-03T10:00"`, "Somebody else wrote here meanwhile:", "32/13/2026", `name="revision" value="1"`}},
		{"undone before it counts", entriesOfStreets + "/1", url.Values{"do": {"undo"}, "revision": {"1"}, "why": {"so"}}, 409, nil},
		{"mended once it counts", entriesOfStreets + "/2", url.Values{"do": {"mend"}, "revision": {"2"}}, 409, nil},
		{"undone without a reason", entriesOfStreets + "/2", url.Values{"do": {"undo"}, "revision": {"2"}, "why": {" \n"}}, 422, []string{`href="#why"`}},
		{"a row more", entriesOfStreets + "/5", url.Values{"do": {"add"}, "revision": {"1"}, "line": {"1"}, "r.1.type": {"signs"}}, http.StatusSeeOther, nil},
		{"all wrong rows left out", entriesOfStreets + "/1", url.Values{"do": {"leave"}, "revision": {"1"}}, http.StatusSeeOther, nil},
	} {
		res := s.post(c.path, c.form, http.Header{"Cookie": {"lang=en"}})
		if res.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, res.Code, c.status)
		}
		for _, want := range c.says {
			if !strings.Contains(res.Body.String(), want) {
				t.Errorf("%s: the page does not say %q", c.name, want)
			}
		}
	}
	if b := get(6); b.State != kpi.EntryDraft || b.Rows[0].Fields["request_id"] != "c-200" || b.Rows[0].Fields["district"] != "old-harbor" || b.Note != "by phone" || b.Department == "" {
		t.Errorf("%+v", b)
	}
	if b := get(5); len(b.Rows) != 2 || b.Rows[0].Fields["type"] != "signs" || b.Rows[0].Fields["request_id"] != "c-105" || b.Rows[1].Line != 2 {
		t.Errorf("%+v", b)
	}
	b := get(1)
	if b.Revision != 2 || b.Count != 2 || !b.Rows[1].Out || !b.Rows[2].Out || b.Rows[2].Fault == nil || b.Rows[1].Fields["opened"] != "32/13/2026" {
		t.Errorf("%+v", b)
	}
	if list, err := work.EntryBatches(t.Context(), kpi.PaperQuery{}); err != nil || len(list) != 6 {
		t.Errorf("%d batches, %v", len(list), err)
	}
}

// TestEntriesLink: whoever may type is led there, from the data and from the indicator; nobody else, and nowhere where nobody types.
func TestEntriesLink(t *testing.T) {
	s, _ := entrySite(t)
	office := s.pages.opts.Staff.(*scorecardtest.Staff)
	ds := office.TheCity.Dataset(ledgertest.EntryDataset)
	indicator := ""
	for _, r := range office.TheCard.Results {
		if r.Indicator.Dataset == ds.ID {
			indicator = staffIndicatorPath(r.Indicator.ID)
		}
	}
	var as account.Person
	s.echo.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			MarkStaff(c, &as)
			return next(c)
		}
	})
	for _, c := range []struct {
		grant account.Grant
		may   bool
	}{
		{account.Grant{Role: account.Analyst}, true}, {account.Grant{Role: account.DepartmentStaff, Department: ds.Department}, true},
		{account.Grant{Role: account.DepartmentHead, Department: "no-such-department"}, false}, {account.Grant{Role: account.Mayor}, false}, {account.Grant{Role: account.Viewer}, false},
	} {
		as = account.Person{ID: 1, Name: "Somebody", Grants: []account.Grant{c.grant}}
		for _, path := range []string{staffDataPath, indicator} {
			res := s.do(http.MethodGet, path, nil)
			if got := strings.Contains(res.Body.String(), `href="`+entriesOfStreets+`"`); res.Code != 200 || got != c.may {
				t.Errorf("%+v is led from %s: %v, and should be: %v (%d)", c.grant, path, got, c.may, res.Code)
			}
			if strings.Contains(res.Body.String(), "service-requests/entries") {
				t.Errorf("%s leads where nobody types", path)
			}
		}
		if res := s.do(http.MethodGet, entriesOfStreets, nil); (res.Code == 200) != c.may {
			t.Errorf("%+v: the page answers %d", c.grant, res.Code)
		}
	}
}

// TestDueEntry: which day the form offers.
func TestDueEntry(t *testing.T) {
	day := kpi.NewDate
	for _, c := range []struct {
		name         string
		key          string
		period       kpi.PeriodKind
		until, today kpi.Date
		want         string // the day that is due, "later" if the period is not over, "" for none
	}{
		{"the next month is over", "month", kpi.Month, day(2026, 2, 28), day(2026, 4, 2), "2026-03-31"},
		{"by first days", "month", kpi.Month, day(2026, 2, 1), day(2026, 4, 2), "2026-03-01"},
		{"in the middle of one", "month", kpi.Month, day(2026, 2, 15), day(2026, 4, 2), "2026-02-28"},
		{"it is not over", "month", kpi.Month, day(2026, 2, 28), day(2026, 3, 31), "later"},
		{"a quarter", "month", kpi.Quarter, day(2026, 3, 31), day(2026, 7, 1), "2026-06-30"},
		{"days", "month", kpi.Day, day(2026, 3, 30), day(2026, 4, 2), "2026-03-31"},
		{"a leap year", "month", kpi.Month, day(2028, 1, 31), day(2028, 4, 2), "2028-02-29"},
		{"no day in the key", "office", kpi.Month, day(2026, 2, 28), day(2026, 4, 2), ""},
		{"nothing yet", "month", kpi.Month, kpi.Date{}, day(2026, 4, 2), ""},
	} {
		ds := kpi.Dataset{ID: "d", Key: []string{c.key}, Columns: []kpi.Column{{Name: "month", From: "Month", Type: kpi.TypeDate}, {Name: "office", From: "Office", Type: kpi.TypeText}}}
		r := &Request{City: &kpi.City{Indicators: []kpi.Indicator{{ID: "i", Dataset: "d", Period: c.period, Measure: kpi.Measure{Date: "month"}}}}, Today: c.today, Cal: kpi.Calendar{Location: time.UTC}}
		due := r.dueIn(&ds, kpi.DatasetState{DataUntil: c.until})
		got := ""
		switch {
		case due.column == "" || due.until.IsZero():
		case !due.over:
			got = "later"
		default:
			got = due.day.String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestEntryFields: each kind of column has its kind of field, and what stands in a row is always shown as it is.
func TestEntryFields(t *testing.T) {
	s, _ := entrySite(t)
	r := &Request{P: s.pages.opts.Bundle.Printer(kpi.English, ""), City: scorecardtest.NewStaff().TheCity}
	ds := &kpi.Dataset{Key: []string{"k"}}
	for _, c := range []struct {
		column      kpi.Column
		text        string
		kind, value string
		hint        string
		chosen      string
	}{
		{kpi.Column{Name: "k", Type: kpi.TypeDate, Format: "%d/%m/%Y"}, "07/03/2026", "date", "2026-03-07", "", ""},
		{kpi.Column{Name: "d", Type: kpi.TypeDate, Format: "%d/%m/%Y"}, "32/03/2026", "text", "32/03/2026", "%d/%m/%Y", ""},
		{kpi.Column{Name: "d", Type: kpi.TypeDate, Format: kpi.FormatExcel}, "46000", "text", "46000", "excel", ""},
		{kpi.Column{Name: "n", Type: kpi.TypeNumber, Decimal: ",", Thousands: "."}, "1.2,3", "number", "1.2,3", "1.250,5", ""},
		{kpi.Column{Name: "n", Type: kpi.TypeInteger}, "", "number", "", "1250", ""},
		{kpi.Column{Name: "v", Type: kpi.TypeText, Values: map[string]string{"Bache": "pothole", "Luz": "light"}}, "Luz", "choice", "Luz", "", "Luz"},
		{kpi.Column{Name: "v", Type: kpi.TypeText, Values: map[string]string{"Bache": "pothole"}}, "Hueco", "choice", "Hueco", "", "Hueco"},
		{kpi.Column{Name: "v", Type: kpi.TypeText, Values: map[string]string{"Bache": "pothole"}, OthersAre: "other"}, "Hueco", "text", "Hueco", "", ""},
		{kpi.Column{Name: "p", Type: kpi.TypeDistrict}, "OLD HARBOR", "choice", "OLD HARBOR", "", "old-harbor"},
		{kpi.Column{Name: "p", Type: kpi.TypeDistrict}, "Nowhere", "choice", "Nowhere", "", "Nowhere"},
		{kpi.Column{Name: "b", Type: kpi.TypeBoolean}, "TRUE", "choice", "TRUE", "", "true"},
		{kpi.Column{Name: "t", Type: kpi.TypeText, Pattern: "[0-9]{3}"}, "", "text", "", "[0-9]{3}", ""},
	} {
		f := r.entryField(ds, &c.column, "v", c.text)
		at := slices.IndexFunc(f.Options, func(o option) bool { return o.Selected })
		chosen := ""
		if at >= 0 {
			chosen = f.Options[at].Value
		}
		if f.Kind != c.kind || f.Value != c.value || !strings.Contains(f.Hint, c.hint) || (f.Hint == "") != (c.hint == "") || chosen != c.chosen || f.Required != (c.column.Name == "k") {
			t.Errorf("%+v of %q: %+v", c.column, c.text, f)
		}
	}
}

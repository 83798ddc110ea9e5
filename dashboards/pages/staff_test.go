package pages

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// staffSite is the staff pages of an office, behind a server that lets everybody in.
func staffSite(t *testing.T, office *scorecardtest.Staff) *site {
	t.Helper()
	s := newSite(t, scorecardtest.Normal())
	s.pages.opts.Staff = office
	s.echo.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			MarkStaff(c, Everybody())
			return next(c)
		}
	})
	s.pages.RegisterStaff(s.echo, func(next echo.HandlerFunc) echo.HandlerFunc { return next })
	return s
}

// in asks for a staff page in a language.
func (s *site) in(lang kpi.Lang, path string) *document {
	s.t.Helper()
	res := s.do(http.MethodGet, path, http.Header{"Cookie": {"lang=" + i18n.Segment(lang)}})
	if res.Code != http.StatusOK {
		s.t.Fatalf("GET %s: status %d", path, res.Code)
	}
	return parse(s.t, path, res.Body.String())
}

func TestStaffPagesInEveryLanguage(t *testing.T) {
	empty := scorecardtest.NewStaff()
	empty.TheCity.Datasets, empty.TheCity.Indicators, empty.Reports = nil, nil, nil
	unknown := scorecardtest.NewStaff()
	unknown.Reports = nil
	for name, office := range map[string]*scorecardtest.Staff{
		"normal": scorecardtest.NewStaff(), "empty": empty, "nothing known": unknown, "hostile": scorecardtest.NewHostileStaff(),
	} {
		t.Run(name, func(t *testing.T) {
			s := staffSite(t, office)
			for _, lang := range kpi.Langs {
				s.in(lang, staffDataPath).check(lang)
				for _, ds := range office.TheCity.Datasets {
					s.in(lang, rejectsPath(ds.ID)).check(lang)
				}
			}
		})
	}
	s := staffSite(t, scorecardtest.NewStaff())
	s.card = nil // nothing is published yet: whoever looks after the data works all the same
	s.in(kpi.English, staffDataPath).check(kpi.English)
}

// part returns what a dataset's section says.
func (d *document) part(dataset string) string {
	d.t.Helper()
	n := d.ids["dataset-"+dataset]
	if n == nil {
		d.t.Fatalf("%s: there is no section of %s", d.name, dataset)
	}
	return said(n)
}

// said returns the words below a node, each text apart from the next, without capitals.
func said(n *html.Node) string {
	var list []string
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			list = append(list, strings.Fields(c.Data)...)
		}
	}
	return strings.ToLower(strings.Join(list, " "))
}

// Every state of a dataset is said, with why and what to do; the worst stands first.
func TestEveryStateOfADataset(t *testing.T) {
	d := staffSite(t, scorecardtest.NewStaff()).in(kpi.English, staffDataPath)
	var order []string
	for _, h := range elements(d.ids["trouble"], "h3") {
		order = append(order, text(h))
	}
	if got := strings.Join(order, ", "); got != "Crashes and street works, Tree census, Housing permits, Park visits, Resident survey" {
		t.Errorf("what needs attention: %s", got)
	}
	trouble := said(d.ids["trouble"])
	for _, want := range []string{
		"The delivery was read, but not taken.", "12 rows came, the last load had 4,118", "The program ended during the load.", "Age of the newest data: 152 days",
		"The last load was taken, but rows broke a check.", "left >= entered", "This dataset has not been loaded yet.", "Load it now, or wait for its next run.",
	} {
		if !strings.Contains(trouble, strings.ToLower(want)) {
			t.Errorf("needs attention: %q is not said", want)
		}
	}
	for dataset, wants := range map[string][]string{
		"service-requests": {"In order", "Load under way", "Step 3 of 7: reading the rows", "Rows: 41,200 of 61,300", "Age of the newest data: 1 day", "on time", "Every day, 5:30 a.m.",
			"Rows read 61,204", "Rejected rows 48", "New rows 402", "Missed run, caught up", "Public Works", "Data Office", "Text file (CSV)", "Rows that failed: 3"},
		"street-safety":   {"Last delivery failed", "Retry number 2: March 21, 2026, 5:50 a.m.", "try number 2", "Load failed", "4.0 seconds", "Every week: Monday, 6:00 a.m."},
		"housing-permits": {"Data stale", "Waiting: another load is under way", "Every month, day 5, 6:00 a.m."},
		"resident-survey": {"Never loaded", "none planned", "No runs so far.", "None: loaded when the program starts, or by hand"},
		"park-visits":     {"Check failed", "Since the source was last read: 40 minutes", "Time between runs: 15 minutes", "Database (SQL)", "Nothing new"},
		"tree-census":     {"Interrupted, nothing changed", "cron 7 3 1 1,7 *", "Open data portal (Socrata)", "https://data.harborview.example/resource", "Not recorded"},
	} {
		got := d.part(dataset)
		for _, want := range wants {
			if !strings.Contains(got, strings.ToLower(want)) {
				t.Errorf("%s: %q is not said in: %s", dataset, want, got)
			}
		}
		button := slices.ContainsFunc(elements(d.ids["dataset-"+dataset], "button"), func(n *html.Node) bool { return get(n, "type") == "submit" })
		if busy := dataset == "service-requests" || dataset == "housing-permits"; button == busy {
			t.Errorf("%s: there is a button: %v", dataset, button)
		}
	}
	if strings.Contains(text(d.root), "hunter2") {
		t.Error("the page shows who signs in at a source")
	}
}

// What a failure was is told from its record.
func TestWhyALoadFailed(t *testing.T) {
	for want, l := range map[string]kpi.Load{
		"The delivery could not be fetched or read.": {State: kpi.LoadFailed, Error: "the portal answered 503"},
		"could not be fetched":                       {State: kpi.LoadFailed, FailedAt: kpi.StepFetch, Spool: []kpi.SpoolFile{{}}},
		"The delivery was read, but not taken.":      {State: kpi.LoadFailed, FailedAt: kpi.StepCheck},
		"Rows broke a check that must hold.": {State: kpi.LoadFailed, Checks: []kpi.CheckResult{
			{Check: kpi.Check{Rule: "unique id", Else: kpi.ElseFail}, Failed: 2}}},
		"The program ended during the load.": {State: kpi.LoadAbandoned},
	} {
		office := scorecardtest.NewStaff()
		l.Started = scorecardtest.Now
		office.Reports[0].State.Failed = &l
		if got := text(staffSite(t, office).in(kpi.English, staffDataPath).ids["trouble"]); !strings.Contains(got, want) {
			t.Errorf("%+v: %q is not said", l, want)
		}
	}
}

// While a dataset is tried again, the failure before it is still told, with the time since when nothing good came.
func TestAFailureStaysUntilARunHasEnded(t *testing.T) {
	office := scorecardtest.NewStaff()
	rep := &office.Reports[0]
	rep.State.Failed = nil
	good := rep.Runs[0]
	good.State, good.Started = kpi.LoadUnchanged, scorecardtest.Now.Add(-72*time.Hour)
	failed := kpi.Load{ID: 900, Dataset: good.Dataset, State: kpi.LoadFailed, FailedAt: kpi.StepFetch, Error: "the portal answered 503", Started: scorecardtest.Now.Add(-time.Hour)}
	for state, want := range map[kpi.LoadState]bool{kpi.LoadOpen: true, kpi.LoadStaged: true, kpi.LoadUnchanged: false} {
		rep.Runs = []kpi.Load{{ID: 901, Dataset: good.Dataset, State: state, Started: scorecardtest.Now}, failed, good}
		got := strings.ReplaceAll(text(staffSite(t, office).in(kpi.English, staffDataPath).ids["trouble"]), "\u00a0", " ")
		if strings.Contains(got, "the portal answered 503") != want || strings.Contains(got, "Since the last good run: 3 days") != want {
			t.Errorf("%s: the failure is told: %v, in: %s", state, !want, got)
		}
	}
}

// Freshness is judged in the unit in which it is promised, and not at all where the city looks back.
func TestFreshness(t *testing.T) {
	today := kpi.Date{Year: 2026, Month: time.March, Day: 21}
	for name, tc := range map[string]struct {
		until   kpi.Date
		every   time.Duration
		looked  time.Duration
		history bool
		want    string
		late    bool
	}{
		"today":             {until: today, every: day, want: "The newest data are of today."},
		"yesterday":         {until: today.AddDays(-1), every: day, want: "1 day"},
		"two days":          {until: today.AddDays(-2), every: day, want: "2 days", late: true},
		"a week":            {until: today.AddDays(-7), every: 7 * day, want: "7 days"},
		"nothing promised":  {until: today.AddDays(-700), want: "700 days"},
		"looked in time":    {until: today.AddDays(-9), every: time.Hour, looked: 50 * time.Minute, want: "Since the source was last read: 50 minutes Age of the newest data: 9 days"},
		"looked too late":   {until: today, every: time.Hour, looked: 3 * time.Hour, want: "Since the source was last read: 3 hours The newest data are of today.", late: true},
		"a city looks back": {until: today.AddDays(-900), every: day, history: true, want: "looks back"},
	} {
		office := scorecardtest.NewStaff()
		rep := &office.Reports[0]
		rep.State.DataUntil, office.TheCity.Datasets[0].Expect.Every = tc.until, tc.every
		rep.Runs[0].Started = scorecardtest.Now.Add(-tc.looked)
		if tc.history {
			office.TheCity.AsOf = scorecardtest.AsOf
		}
		got := staffSite(t, office).in(kpi.English, staffDataPath).part("service-requests")
		if !strings.Contains(got, strings.ToLower(tc.want)) || strings.Contains(got, "data stale") != tc.late {
			t.Errorf("%s: want %q, late %v, in: %s", name, tc.want, tc.late, got)
		}
	}
}

// Refused rows are counted by reason, filtered, and turned in pages.
func TestRejectsPage(t *testing.T) {
	office := scorecardtest.NewStaff()
	office.Reports[0].State.Rejects[0].Rows = 129
	for i := range 100 {
		office.Rows[12] = append(office.Rows[12], kpi.Reject{Load: 12, Dataset: "service-requests", File: "z.csv", Line: int64(9000 + i), Column: "opened", Reason: "bad_timestamp"})
	}
	s := staffSite(t, office)
	rows := func(query string) (n int, page string) {
		d := s.in(kpi.English, rejectsPath("service-requests")+query)
		for _, table := range elements(d.root, "table") {
			if strings.Contains(get(table, "class"), "refused") {
				n = len(elements(elements(table, "tbody")[0], "tr"))
			}
		}
		return n, said(d.root)
	}
	for query, want := range map[string]struct {
		n     int
		words string
	}{
		"":                       {50, "Rows 1 to 50 of 148"},
		"?page=3":                {48, "Rows 101 to 148 of 148"},
		"?reason=bad_timestamp":  {50, "Rows 1 to 50 of 129"},
		"?reason=not_in_list":    {7, "Rows 1 to 7 of 7"},
		"?column=opened&page=3":  {29, "Rows 101 to 129 of 129"},
		"?reason=nothing":        {0, "No rejected rows"},
		"?load=12&reason=&page=": {50, "Rows 1 to 50 of 148"},
	} {
		n, page := rows(query)
		if n != want.n || !strings.Contains(page, strings.ToLower(want.words)) {
			t.Errorf("%s: %d rows, want %d and %q", query, n, want.n, want.words)
		}
		for _, group := range []string{"Not a date and time of the expected form bad_timestamp opened 129", "Wrong number of fields field_count whole row 12", "Compare the example with “format”"} {
			if !strings.Contains(page, strings.ToLower(group)) {
				t.Errorf("%s: %q is not said", query, group)
			}
		}
	}
	// Rows of the loads that the one in use builds on say which load they came in, and are to be found where that one refused none itself.
	office.Rows[12][0].Load, office.Reports[0].State.Last.Counts.Rejected = 3, 0
	if _, page := rows(""); strings.Count(page, "load number 3") != 1 || strings.Contains(page, "load number 12") {
		t.Errorf("a row of an earlier load: %s", page)
	}
	if d := s.in(kpi.English, staffDataPath); !slices.ContainsFunc(elements(d.root, "a"), func(a *html.Node) bool { return get(a, "href") == rejectsPath("service-requests") }) {
		t.Error("no link to the rows of earlier loads")
	}
	// The newer delivery that failed comes first; the load in use is one link away.
	d := s.in(kpi.English, rejectsPath("street-safety"))
	if got := text(d.root); !strings.Contains(got, "Failed load, number 11") || !strings.Contains(got, "crash date") {
		t.Errorf("of a failed delivery: %s", got)
	}
	office.Reports[1].State.Rejects = []kpi.RejectGroup{{Reason: "a_new_reason", Column: "x", Rows: 1}}
	d = s.in(kpi.Spanish, rejectsPath("street-safety")+"?load=9")
	if got := text(d.root); !strings.Contains(got, "Carga en uso, número 9") || !strings.Contains(got, "Otro motivo (a_new_reason)") || !strings.Contains(got, "Lea el detalle de la fila.") {
		t.Errorf("of the load in use: %s", got)
	}
}

// Whatever a file held stands on the page as it came, letter by letter, and never as markup.
func TestRefusedRowsAreText(t *testing.T) {
	f, err := os.Open("testdata/blns.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var naughty []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if line := sc.Text(); line != "" && !strings.HasPrefix(line, "# ") {
			naughty = append(naughty, line)
		}
	}
	if len(naughty) < 400 {
		t.Fatalf("only %d strings", len(naughty))
	}
	naughty = append(naughty, strings.Repeat("x", 1024), strings.Repeat("مرحبا ", 100), "a,b\r\nc,\td", "\u202eright to left\u202c", "</script><script>alert(1)</script>")
	office := scorecardtest.NewStaff()
	office.Rows[12], office.Reports[0].State.Rejects = nil, []kpi.RejectGroup{{Reason: "field_count", Rows: int64(len(naughty))}}
	for i, s := range naughty {
		office.Rows[12] = append(office.Rows[12], kpi.Reject{Load: 12, Dataset: "service-requests", File: s, Line: int64(i), Column: s, Reason: "field_count", Detail: s, Raw: s})
	}
	site := staffSite(t, office)
	var shown []string
	for page := 1; len(shown) < len(naughty); page++ {
		d := site.in(kpi.English, rejectsPath("service-requests")+"?page="+strconv.Itoa(page))
		d.policy()
		for _, table := range elements(d.root, "table") {
			if !strings.Contains(get(table, "class"), "refused") {
				continue
			}
			for _, n := range elements(table, "code") {
				if get(n, "class") == "raw" {
					shown = append(shown, text(n))
					if get(n, "dir") != "auto" {
						t.Fatal("a refused row does not choose its own direction")
					}
				}
			}
		}
		if scripts(d.root) != 2 {
			t.Fatalf("page %d: %d scripts are loaded, want our two", page, scripts(d.root))
		}
	}
	for i, s := range naughty {
		if want := asHTML(s); shown[i] != want {
			t.Errorf("row %d: %q is shown as %q", i, want, shown[i])
		}
	}
}

func scripts(root *html.Node) int {
	n := 0
	for _, s := range elements(root, "script") {
		if get(s, "src") != "" {
			n++
		}
	}
	return n
}

// asHTML is a text as it comes back from a page: HTML knows one kind of line end, and no NUL.
func asHTML(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", "\n"), "\x00", "\uFFFD")
}

func TestProgressIsBounded(t *testing.T) {
	s := staffSite(t, scorecardtest.NewStaff())
	p := s.pages.opts.Bundle.Printer(kpi.English, "")
	r := &Request{P: p, Lang: kpi.English, City: scorecardtest.NewStaff().TheCity, Cal: kpi.Calendar{Location: time.UTC}}
	last := -1
	for _, step := range kpi.Steps {
		for _, pr := range []kpi.Progress{{Step: step}, {Step: step, Done: 5, Total: 10, Unit: "rows"}, {Step: step, Done: 99, Total: 10, Unit: "bytes"}} {
			v := r.job(kpi.RunState{Running: true, Progress: pr})
			if v.Done < last || v.Done > 1000 || v.Step == "" {
				t.Errorf("%+v: %+v after %d", pr, v, last)
			}
			last = v.Done
		}
	}
	for _, pr := range []kpi.Progress{{}, {Step: "another"}, {Step: kpi.StepFetch, Done: -4, Total: -9}} {
		if v := r.job(kpi.RunState{Running: true, Progress: pr}); v.Done != 0 || v.Title == "" || v.Amount != "" {
			t.Errorf("%+v: %+v", pr, v)
		}
	}
	if got := fmt.Sprint(r.job(kpi.RunState{Dataset: "x"})); strings.Contains(got, "Load") {
		t.Errorf("nothing is on, and it says %s", got)
	}
}

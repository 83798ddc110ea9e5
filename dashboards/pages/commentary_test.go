package pages

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// deskOf is the staff pages of an office at work, as somebody of a role reads them.
func deskOf(t *testing.T, office *scorecardtest.Staff, say func(string) string, role account.Role) *site {
	t.Helper()
	s := staffSite(t, office)
	work := ledgertest.Filled(t, office.TheCity, scorecardtest.Now, say)
	s.pages.opts.Work, s.pages.opts.Directory, s.pages.opts.Trail = workIn(work), work, work
	who, err := work.PersonByEmail(t.Context(), string(role)+"@harborview.gov")
	if err != nil {
		t.Fatal(err)
	}
	s.echo.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			MarkStaff(c, &who)
			return next(c)
		}
	})
	return s
}

// TestReviewAndAnswerForms reads the forms that are for those alone who can sign in, in every language, as they are and as they come back with what is wrong.
func TestReviewAndAnswerForms(t *testing.T) {
	for name, c := range map[string]struct {
		office *scorecardtest.Staff
		say    func(string) string
	}{"normal": {scorecardtest.NewStaff(), nil}, "hostile": {scorecardtest.NewHostileStaff(), scorecardtest.HostileWords()}} {
		t.Run(name, func(t *testing.T) {
			s := deskOf(t, c.office, c.say, account.Analyst)
			for _, lang := range kpi.Langs {
				for path, button := range map[string]string{"/staff/commentary/2": "approve", "/staff/contests/1": "answer", "/staff/commentary/1": "withdraw"} {
					d := s.in(lang, path)
					d.check(lang)
					if !strings.Contains(d.source, `name="do" value="`+button+`"`) {
						t.Errorf("%s has no button to %s", path, button)
					}
				}
			}
			s.wrong(s.send("/staff/commentary/2", url.Values{"do": {"return"}, "revision": {"2"}}), http.StatusUnprocessableEntity, kpi.English, "note")
			s.wrong(s.send("/staff/contests/1", url.Values{"do": {"answer"}, "revision": {"1"}}), http.StatusUnprocessableEntity, kpi.English, "outcome", "answer")
			s.wrong(s.send("/staff/indicators/trees-planted/contest", url.Values{"do": {"contest"}, "believed": {"x"}}), http.StatusUnprocessableEntity, kpi.English, "reason", "believed")
			s.wrong(s.send("/staff/indicators/traffic-injuries/commentary", url.Values{"do": {"send"}, "revision": {"0"}, "due": {"x"}}), http.StatusUnprocessableEntity, kpi.English,
				"happened", "why", "due")
			for path, form := range map[string]url.Values{
				"/staff/commentary/2": {"do": {"approve"}, "revision": {"1"}},
				"/staff/contests/1":   {"do": {"answer"}, "revision": {"9"}},
				"/staff/contests/2":   {"do": {"answer"}, "revision": {"1"}, "outcome": {"uphold"}, "answer": {"x"}},
				"/staff/indicators/street-lights-on-time/commentary": {"do": {"save"}, "revision": {"1"}, "happened": {"</textarea><b>mine"}},
				"/staff/indicators/missed-collections/contest":       {"do": {"contest"}, "reason": {"x"}},
			} {
				res := s.send(path, form)
				d := parse(t, path, res.Body.String())
				d.check(kpi.English)
				if res.Code != http.StatusConflict || !strings.HasPrefix(text(elements(d.root, "title")[0]), "Error: ") {
					t.Errorf("%s: %d", path, res.Code)
				}
			}
		})
	}
}

// TestTypedNumbers reads numbers as people in four languages type them.
func TestTypedNumbers(t *testing.T) {
	for typed, want := range map[string]float64{
		"54": 54, "54.2": 54.2, "54,2": 54.2, "-3": -3, "−3,5": -3.5, "1,234.5": 1234.5, "1.234,5": 1234.5, "1 234,5": 1234.5, "1\u202f234": 1234, "1.234.567": 1234567, "1,234,567": 1234567, "0": 0, "1’234.5": 1234.5,
	} {
		if got, ok := typedNumber(typed); !ok || got != want {
			t.Errorf("%q is read as %v, %t; want %v", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "x", "1e9", "NaN", "Inf", "0x10", "1.2.3,4,5", "--1", "12%"} {
		if got, ok := typedNumber(typed); ok {
			t.Errorf("%q is read as %v", typed, got)
		}
	}
}

// TestHowLongANumberIsOff counts settled periods in a row that were worse than expected.
func TestHowLongANumberIsOff(t *testing.T) {
	for id, want := range map[string]struct {
		first string
		n     int
	}{"street-lights-on-time": {"2024-04", 23}, "potholes-days": {"", 0}, "rodents-on-time": {"2026-01", 2}, "requests-received": {"", 0}} {
		res := scorecardtest.Normal().Result(id)
		off := res.Behind()
		if len(off) != want.n || want.n > 0 && (off[0].ID != want.first || off[len(off)-1].ID != res.Assessment.Period) {
			t.Errorf("%s: %d periods %+v", id, len(off), off)
		}
	}
	expected, value := 50.0, 40.0
	res := scorecard.Result{Indicator: &kpi.Indicator{Direction: kpi.Down}, Assessment: kpi.Assessment{Period: "3"}}
	for _, id := range []string{"1", "2", "3", "4"} {
		p := scorecard.Point{Period: kpi.Period{ID: id}, Expected: &expected, Settled: id != "4", Observation: kpi.Observation{Value: &value}}
		res.Series = append(res.Series, p)
	}
	worse := 60.0
	res.Series[2].Observation.Value = &worse
	res.Series[1].Observation.Value = nil // nobody knows: it ends no row
	if off := res.Behind(); len(off) != 1 {
		t.Errorf("%+v", off)
	}
	res.Series[0].Observation.Value = &worse
	if off := res.Behind(); len(off) != 2 || off[0].ID != "1" {
		t.Errorf("%+v", off)
	}
	res.Indicator = &kpi.Indicator{Direction: kpi.Range}
	res.Assessment.Target = &kpi.Target{Low: 50, High: 70}
	if off := res.Behind(); len(off) != 0 {
		t.Errorf("within the range: %+v", off)
	}
	res.Assessment.Target = &kpi.Target{Low: 10, High: 20}
	if off := res.Behind(); len(off) != 2 {
		t.Errorf("outside of the range: %+v", off)
	}
}

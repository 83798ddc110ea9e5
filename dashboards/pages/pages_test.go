package pages

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

func TestEveryPageInEveryLanguage(t *testing.T) {
	for name, card := range cards() {
		t.Run(name, func(t *testing.T) {
			s, each := newSite(t, card()), math.MaxInt
			switch {
			case name == "hostile":
				each = 25 // each of its indicators, and the first of its 300 districts
			case strings.HasPrefix(name, "named"):
				each = 3
			}
			for _, lang := range offered(s.card.City) {
				for _, path := range fewPaths(t, s.card, each) {
					s.page("/" + i18n.Segment(lang) + path).check(lang)
				}
			}
		})
	}
}

// A city with thousands of rows of everything is served too, and no page of it is beyond what a phone can load.
func TestHugeCity(t *testing.T) {
	s := newSite(t, scorecardtest.Huge())
	for _, path := range []string{"/en/", "/en/indicators", "/en/data", "/en/indicators/" + s.card.Results[0].Indicator.ID} {
		res := s.do(http.MethodGet, path, http.Header{"Accept-Encoding": {"gzip"}})
		if res.Code != http.StatusOK || res.Body.Len() > 300<<10 {
			t.Errorf("GET %s: status %d, %d bytes compressed", path, res.Code, res.Body.Len())
		}
	}
}

// What a city writes is text. It never becomes markup, a handler or a link that runs.
func TestHostileCity(t *testing.T) {
	s := newSite(t, scorecardtest.Hostile())
	for _, path := range append(fewPaths(t, s.card, 25), "/indicators?q="+url.QueryEscape(`"><script>alert(1)</script>`)) {
		d := s.page("/en" + path)
		scripts := 0
		for _, n := range elements(d.root, "script") {
			if get(n, "src") != "" {
				scripts++
			}
		}
		if scripts != 1 {
			t.Errorf("%s: %d scripts are loaded, want our one", path, scripts)
		}
		d.policy()
	}
}

// The numbers on the pages are those of the scorecard, unrounded.
func TestPagesShowTheScorecardsNumbers(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for i := range s.card.Results {
		res := &s.card.Results[i]
		if !res.Indicator.Public {
			continue
		}
		d := s.page("/en/indicators/" + res.Indicator.ID)
		have := map[string]bool{}
		for _, n := range elements(d.root, "data") {
			have[get(n, "value")] = true
		}
		want := map[string]*float64{"value": res.Assessment.Value, "expected value": res.Assessment.Expected}
		if res.Total != nil {
			want["total"] = res.Total.Value
		}
		for _, pt := range res.Series {
			want["value of "+pt.Period.ID] = pt.Observation.Value
		}
		for what, v := range want {
			if v != nil && !have[raw(v)] {
				t.Errorf("%s: the %s, %s, is not on the page", res.Indicator.ID, what, raw(v))
			}
		}
		for member, v := range districtValues(res) {
			if v != nil && !have[raw(v)] {
				t.Errorf("%s: the value of %s, %s, is not on the page", res.Indicator.ID, member, raw(v))
			}
		}
	}
}

// districtValues are the values by district of the period that a page shows first.
func districtValues(res *scorecard.Result) map[string]*float64 {
	out := map[string]*float64{}
	for _, m := range res.Members {
		if o := res.Observation(res.Assessment.Period, m.Dimension, m.Member); o != nil && m.Dimension == kpi.DimensionDistrict {
			out[m.Member] = o.Value
		}
	}
	return out
}

// A reader chooses the period of the map and the table. A period that does not exist is said to be one.
func TestPeriodOfDistricts(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	res := s.card.Results[0]
	base := "/en/indicators/" + res.Indicator.ID
	chosen := func(path string) string {
		for _, o := range elements(s.page(path).root, "option") {
			if _, ok := attribute(o, "selected"); ok {
				return get(o, "value")
			}
		}
		return ""
	}
	if got := chosen(base); got != res.Assessment.Period {
		t.Errorf("the period shown first is %q, want the judged one, %q", got, res.Assessment.Period)
	}
	for _, period := range []string{kpi.PeriodTotal, res.Series[3].Period.ID} {
		if got := chosen(base + "?period=" + period); got != period {
			t.Errorf("asked for %q, got %q", period, got)
		}
	}
	if res := s.do(http.MethodGet, base+"?period=1999-01", nil); res.Code != http.StatusBadRequest {
		t.Errorf("a period that does not exist: status %d, want 400", res.Code)
	}
}

// Nothing that needs attention stands among the wins, and nothing on track under "needs attention".
func TestAttentionAndWins(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	d := s.page("/en/")
	section := func(id string) *html.Node {
		for _, n := range elements(d.root, "section") {
			if get(n, "aria-labelledby") == id {
				return n
			}
		}
		t.Fatalf("there is no section %s", id)
		return nil
	}
	for id, words := range map[string][]kpi.PublicStatus{
		"attention": {kpi.PublicBehind, kpi.PublicOffTrack}, "wins": {kpi.PublicOnTrack},
	} {
		shown := 0
		for _, a := range elements(section(id), "a") {
			ind, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/")
			if !ok {
				continue
			}
			shown++
			if got := s.card.Result(ind).Assessment.Status.Public(); !slices.Contains(words, got) {
				t.Errorf("%s stands under %s and is %s", ind, id, got)
			}
		}
		tally, want := s.card.Tally(""), 0
		for _, w := range words {
			want += tally[w]
		}
		if shown != want {
			t.Errorf("%d indicators under %s, want %d", shown, id, want)
		}
	}
	var order []int
	for _, a := range elements(section("attention"), "a") {
		order = append(order, s.card.Result(strings.TrimPrefix(get(a, "href"), "/en/indicators/")).Assessment.Status.Rank())
	}
	if !slices.IsSorted(order) {
		t.Errorf("what needs attention is not in order, the worst first: ranks %v", order)
	}
}

// An indicator that is not public is nowhere: not in a list, not by its address, not beside another.
func TestUnpublishedLeaksNowhere(t *testing.T) {
	card := scorecardtest.Normal()
	const secret = "Secret Performance Name"
	hidden := card.Results[1].Indicator
	hidden.Public, hidden.Name = false, kpi.NewText(kpi.English, secret)
	for i := range card.City.Indicators {
		if card.City.Indicators[i].ID == hidden.ID {
			card.City.Indicators[i] = *hidden
		}
		card.City.Indicators[i].PairedWith = append(card.City.Indicators[i].PairedWith, hidden.ID)
	}
	for i := range card.Results {
		card.Results[i].Indicator.PairedWith = append(card.Results[i].Indicator.PairedWith, hidden.ID)
	}
	s := newSite(t, card)
	for _, path := range append(paths(t, card), "/indicators?q=secret") {
		res := s.do(http.MethodGet, "/en"+path, nil)
		if strings.Contains(res.Body.String(), secret) || strings.Contains(res.Body.String(), "/"+hidden.ID) {
			t.Errorf("%s shows an indicator that is not public", path)
		}
	}
	for _, path := range []string{"/en/indicators/" + hidden.ID, "/en/indicators/none"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("GET %s: status %d, want 404", path, res.Code)
		}
	}
}

func TestFilters(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	rows := func(query string) []string {
		var ids []string
		for _, table := range elements(s.page("/es/indicators"+query).root, "table") {
			for _, a := range elements(table, "a") {
				if id, ok := strings.CutPrefix(get(a, "href"), "/es/indicators/"); ok {
					ids = append(ids, id)
				}
			}
		}
		return ids
	}
	all := rows("")
	if len(all) != len(s.card.Results) {
		t.Errorf("%d indicators without a filter, want %d", len(all), len(s.card.Results))
	}
	count := func(match func(*scorecard.Result) bool) int {
		n := 0
		for i := range s.card.Results {
			if match(&s.card.Results[i]) {
				n++
			}
		}
		return n
	}
	ind := s.card.Results[0].Indicator
	for query, match := range map[string]func(*scorecard.Result) bool{
		"?priority=" + ind.Priority:     func(r *scorecard.Result) bool { return r.Indicator.Priority == ind.Priority },
		"?department=" + ind.Department: func(r *scorecard.Result) bool { return r.Indicator.Department == ind.Department },
		"?status=off_track":             func(r *scorecard.Result) bool { return r.Assessment.Status.Public() == kpi.PublicOffTrack },
		"?status=off_track&priority=" + ind.Priority: func(r *scorecard.Result) bool {
			return r.Assessment.Status.Public() == kpi.PublicOffTrack && r.Indicator.Priority == ind.Priority
		},
		"?q=":             func(*scorecard.Result) bool { return true },
		"?status=nothing": func(*scorecard.Result) bool { return false },
	} {
		if got, want := len(rows(query)), count(match); got != want {
			t.Errorf("%s: %d indicators, want %d", query, got, want)
		}
	}
	// Without accents and capitals, as people type.
	name := ind.Name.String(kpi.Spanish)
	for _, q := range []string{name, strings.ToUpper(name), fold(name)} {
		if got := rows("?q=" + url.QueryEscape(q)); !slices.Contains(got, ind.ID) {
			t.Errorf("searched for %q, found %v", q, got)
		}
	}
}

// A text that is not translated is shown in the language in which there is one, and says so to screen readers.
func TestUntranslatedTextCarriesItsLanguage(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Priorities[0].Name = kpi.NewText(kpi.English, "Untranslated promise")
	d := newSite(t, card).page("/fr/")
	found := 0
	for _, n := range elements(d.root, "span") {
		if text(n) == "Untranslated promise" && get(n, "lang") == "en" {
			found++
		}
	}
	if found == 0 {
		t.Error("the untranslated name is not marked as English")
	}
}

// An indicator without a row to judge has no value. It says why, and never claims a percentage.
func TestNoRowsToJudge(t *testing.T) {
	card := scorecardtest.Normal()
	res := &card.Results[0]
	res.Assessment = kpi.Assessment{Status: kpi.NoData, AsOf: card.AsOf, Rule: res.Assessment.Rule, Newest: res.Assessment.Newest, Bands: kpi.DefaultBands}
	left := map[string]int64{kpi.ReasonNoDueDate: 5253, kpi.ReasonClosedBeforeOpened: 140}
	res.Total = &kpi.Observation{Indicator: res.Indicator.ID, Period: kpi.PeriodTotal, Excluded: left}
	for i := range res.Series {
		res.Series[i].Observation.Value, res.Series[i].Observation.Rows = nil, 0
		res.Series[i].Observation.Numerator, res.Series[i].Observation.Denominator = nil, nil
	}
	res.Members = nil
	s := newSite(t, card)
	d := s.page("/en/indicators/" + res.Indicator.ID)
	d.check(kpi.English)
	body := text(d.root)
	for _, want := range []string{"5,393", "5,253", "No due date", "140", "Closed before it was opened", "None of the rows can be judged"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, n := range elements(d.root, "data") {
		if get(n, "value") == "100" || strings.Contains(text(n), "100%") {
			t.Errorf("the page claims %s", text(n))
		}
	}
}

// A flag about the newest value stands only where there is one, and rows without a district are said for all periods as well.
func TestFlagsAndRowsThatConcern(t *testing.T) {
	card := scorecardtest.Normal()
	res := &card.Results[0]
	res.Assessment.Flags = []kpi.Flag{kpi.FlagPartial}
	last := &res.Series[len(res.Series)-1].Observation
	last.Partial = true
	res.Observation(kpi.PeriodTotal, kpi.DimensionDistrict, kpi.MemberNotRecorded).Rows = 765
	const flag = "The newest period is not over."
	path := "/en/indicators/" + res.Indicator.ID
	body := text(newSite(t, card).page(path).root)
	for _, want := range []string{flag, "District not recorded", "765"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	last.Value, last.Rows = nil, 0
	if strings.Contains(text(newSite(t, card).page(path).root), flag) {
		t.Error("the page says of a value that is not there that it will change")
	}
}

// One case of one is not 100 %.
func TestTooFewIsSaidInCases(t *testing.T) {
	card := scorecardtest.Normal()
	res := &card.Results[0]
	one := 1.0
	hundred := 100.0
	pt := point(res, res.Assessment.Period)
	pt.Observation.Value, pt.Observation.Rows, pt.Observation.Numerator, pt.Observation.Denominator = &hundred, 1, &one, &one
	res.Assessment.Status, res.Assessment.Value, res.Assessment.Rows = kpi.TooFew, &hundred, 1
	res.Total = &pt.Observation
	s := newSite(t, card)
	for _, path := range []string{"/en/", "/en/indicators", "/en/indicators/" + res.Indicator.ID} {
		shown := 0
		for _, n := range elements(s.page(path).root, "data") {
			if get(n, "value") == "100" && !within(n, "figure") {
				shown++
				if text(n) != "1 of 1" {
					t.Errorf("%s shows %q, want 1 of 1", path, text(n))
				}
			}
		}
		if shown == 0 {
			t.Errorf("%s does not show the value", path)
		}
	}
}

// When new data are late the front page says so; a city that looks back expects none.
func TestNextUpdate(t *testing.T) {
	card := scorecardtest.Normal()
	for name, tc := range map[string]struct {
		asOf  kpi.Date
		every time.Duration
		want  string
	}{
		"fixed":   {asOf: card.AsOf, every: 24 * time.Hour, want: "looks back"},
		"due":     {every: 48 * time.Hour, want: "Next update: by"},
		"overdue": {every: time.Hour, want: "have not come yet"},
		"unknown": {want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			card := scorecardtest.Normal()
			card.City.AsOf = tc.asOf
			for i := range card.City.Datasets {
				card.City.Datasets[i].Expect.Every = tc.every
			}
			for i := range card.Datasets {
				if l := card.Datasets[i].Last; l != nil {
					l.LiveAt = scorecardtest.Now.Add(-24 * time.Hour)
				}
			}
			body := text(newSite(t, card).page("/en/").root)
			for _, phrase := range []string{"looks back", "Next update", "have not come yet"} {
				if got := strings.Contains(body, phrase); got != (tc.want != "" && strings.Contains(tc.want, phrase)) {
					t.Errorf("%q is said: %v", phrase, got)
				}
			}
		})
	}
}

// Where no target is the city's own it is said once, and not beside each value; on the indicator's own page it is said always.
func TestExamplesAreSaidOnce(t *testing.T) {
	card := scorecardtest.Normal()
	const once, each = "Every target here is an example", "illustrative target"
	for _, path := range []string{"/en/", "/en/indicators"} {
		if body := text(newSite(t, card).page(path).root); strings.Contains(body, once) || !strings.Contains(body, each) {
			t.Errorf("%s: a city with some targets of its own marks the others", path)
		}
	}
	for i := range card.Results {
		for j := range card.Results[i].Indicator.Targets {
			card.Results[i].Indicator.Targets[j].Illustrative = true
		}
	}
	s := newSite(t, card)
	for _, path := range []string{"/en/", "/en/indicators", "/en/priorities/" + card.City.Priorities[0].ID} {
		if body := text(s.page(path).root); strings.Count(body, once) != 1 || strings.Contains(body, each) {
			t.Errorf("%s: said %d times that the targets are examples, and each time beside a value: %v", path, strings.Count(body, once), strings.Contains(body, each))
		}
	}
	if body := text(s.page("/en/indicators/" + card.Results[0].Indicator.ID).root); !strings.Contains(body, each) {
		t.Error("the page of an indicator does not mark its target")
	}
}

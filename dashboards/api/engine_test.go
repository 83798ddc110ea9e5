package api_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/dashboards/api"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

func ptr(v float64) *float64 { return &v }

// engine is a scorecard of one indicator of which everything is said that the engine can say.
func engine() *scorecard.Scorecard {
	card := scorecardtest.One()
	r := &card.Results[0]
	ind, a := r.Indicator, &r.Assessment
	text := func(s string) kpi.Text { return kpi.NewText(kpi.English, s) }
	day := kpi.NewDate
	likely := &kpi.Outlook{
		Word: kpi.Likely, Probability: 0.7, Low: 80, High: 90, By: day(2026, 6, 30), Target: 85, Mean: 86, Method: "ets", Scale: "logit", Points: 40, Horizon: 4,
		Tried: []kpi.OutlookTried{{Method: "naive", Error: 1}, {Method: "ets", Error: 0.8}}, SoFar: ptr(1), Needed: ptr(2), Best: ptr(3), Warnings: []kpi.OutlookWarning{kpi.WarnFar},
	}
	ind.AddsUpIn, ind.Judge, ind.Suppress = kpi.FiscalYear, kpi.Judge{By: kpi.MethodOpenSDG, Since: 2015, Limit: ptr(100)}, 11
	ind.Rebases = []kpi.Rebase{{From: day(2025, 1, 1), ByWhom: "Data Office", Reason: text("New lamps."), Set: day(2025, 3, 1)}}
	ind.Measure.Kind, ind.Measure.Per, ind.Measure.Times, ind.Measure.From, ind.Measure.To = kpi.MeasureRatio, "poles", 1000, "opened", "closed"
	a.Outlook, a.Judged, a.Since, a.Phasing = likely, ptr(150), "2025-07", kpi.PhasingSeasonal
	a.Trend = &kpi.Trend{Slope: 1.5, Low: 1, High: 2, P: 0.01, Tau: 0.4, Points: 40, Seasonal: true, Lag1: ptr(0.4), Real: true}
	a.Standings = []kpi.Standing{{Target: kpi.Target{By: day(2028, 6, 30), Value: 95, Kind: kpi.TargetTerm}, Expected: ptr(70), Progress: ptr(0.5), Outlook: likely}}
	a.Named = &kpi.Named{Method: kpi.MethodOpenSDG, Word: "not_available", Value: ptr(0.7), Score: ptr(0.7), Why: kpi.OpenSDGOnePoint}
	a.Signal = kpi.Signal{
		Kind: kpi.Improving, Rule: "shift", Points: 40, Needed: 8, Mean: ptr(70), Lower: ptr(60), Upper: ptr(80), Since: "2026-02", Chart: kpi.ChartPPrime, Adjusted: true,
		From: "2026-02", Assurance: "never", Warnings: []kpi.SignalWarning{kpi.WarnRebased, kpi.WarnGaps}, Lag1: ptr(0.1), Sigma: ptr(1.4),
	}
	p := &r.Series[0]
	p.Mean, p.Lower, p.Upper, p.Adjusted, p.ToDate, p.Segment, p.Outside = ptr(70), ptr(60), ptr(80), ptr(74), ptr(150), 1, true
	r.Series[1].Observation.Suppressed = kpi.SuppressedPrimary
	r.Equity = []scorecard.Equity{{
		Dimension: kpi.DimensionDistrict, Reference: "east", From: "2025-03", To: "2026-02", Value: ptr(75), Low: ptr(74), High: ptr(76), Method: "wilson", Weights: "population",
		Range: ptr(20), Disparity: ptr(4.2), Hidden: 1, Groups: []scorecard.Group{
			{Member: "west", Value: ptr(60), Low: ptr(55), High: ptr(65), Rows: 90, Population: 1000, Ratio: ptr(0.8), RatioLow: ptr(0.7), RatioHigh: ptr(0.9),
				Difference: ptr(-15), DiffLow: ptr(-20), DiffHigh: ptr(-10), Verdict: scorecard.VerdictWorse},
			{Member: "north", Verdict: scorecard.VerdictHidden, Suppressed: kpi.SuppressedComplementary},
		},
	}}
	r.Drivers = []scorecard.Drivers{{Dimension: kpi.DimensionDistrict, From: "2025-02", To: "2026-02", Change: 3, Rate: 2, Mix: 1, Groups: []scorecard.Driver{{Member: "", Rate: 2, Mix: 1, Total: 3}}}}
	r.Checks = []scorecard.TrustCheck{{Check: "heaping", State: scorecard.TrustLook}}
	card.City.RollUp = &kpi.RollUp{}
	card.Changes = changes(ind.ID)
	card.Evaluations = []scorecard.Evaluation{evaluation("night-crews", ind.ID, true), evaluation("secret-crews", ind.ID, false), evaluation("elsewhere", "no-such-indicator", true)}
	return card
}

func changes(indicator string) []kpi.Change {
	day := kpi.NewDate
	return []kpi.Change{
		{Indicator: indicator, What: kpi.ChangeTarget, Field: kpi.TargetAnnual, Target: day(2026, 6, 30), From: &kpi.ChangeValue{Number: ptr(80)}, To: &kpi.ChangeValue{Number: ptr(85)}, Version: 1, Folder: 3, Seen: day(2025, 7, 1),
			Note: &kpi.ChangeNote{On: day(2025, 6, 30), ByWhom: "City Council", Reason: kpi.NewText(kpi.English, "New lamps last longer."), Act: kpi.Act{Title: "Order 12"}}},
		{Indicator: indicator, What: kpi.ChangeMeasure, Field: "measure.where", From: &kpi.ChangeValue{Text: "type = 'a'"}, Version: 2, Folder: 2, Seen: day(2025, 6, 1)},
		{What: kpi.ChangeJudging, Field: "status_bands.behind", From: &kpi.ChangeValue{Number: ptr(0.6)}, To: &kpi.ChangeValue{Number: ptr(0.5)}, Folder: 2, Seen: day(2025, 6, 1)},
		{Indicator: "a-secret", What: kpi.ChangeIndicator, Field: "added", To: &kpi.ChangeValue{ID: "a-secret"}, Folder: 2, Seen: day(2025, 6, 1)},
	}
}

func evaluation(id, indicator string, public bool) scorecard.Evaluation {
	text := func(s string) kpi.Text { return kpi.NewText(kpi.English, s) }
	return scorecard.Evaluation{
		Definition: kpi.Evaluation{ID: id, Indicator: indicator, Public: public, Name: text("Crews at night"), What: text("One crew works at night."), Date: kpi.NewDate(2025, 3, 1),
			AnnouncedOn: kpi.NewDate(2025, 1, 1), Caution: text("It was a dark winter."), Seasonal: true, Dimension: kpi.DimensionDistrict, Where: []string{"west"}, ComparedTo: []string{"east"}},
		State: "answered", Method: kpi.EvaluateDifferences, Before: 12, After: 12, Lag: 2, Members: 2, Dispersion: ptr(2.2),
		Effects: []scorecard.Effect{{Name: "difference", At: "2026-02", Size: 3, Low: ptr(1), High: ptr(5), P: ptr(0.01)}}, Pretrend: &scorecard.Effect{Name: "slope", Low: ptr(-1), High: ptr(1)},
		Warnings: []scorecard.EvaluationWarning{scorecard.EvaluationHidden},
		Treated:  []scorecard.EvaluationPoint{{Period: "2026-02", Value: ptr(75), Fitted: ptr(74), Counterfactual: ptr(72), Rows: 90, After: true}},
		Compared: []scorecard.EvaluationPoint{{Period: "2025-02", Rows: 0, LeftOut: true}},
	}
}

func TestDocumentsOfTheEngineAreAsPromised(t *testing.T) {
	h := server(fixed(engine()))
	for _, c := range []struct{ path, golden string }{
		{"/api/v1/indicators/street-lights-on-time?lang=en", "engine.golden.json"},
		{"/indicators/street-lights-on-time.csv", "engine.golden.csv"},
		{"/api/v1/changes?lang=es", "changes.golden.json"},
		{"/api/v1/evaluations", "evaluations.golden.json"},
		{"/api/v1/evaluations/night-crews?lang=pt-BR", "evaluation.golden.json"},
		{"/api/v1/indicators", "engine-list.golden.json"},
	} {
		t.Run(c.golden, func(t *testing.T) {
			w := ask(h, http.MethodGet, c.path)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", c.path, w.Code, w.Body)
			}
			for _, secret := range []string{"secret", "elsewhere", "heaping"} {
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("%s says %q", c.path, secret)
				}
			}
			golden(t, c.golden, w.Body.Bytes())
		})
	}
}

// With ?lang= the document says what the pages say, and nothing else changes.
func TestTheExplanationIsThatOfThePages(t *testing.T) {
	card := scorecardtest.Normal()
	h := server(fixed(card))
	plain := func(d api.Indicator) api.Indicator { d.Explanation = nil; return d }
	for i := range card.Results {
		r := &card.Results[i]
		path := "/api/v1/indicators/" + r.Indicator.ID
		var without api.Indicator
		read(t, ask(h, http.MethodGet, path).Body.Bytes(), &without)
		if without.Explanation != nil {
			t.Errorf("%s explains itself without being asked", path)
		}
		for _, lang := range kpi.Langs {
			var with api.Indicator
			read(t, ask(h, http.MethodGet, path+"?lang="+string(lang)).Body.Bytes(), &with)
			if d := cmp.Diff(plain(without), plain(with), cmp.AllowUnexported(api.Indicator{})); d != "" {
				t.Errorf("%s in %s changed more than the explanation:\n%s", path, lang, d)
			}
			p := bundle().Printer(lang, card.City.Formats[lang])
			want, err := json.Marshal(i18n.Explain(p, card.City, *r))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(with.Explanation.Answers)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) || with.Explanation.Finding != i18n.Finding(p, *r) || with.Explanation.Lang != string(lang) {
				t.Errorf("%s in %s:\n got %s\nwant %s", path, lang, got, want)
			}
		}
	}
	for _, other := range []string{"pt-br", "pt", "PT_BR"} {
		if w := ask(h, http.MethodGet, "/api/v1/indicators/permit-days?lang="+other); !strings.Contains(w.Body.String(), `"lang": "pt-BR"`) {
			t.Errorf("lang=%s: %d", other, w.Code)
		}
	}
	for _, path := range []string{"/api/v1/indicators/permit-days", "/api/v1/changes", "/api/v1/evaluations"} {
		for _, bad := range []string{"", "de", "%00", strings.Repeat("e", 4000)} {
			if w := ask(h, http.MethodGet, path+"?lang="+bad); w.Code != http.StatusBadRequest {
				t.Errorf("%s?lang=%.10s: %d, want 400", path, bad, w.Code)
			}
		}
	}
}

func read(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%v in %.300s", err, b)
	}
}

// Changes of one indicator; of one that is not public, or that there is not, there are none.
func TestChangesOfOneIndicator(t *testing.T) {
	card := scorecardtest.Normal()
	h := server(func() *scorecard.Scorecard { return card })
	count := func(path string) int {
		t.Helper()
		var doc api.Changes
		read(t, ask(h, http.MethodGet, path).Body.Bytes(), &doc)
		return len(doc.Changes)
	}
	all := len(card.Changes)
	if n := count("/api/v1/changes"); n != all || all < 3 {
		t.Errorf("%d changes, want %d", n, all)
	}
	if n := count("/api/v1/changes?indicator=repair-cost"); n != 1 {
		t.Errorf("%d changes of one indicator", n)
	}
	if w := ask(h, http.MethodGet, "/api/v1/changes?indicator=%2e%2e"); w.Code != http.StatusBadRequest {
		t.Errorf("an indicator that is no id: %d", w.Code)
	}
	next := scorecardtest.Normal()
	next.Result("repair-cost").Indicator.Public = false
	card = next
	if w := ask(h, http.MethodGet, "/api/v1/changes?indicator=no-such"); w.Code != http.StatusNotFound {
		t.Errorf("changes of an indicator that does not exist: %d %s", w.Code, w.Body)
	}
	hidden, none := ask(h, http.MethodGet, "/api/v1/changes?indicator=repair-cost"), ask(h, http.MethodGet, "/api/v1/changes?indicator=no-such")
	if hidden.Body.String() != none.Body.String() || count("/api/v1/changes") != all-1 {
		t.Errorf("changes of an indicator that is not public: %s", hidden.Body)
	}
}

func TestEvaluationsThatAreNotPublicDoNotExist(t *testing.T) {
	h := server(fixed(engine()))
	var answers []string
	for _, id := range []string{"secret-crews", "elsewhere", "no-such", "UPPER", "%00"} {
		w := ask(h, http.MethodGet, "/api/v1/evaluations/"+id+"?lang=en")
		answers = append(answers, strconv.Itoa(w.Code)+w.Body.String())
	}
	for _, a := range answers {
		if !strings.HasPrefix(a, "404") || a != answers[0] {
			t.Errorf("the answers differ or are not 404: %q", answers)
			break
		}
	}
	card := engine()
	card.Results[0].Indicator.Public = false
	if w := ask(server(fixed(card)), http.MethodGet, "/api/v1/evaluations/night-crews"); w.Code != http.StatusNotFound {
		t.Errorf("an evaluation of an indicator that is not public: %d", w.Code)
	}
}

// The column that says why a number is missing is the last one, so that whoever counts columns finds the others where they were.
func TestSuppressedIsTheLastColumn(t *testing.T) {
	records, err := csv.NewReader(ask(server(fixed(engine())), http.MethodGet, "/indicators/street-lights-on-time.csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	last := len(records[0]) - 1
	if records[0][last] != "suppressed" {
		t.Errorf("the columns are %v", records[0])
	}
	var got []string
	for _, rec := range records[1:] {
		got = append(got, rec[1]+" "+rec[last])
	}
	if d := cmp.Diff([]string{"total ", "2026-02 ", "2026-03 small"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

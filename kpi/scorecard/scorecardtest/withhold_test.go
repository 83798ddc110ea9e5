package scorecardtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"

	"github.com/google/go-cmp/cmp"
)

// A public copy has the outlook if the city shows it; the live scorecard, from which it was made, has it in both cases.
func TestOutlookIsWithheld(t *testing.T) {
	live := scorecardtest.Normal()
	before, err := json.Marshal(live)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := live.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	live.City.Outlook = false
	kept, err := live.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	live.City.Outlook = true
	after, err := json.Marshal(live)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("making a public copy changed the live scorecard")
	}
	outlooks, assured, beside := 0, 0, 0
	for i := range shown.Results {
		with, without := shown.Results[i].Assessment, kept.Results[i].Assessment
		if with.Outlook != nil {
			outlooks++
		}
		if with.Signal.Assurance != "" {
			assured++
		}
		if without.Outlook != nil || without.Signal.Assurance != "" || without.Reason(kpi.QuestionOutlook) != nil {
			t.Errorf("%s keeps its outlook: %+v", kept.Results[i].Indicator.ID, without)
		}
		for k := range with.Standings {
			if with.Standings[k].Outlook != nil {
				beside++
			}
			if without.Standings[k].Outlook != nil {
				t.Errorf("%s keeps the outlook of a target beside its own", kept.Results[i].Indicator.ID)
			}
			with.Standings[k].Outlook = nil
		}
		with.Outlook, with.Signal.Assurance = nil, ""
		reasons := with.Reasons
		with.Reasons = nil
		for _, r := range reasons {
			if r.Question != kpi.QuestionOutlook {
				with.Reasons = append(with.Reasons, r)
			}
		}
		if diff := cmp.Diff(with, without); diff != "" {
			t.Errorf("%s: more than the outlook was taken out: %s", kept.Results[i].Indicator.ID, diff)
		}
	}
	if outlooks < 5 || assured < 2 || beside < 1 {
		t.Errorf("%d outlooks, %d assurances, %d beside: the test asks too little", outlooks, assured, beside)
	}
	if body, err := json.Marshal(kept); err != nil || strings.Contains(string(body), `"probability":`) || strings.Contains(string(body), `"outlook":{`) {
		t.Errorf("a chance is in what is published (%v)", err)
	}
}

// Of what only grows nobody asks whether it moved by more than usual, and no chart has limits for it.
func TestTotalsToDateHaveNoSignal(t *testing.T) {
	card := scorecardtest.Works()
	spent := card.Result("promenade-spending")
	if s := spent.Assessment.Signal; s.Kind == kpi.NotAsked || s.Chart == "" {
		t.Errorf("what was spent in each month has ups and downs: %+v", s)
	}
	r := card.Result("harbor-promenade")
	a := r.Assessment
	if a.Signal.Kind != kpi.NotAsked || a.Signal.Chart != "" || a.Signal.Mean != nil || a.Trend != nil {
		t.Errorf("the work done so far has signal %+v and trend %+v", a.Signal, a.Trend)
	}
	for _, p := range r.Series {
		if p.Mean != nil || p.Upper != nil || p.Outside {
			t.Errorf("%s has limits", p.Period.ID)
		}
	}
	if reason := a.Reason(kpi.QuestionSignal); reason == nil || len(reason.Inputs)+len(reason.Thresholds) > 0 {
		t.Errorf("the reason is %+v", reason)
	}
}

// When works will be finished at their pace is a forecast too.
func TestWorksForecastIsWithheld(t *testing.T) {
	card := scorecardtest.Works()
	works := card.Works(card.Result("harbor-promenade"))
	if s := card.State(works); s.Forecast.IsZero() || s.ForecastDelay == nil {
		t.Errorf("a city that shows outlooks does not say when works will be finished: %+v", s)
	}
	card.City.Outlook = false
	if s := card.State(works); !s.Forecast.IsZero() || s.ForecastDelay != nil || s.Status == "" {
		t.Errorf("a forecast is shown: %+v", s)
	}
}

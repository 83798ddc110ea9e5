package meeting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// monthly makes a result of months from January 2026 on, the last of them judged. Its target is 80, to be met in each month, and more is better.
func monthly(id string, status kpi.Status, signal kpi.SignalKind, values ...float64) scorecard.Result {
	ind := &kpi.Indicator{
		ID: id, Dataset: "repairs", Department: "works", Direction: kpi.Up, Period: kpi.Month, SettlesAfter: 7, Trajectory: kpi.TrajectoryEveryPeriod,
		Targets: []kpi.Target{{By: kpi.NewDate(2026, 12, 31), Value: 80, Set: kpi.NewDate(2025, 1, 1)}},
	}
	goal := 80.0
	r := scorecard.Result{Indicator: ind, Assessment: kpi.Assessment{Status: status, Signal: kpi.Signal{Kind: signal}}}
	for i, v := range values {
		p, err := kpi.Calendar{Location: time.UTC}.Period(kpi.Month, kpi.NewDate(2026, time.Month(i+1), 1))
		if err != nil {
			panic(err)
		}
		r.Series = append(r.Series, scorecard.Point{Period: p, Settled: true, Expected: &goal, Observation: kpi.Observation{Value: &v, Rows: 100}})
		r.Assessment.Period, r.Assessment.Value = p.ID, &v
	}
	return r
}

// Each rule by itself, beside what nearly is one, and the first of several.
func TestCardRules(t *testing.T) {
	good, bad := []float64{90, 91, 92}, []float64{70, 71, 69}
	for name, c := range map[string]struct {
		result scorecard.Result
		was    kpi.Status
		broken DutyState
		flags  []kpi.Flag
		want   string
	}{
		"steady and on target":       {result: monthly("x", kpi.OnTrack, kpi.Steady, good...), want: "not_told"},
		"off target and worsening":   {result: monthly("x", kpi.WellBehind, kpi.Worsening, 90, 91, 69), want: "signal"},
		"off target and improving":   {result: monthly("x", kpi.Behind, kpi.Improving, 90, 91, 69), want: "signal"},
		"off target, nothing really": {result: monthly("x", kpi.Behind, kpi.Steady, 90, 91, 69), want: "not_told"},
		"too early to tell":          {result: monthly("x", kpi.WrongWay, kpi.TooEarly, 90, 91, 69), want: "not_told"},
		"crossed down":               {result: monthly("x", kpi.Behind, kpi.Steady, 90, 91, 69), was: kpi.OnTrack, want: "crossed"},
		"crossed up":                 {result: monthly("x", kpi.OnTrack, kpi.Steady, good...), was: kpi.WellBehind, want: "crossed"},
		"achieved since":             {result: monthly("x", kpi.Achieved, kpi.Steady, good...), was: kpi.OnTrack, want: "crossed win"},
		"within one word":            {result: monthly("x", kpi.WellBehind, kpi.Steady, 90, 91, 69), was: kpi.NoClearChange, want: "not_told"},
		"could not be judged then":   {result: monthly("x", kpi.OnTrack, kpi.Steady, good...), was: kpi.NoData, want: "not_told"},
		"cannot be judged now":       {result: monthly("x", kpi.TooFew, kpi.Steady, good...), was: kpi.OnTrack, want: "not_told"},
		"failed data":                {result: monthly("x", kpi.OnTrack, kpi.Steady, good...), broken: DataFailed, want: "data"},
		"stale":                      {result: monthly("x", kpi.OnTrack, kpi.Steady, good...), flags: []kpi.Flag{kpi.FlagStale}, want: "data"},
		"no data":                    {result: monthly("x", kpi.NoData, kpi.TooEarly), want: "data"},
		"three periods running":      {result: monthly("x", kpi.Behind, kpi.Steady, bad...), want: "again"},
		"two periods running":        {result: monthly("x", kpi.Behind, kpi.Steady, 90, 71, 69), want: "not_told"},
		"met in between":             {result: monthly("x", kpi.Behind, kpi.Steady, 70, 80, 69, 68), want: "not_told"},
		"three, and met now":         {result: monthly("x", kpi.OnTrack, kpi.Steady, 70, 71, 69, 90), want: "not_told"},
		"early warning":              {result: monthly("x", kpi.OnTrack, kpi.Worsening, good...), want: "warning"},
		"worse without a target":     {result: monthly("x", kpi.NoTarget, kpi.Worsening, good...), want: "warning"},
		"a win":                      {result: monthly("x", kpi.OnTrack, kpi.Improving, good...), want: "win"},
		"better without a target":    {result: monthly("x", kpi.NoTarget, kpi.Improving, good...), want: "not_told"},
		"everything at once": {
			result: monthly("x", kpi.WellBehind, kpi.Worsening, bad...), was: kpi.OnTrack, broken: DataStale, want: "signal crossed data again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.result.Assessment.Flags = c.flags
			in := CardInputs{Live: &scorecard.Scorecard{Results: []scorecard.Result{c.result}}, Troubles: map[string]DutyState{}}
			if c.was != "" {
				before := monthly("x", c.was, kpi.Steady)
				in.Before = &scorecard.Scorecard{Results: []scorecard.Result{before}, AsOf: kpi.NewDate(2026, 3, 1)}
			}
			if c.broken != "" {
				in.Troubles["repairs"] = c.broken
			}
			cards := Cards(in)
			got := string(cards[0].Rule)
			for _, r := range cards[0].Also {
				got += " " + string(r)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// "Just noise" is said where nothing really changed and the value moved within its limits, and nowhere else.
func TestCardNoise(t *testing.T) {
	for name, c := range map[string]struct {
		result  scorecard.Result
		outside bool
		want    bool
	}{
		"moved":            {result: monthly("x", kpi.Behind, kpi.Steady, 70, 69), want: true},
		"did not move":     {result: monthly("x", kpi.Behind, kpi.Steady, 70, 70)},
		"beyond a limit":   {result: monthly("x", kpi.Behind, kpi.Steady, 70, 30), outside: true},
		"really worse":     {result: monthly("x", kpi.Behind, kpi.Worsening, 70, 69)},
		"too early":        {result: monthly("x", kpi.Behind, kpi.TooEarly, 70, 69)},
		"the first period": {result: monthly("x", kpi.Behind, kpi.Steady, 70)},
		"no value":         {result: monthly("x", kpi.NoData, kpi.Steady)},
	} {
		if c.outside {
			c.result.Series[1].Outside = true
		}
		got := Cards(CardInputs{Live: &scorecard.Scorecard{Results: []scorecard.Result{c.result}}})[0]
		if got.Noise != c.want {
			t.Errorf("%s: noise %v", name, got.Noise)
		}
		if (got.Moved != nil) != (len(c.result.Series) > 1) {
			t.Errorf("%s: moved %+v", name, got.Moved)
		}
	}
}

// What people said of the number stands on its card: of the judged period, whether it was approved, and whether somebody contests it.
func TestCardWords(t *testing.T) {
	live := &scorecard.Scorecard{Results: []scorecard.Result{monthly("x", kpi.Behind, kpi.Steady, 70, 69)}}
	said := func(state kpi.CommentaryState, period string) []kpi.Commentary {
		return []kpi.Commentary{{Stamp: kpi.Stamp{ID: 4}, Indicator: "x", Period: period, State: state}}
	}
	for name, c := range map[string]struct {
		list     []kpi.Commentary
		approved bool // a text stands
		want     string
	}{
		"nothing":                 {want: "<nil>"},
		"a draft":                 {list: said(kpi.CommentaryDraft, "2026-02"), want: "&{4 draft false}"},
		"of another period":       {list: said(kpi.CommentaryApproved, "2026-01"), want: "<nil>"},
		"withdrawn":               {list: said(kpi.CommentaryWithdrawn, "2026-02"), want: "<nil>"},
		"approved":                {list: said(kpi.CommentaryApproved, "2026-02"), approved: true, want: "&{4 approved true}"},
		"approved, written anew":  {list: said(kpi.CommentaryDraft, "2026-02"), approved: true, want: "&{4 draft true}"},
		"approved, drafts unread": {approved: true, want: "&{4 approved true}"},
	} {
		live.Commentary = nil
		if c.approved {
			live.Commentary = said(kpi.CommentaryApproved, "2026-02")
		}
		if got := fmt.Sprint(Cards(CardInputs{Live: live, Commentaries: c.list})[0].Said); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	live.Contests = []kpi.Contest{{Indicator: "y"}, {Stamp: kpi.Stamp{ID: 7}, Indicator: "x", Period: "2026-01"}}
	if got := Cards(CardInputs{Live: live})[0].Contest; got == nil || got.ID != 7 {
		t.Errorf("contested by %+v", got)
	}
}

// The period that will be judged five working days ahead is told if it is another than now, over or not.
func TestCardComing(t *testing.T) {
	r := monthly("x", kpi.Behind, kpi.Steady, 70, 69, 65, 60)
	r.Assessment.Period = "2026-02"
	r.Series[2].Settled, r.Series[3].Settled = false, false
	live := &scorecard.Scorecard{Results: []scorecard.Result{r}, AsOf: kpi.NewDate(2026, 4, 2)}
	for ahead, want := range map[kpi.Date]string{
		kpi.NewDate(2026, 4, 6): "", kpi.NewDate(2026, 4, 7): "2026-03 2026-04-07 true", kpi.NewDate(2026, 5, 6): "2026-03 2026-04-07 true", kpi.NewDate(2026, 5, 7): "2026-04 2026-05-07 false",
	} {
		got := ""
		if c := Cards(CardInputs{Live: live, Ahead: ahead})[0].Coming; c != nil {
			got = fmt.Sprint(c.Period.ID, " ", c.On, " ", c.Over)
		}
		if got != want {
			t.Errorf("until %s: %q, want %q", ahead, got, want)
		}
	}
}

// Cards come by rule, then the worst first; what is told in one line is last.
func TestCardOrder(t *testing.T) {
	pace := func(r scorecard.Result, p float64) scorecard.Result { r.Assessment.Pace = &p; return r }
	live := &scorecard.Scorecard{Results: []scorecard.Result{
		monthly("steady", kpi.OnTrack, kpi.Steady, 90), monthly("win", kpi.OnTrack, kpi.Improving, 90), monthly("none", kpi.NoData, kpi.TooEarly),
		pace(monthly("slow", kpi.Behind, kpi.Worsening, 70), 0.9), pace(monthly("slower", kpi.Behind, kpi.Worsening, 70), 0.7), monthly("wrong", kpi.WrongWay, kpi.Worsening, 70),
		monthly("warning", kpi.OnTrack, kpi.Worsening, 90),
	}}
	var got []string
	for _, c := range Cards(CardInputs{Live: live}) {
		got = append(got, c.Result.Indicator.ID)
	}
	if want := strings.Fields("wrong slower slow none warning win steady"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A dataset is in trouble where its delivery failed, is late or never came; rows that were refused, and values that are not due yet, are no trouble of the whole.
func TestDataTroubles(t *testing.T) {
	in := town()
	in.Datasets[0].State.Rejects = []kpi.RejectGroup{{Rows: 3}}
	if got := DataTroubles(in); len(got) != 0 {
		t.Errorf("troubles: %v", got)
	}
	in.Datasets[0].State.Failed = &kpi.Load{State: kpi.LoadFailed, Started: at(21, 5)}
	in.Datasets[1].State.Last = nil
	in.Datasets[2].State.DataUntil = monday.AddDays(-40)
	if got, want := fmt.Sprint(DataTroubles(in)), "map[headcount:stale repairs:failed trees:never]"; got != want {
		t.Errorf("troubles: %v, want %v", got, want)
	}
}

package meeting

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// twoMoments are a city then and two weeks later, of which nothing differs, with a series that takes the department of [monthly].
func twoMoments(ids ...string) SinceInputs {
	s, _ := street()
	card := func(day kpi.Date) *scorecard.Scorecard {
		var results []scorecard.Result
		for _, id := range ids {
			results = append(results, monthly(id, kpi.OnTrack, kpi.Steady, 90, 91, 92))
		}
		city := cityWith(results)
		city.TimeZone = "America/New_York"
		city.Datasets = []kpi.Dataset{{ID: "repairs"}}
		return &scorecard.Scorecard{
			City: city, Results: results, AsOf: day, Folder: 4, Datasets: []kpi.DatasetState{{Dataset: "repairs", Last: &kpi.Load{ID: 11, LiveAt: time.Date(2026, 4, 1, 5, 0, 0, 0, time.UTC)}}},
		}
	}
	return SinceInputs{Series: s, Before: card(kpi.NewDate(2026, 4, 1)), Live: card(kpi.NewDate(2026, 4, 15)), Since: time.Date(2026, 4, 1, 14, 0, 0, 0, time.UTC)}
}

// further adds a month to a result, which is judged then.
func further(r *scorecard.Result, value float64) {
	other := monthly(r.Indicator.ID, r.Assessment.Status, r.Assessment.Signal.Kind, make([]float64, len(r.Series)+1)...)
	p := other.Series[len(r.Series)]
	p.Observation.Value = &value
	r.Series = append(slices.Clone(r.Series), p)
	r.Assessment.Period, r.Assessment.Value = p.Period.ID, &value
}

// set gives a month of a result another value.
func set(r *scorecard.Result, month int, value float64) {
	r.Series = slices.Clone(r.Series)
	r.Series[month].Observation.Value = &value
	if month == len(r.Series)-1 {
		r.Assessment.Value = &value
	}
}

// said writes changes in a line: kind, what it is about, and from what to what.
func changes(list []SinceItem) string {
	var all []string
	for i := range list {
		it := &list[i]
		s := string(it.Kind)
		switch {
		case it.Promise != nil:
			s += fmt.Sprint(" ", it.Promise.ID)
		case it.Note != nil:
			s += fmt.Sprint(" note ", it.Note.ID)
		case it.Dataset != "":
			s += " " + it.Dataset + " " + string(it.Trouble)
		case it.Change != nil:
			s += " " + it.Change.Indicator + " " + it.Change.Field
		case it.Contest != nil:
			s += fmt.Sprint(" ", it.Contest.Indicator, " ", it.Contest.ID)
		default:
			s += " " + it.Indicator.ID
			if it.Was != nil && it.Is != nil {
				s += fmt.Sprintf(" %s %v → %s %v", it.WasPeriod.ID, *it.Was, it.Period.ID, *it.Is)
			}
			for _, w := range it.Why {
				s += " because " + string(w.Code)
			}
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

// Each kind of change by itself, beside what is none.
func TestChangedSince(t *testing.T) {
	contest := kpi.Contest{Stamp: kpi.Stamp{ID: 3}, Indicator: "a", Period: "2026-03"}
	change := func(what, field string, folder int) kpi.Change {
		return kpi.Change{Indicator: "a", What: what, Field: field, Folder: folder, To: &kpi.ChangeValue{ID: "x"}}
	}
	for name, c := range map[string]struct {
		change func(in *SinceInputs)
		want   string
		quiet  int
		same   int
	}{
		"nothing":                    {func(*SinceInputs) {}, "", 0, 1},
		"a further month, as always": {func(in *SinceInputs) { further(&in.Live.Results[0], 93) }, "", 1, 0},
		"a further month, really other": {func(in *SinceInputs) {
			further(&in.Live.Results[0], 60)
			in.Live.Results[0].Assessment.Signal.Kind = kpi.Worsening
		}, "period a 2026-03 92 → 2026-04 60", 0, 0},
		"crossed with a further month": {func(in *SinceInputs) {
			further(&in.Live.Results[0], 60)
			in.Live.Results[0].Assessment.Status = kpi.Behind
		}, "crossed a 2026-03 92 → 2026-04 60 because period", 0, 0},
		"achieved":             {func(in *SinceInputs) { in.Live.Results[0].Assessment.Status = kpi.Achieved }, "crossed a 2026-03 92 → 2026-03 92 because day", 0, 0},
		"cannot be judged now": {func(in *SinceInputs) { in.Live.Results[0].Assessment.Status = kpi.TooFew }, "", 0, 1},
		"within one of the public's words": {func(in *SinceInputs) {
			in.Before.Results[0].Assessment.Status, in.Live.Results[0].Assessment.Status = kpi.WellBehind, kpi.WrongWay
		}, "", 0, 1},
		"revised by a load": {func(in *SinceInputs) {
			set(&in.Live.Results[0], 1, 88)
			in.Live.Datasets[0].Last = &kpi.Load{ID: 12}
		}, "revised a 2026-02 91 → 2026-02 88 because delivery", 0, 0},
		"revised on another day":        {func(in *SinceInputs) { set(&in.Live.Results[0], 1, 88) }, "revised a 2026-02 91 → 2026-02 88 because day", 0, 0},
		"revised, and nobody knows why": {func(in *SinceInputs) { set(&in.Live.Results[0], 1, 88); in.Live.AsOf = in.Before.AsOf }, "revised a 2026-02 91 → 2026-02 88 because revised", 0, 0},
		"revised by less than is shown": {func(in *SinceInputs) { set(&in.Live.Results[0], 1, 91.3) }, "", 0, 1},
		"was not settled then": {func(in *SinceInputs) {
			in.Before.Results[0].Series = slices.Clone(in.Before.Results[0].Series)
			in.Before.Results[0].Series[1].Settled = false
			set(&in.Live.Results[0], 1, 88)
		}, "", 0, 1},
		"measured in another way": {func(in *SinceInputs) {
			set(&in.Live.Results[0], 1, 88)
			in.Live.Results[0].Indicator.Version = 2
			in.Live.Changes = []kpi.Change{change(kpi.ChangeMeasure, "measure.where", 5)}
		}, "revised a 2026-02 91 → 2026-02 88 because definition, definition a measure.where", 0, 0},
		"a target":        {func(in *SinceInputs) { in.Live.Changes = []kpi.Change{change(kpi.ChangeTarget, "annual", 5)} }, "target a annual", 0, 1},
		"a target before": {func(in *SinceInputs) { in.Live.Changes = []kpi.Change{change(kpi.ChangeTarget, "annual", 4)} }, "", 0, 1},
		"an owner":        {func(in *SinceInputs) { in.Live.Changes = []kpi.Change{change(kpi.ChangeOwner, "owner", 5)} }, "folder a owner", 0, 1},
		"bands of all": {func(in *SinceInputs) {
			in.Live.Changes = []kpi.Change{{What: kpi.ChangeJudging, Field: "status_bands.behind", Folder: 5}}
		}, "definition  status_bands.behind", 0, 1},
		"of an indicator of another series": {func(in *SinceInputs) {
			in.Live.Changes = []kpi.Change{change(kpi.ChangeTarget, "annual", 5)}
			in.Live.Results[0].Indicator.Department = "parks"
		}, "", 0, 0},
		"an indicator that is new": {func(in *SinceInputs) {
			in.Before.Results = nil
			in.Live.Changes = []kpi.Change{change(kpi.ChangeIndicator, "added", 5)}
		}, "added a added", 0, 0},
		"an indicator that is gone": {func(in *SinceInputs) {
			in.Live.Results = nil
			in.Live.Changes = []kpi.Change{{Indicator: "a", What: kpi.ChangeIndicator, Field: "dropped", Folder: 5, From: &kpi.ChangeValue{ID: "a"}}}
		}, "gone a dropped", 0, 0},
		"a delivery that failed": {func(in *SinceInputs) { in.Live.Datasets[0].Failed = &kpi.Load{ID: 12} }, "stale repairs failed", 0, 1},
		"one that failed before, too": {func(in *SinceInputs) {
			in.Before.Datasets[0].Failed, in.Live.Datasets[0].Failed = &kpi.Load{ID: 12}, &kpi.Load{ID: 13}
		}, "", 0, 1},
		"data that are late":           {func(in *SinceInputs) { in.Live.City.Datasets[0].Expect.Every = 7 * 24 * time.Hour }, "stale repairs stale", 0, 1},
		"data in order again":          {func(in *SinceInputs) { in.Before.Datasets[0].Failed = &kpi.Load{ID: 12} }, "fresh repairs failed", 0, 1},
		"data that never came, and do": {func(in *SinceInputs) { in.Before.Datasets[0].Last = nil }, "fresh repairs never", 0, 1},
		"data of another series": {func(in *SinceInputs) {
			in.Live.Datasets[0].Failed = &kpi.Load{ID: 12}
			in.Live.Results[0].Indicator.Dataset = "trees"
		}, "", 0, 1},
		"a number that is contested": {func(in *SinceInputs) { in.Live.Contests = []kpi.Contest{contest} }, "contested a 3", 0, 1},
		"one that is contested still": {func(in *SinceInputs) {
			in.Before.Contests, in.Live.Contests = []kpi.Contest{contest}, []kpi.Contest{contest}
		}, "", 0, 1},
		"one that no longer is": {func(in *SinceInputs) { in.Before.Contests = []kpi.Contest{contest} }, "answered a 3", 0, 1},
		"nothing is known of then": {func(in *SinceInputs) {
			in.Before = nil
			further(&in.Live.Results[0], 60)
		}, "", 0, 0},
	} {
		in := twoMoments("a")
		c.change(&in)
		s := ChangedSince(in)
		if got := changes(s.Items); got != c.want || len(s.Quiet) != c.quiet || s.Same != c.same {
			t.Errorf("%s: %q, %d quiet, %d the same, want %q, %d, %d", name, got, len(s.Quiet), s.Same, c.want, c.quiet, c.same)
		}
	}
}

// What became of promises and what was noted since.
func TestChangedSinceSaid(t *testing.T) {
	in := twoMoments("a")
	at := func(day int) time.Time { return time.Date(2026, 4, day, 9, 0, 0, 0, time.UTC) }
	state := func(id int64, s kpi.CommitmentState) kpi.Commitment { c := dueOn(id, int(id)); c.State = s; return c }
	moved := func(id int64, chair bool, days int) kpi.Commitment {
		c := dueOn(id, int(id))
		c.Moves = []kpi.DueMove{{From: c.Due, To: c.Due.AddDays(days), Chair: chair, Reason: "Rain."}}
		c.Due = c.Due.AddDays(days)
		return c
	}
	for id := range int64(12) {
		in.Then = append(in.Then, dueOn(id+1, int(id+1)))
	}
	in.Then[3] = state(4, kpi.CommitmentDone)
	in.Now = []kpi.Commitment{
		dueOn(1, 1), state(2, kpi.CommitmentDone), state(3, kpi.CommitmentKept), dueOn(4, 4), state(5, kpi.CommitmentDropped), moved(6, false, 7), moved(7, true, 7), moved(8, false, -2),
		dueOn(9, 9), dueOn(10, 10), dueOn(20, 20), dueOn(21, 21),
	}
	in.Now[8].Blocker = "No asphalt."
	in.Now[9].Department = "parks"
	in.Now[11].Department, in.Now[11].State = "parks", kpi.CommitmentKept
	in.Now[11].Source = "meeting/street/2026-04-01"
	note := func(id int64, kind kpi.NoteKind, state kpi.NoteState, day int) kpi.MeetingNote {
		return kpi.MeetingNote{Stamp: kpi.Stamp{ID: id, Since: at(day)}, Kind: kind, State: state}
	}
	in.Notes = []kpi.MeetingNote{
		note(1, kpi.NoteDecision, kpi.NoteOpen, 1), note(2, kpi.NoteDecision, kpi.NoteOpen, 2), note(3, kpi.NoteDecision, kpi.NoteWithdrawn, 2), note(4, kpi.NoteLater, kpi.NoteOpen, 2),
	}
	s := ChangedSince(in)
	want := "slipped 6, dropped 5, blocked 9, reopened 4, done 2, kept 3, kept 21, made 20, made 21, moved 8, moved 7, decided note 2, later note 4"
	if got := changes(s.Items); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if n := s.Counts(); n[SinceKept] != 2 || n[SinceMade] != 2 || n[SinceCrossed] != 0 {
		t.Errorf("counted: %v", n)
	}
	if s.Items[0].Move == nil || s.Items[0].Move.Reason != "Rain." {
		t.Errorf("the move of the slip: %+v", s.Items[0].Move)
	}
}

// The same moments in another order give the same list; the worst comes first within a kind.
func TestChangedSinceOrder(t *testing.T) {
	in := twoMoments("d", "c", "b", "a")
	for i, s := range []kpi.Status{kpi.Behind, kpi.WrongWay, kpi.WellBehind, kpi.WrongWay} {
		in.Live.Results[i].Assessment.Status = s
		in.Live.Changes = append(in.Live.Changes, kpi.Change{Indicator: in.Live.Results[i].Indicator.ID, What: kpi.ChangeTarget, Field: "annual", Folder: 5, Target: kpi.NewDate(2026, 12, 31)})
	}
	in.Live.Changes = append(in.Live.Changes, kpi.Change{Indicator: "gone", What: kpi.ChangeTarget, Field: "annual", Folder: 5}, kpi.Change{What: kpi.ChangeJudging, Field: "status_bands.behind", Folder: 5})
	for id := range int64(5) {
		in.Now = append(in.Now, dueOn(id+1, 9-int(id)))
		in.Live.Contests = append(in.Live.Contests, kpi.Contest{Stamp: kpi.Stamp{ID: id + 1}, Indicator: "a"})
		in.Notes = append(in.Notes, kpi.MeetingNote{Stamp: kpi.Stamp{ID: id + 1, Since: in.Since.Add(time.Hour)}, Kind: kpi.NoteDecision, State: kpi.NoteOpen})
	}
	s := ChangedSince(in)
	first := changes(s.Items)
	if !strings.HasPrefix(strings.ReplaceAll(first, " because day", ""), "crossed a 2026-03 92 → 2026-03 92, crossed c 2026-03 92 → 2026-03 92, crossed b 2026-03 92 → 2026-03 92, crossed d") {
		t.Errorf("the worst is not first: %s", first)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	for range 50 {
		for _, list := range []func(int, func(int, int)){rng.Shuffle} {
			list(len(in.Live.Results), func(i, k int) { in.Live.Results[i], in.Live.Results[k] = in.Live.Results[k], in.Live.Results[i] })
			list(len(in.Live.Changes), func(i, k int) { in.Live.Changes[i], in.Live.Changes[k] = in.Live.Changes[k], in.Live.Changes[i] })
			list(len(in.Now), func(i, k int) { in.Now[i], in.Now[k] = in.Now[k], in.Now[i] })
			list(len(in.Live.Contests), func(i, k int) { in.Live.Contests[i], in.Live.Contests[k] = in.Live.Contests[k], in.Live.Contests[i] })
			list(len(in.Notes), func(i, k int) { in.Notes[i], in.Notes[k] = in.Notes[k], in.Notes[i] })
		}
		other := ChangedSince(in)
		if got := changes(other.Items); got != first {
			t.Fatalf("in another order:\n%s, not\n%s", got, first)
		}
	}
}

// Every change is of a kind that is listed, so that each has its place and its words.
func TestSinceKinds(t *testing.T) {
	seen := map[SinceKind]bool{}
	for _, k := range SinceKinds {
		if seen[k] {
			t.Errorf("%s stands twice", k)
		}
		seen[k] = true
	}
	if len(seen) != 22 {
		t.Errorf("%d kinds: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

// How a number of a memo stands now, and why it is not as the memo has it.
func TestMovedSince(t *testing.T) {
	contest := kpi.Contest{Stamp: kpi.Stamp{ID: 3}, Indicator: "a"}
	target := kpi.Target{By: kpi.NewDate(2026, 12, 31), Value: 75, Set: kpi.NewDate(2026, 4, 10)}
	for name, c := range map[string]struct {
		change func(in *SinceInputs)
		want   string
	}{
		"as it was":        {func(*SinceInputs) {}, "false"},
		"a further period": {func(in *SinceInputs) { further(&in.Live.Results[0], 60) }, "true 2026-04 60 on_track period"},
		"a revision by a load": {func(in *SinceInputs) {
			set(&in.Live.Results[0], 2, 60)
			in.Live.Datasets[0].Last = &kpi.Load{ID: 12}
		}, "true 2026-03 60 on_track delivery"},
		"a revision on another day": {func(in *SinceInputs) { set(&in.Live.Results[0], 2, 60) }, "true 2026-03 60 on_track day"},
		"a further period, and a revision of the one in the memo": {func(in *SinceInputs) {
			set(&in.Live.Results[0], 2, 60)
			further(&in.Live.Results[0], 61)
			in.Live.Datasets[0].Last = &kpi.Load{ID: 12}
		}, "true 2026-04 61 on_track period delivery"},
		"measured in another way": {func(in *SinceInputs) {
			set(&in.Live.Results[0], 2, 60)
			in.Live.Results[0].Indicator.Version = 2
			in.Live.Changes = []kpi.Change{{Indicator: "a", What: kpi.ChangeMeasure, Field: "rows", Folder: 5}, {Indicator: "a", What: kpi.ChangeMeasure, Field: "unit", Folder: 3}}
		}, "true 2026-03 60 on_track definition (rows)"},
		"a target was decided": {func(in *SinceInputs) {
			in.Live.Results[0].Assessment.Status = kpi.Behind
			in.Live.Results[0].Indicator.Targets = append(in.Live.Results[0].Indicator.Targets, target)
			in.Live.Changes = []kpi.Change{{Indicator: "b", What: kpi.ChangeTarget, Field: "term", Folder: 5}, {Indicator: "a", What: kpi.ChangeTarget, Field: "annual", Folder: 5}}
		}, "true 2026-03 92 behind target (annual)"},
		"a target was decided, and nothing is said otherwise": {func(in *SinceInputs) {
			in.Live.Results[0].Indicator.Targets = append(in.Live.Results[0].Indicator.Targets, target)
		}, "false"},
		"judged in another way": {func(in *SinceInputs) {
			in.Live.Results[0].Assessment.Status = kpi.Behind
			in.Live.Results[0].Assessment.Bands = kpi.Bands{OnTrack: 1, Behind: 0.5}
			in.Live.Changes = []kpi.Change{{What: kpi.ChangeJudging, Field: "status_bands.on_track", Folder: 5}}
		}, "true 2026-03 92 behind judging (status_bands.on_track)"},
		"more is expected by now": {func(in *SinceInputs) { in.Live.Results[0].Assessment.Status = kpi.Behind }, "true 2026-03 92 behind day"},
		"nobody knows why": {func(in *SinceInputs) {
			in.Live.Results[0].Assessment.Status = kpi.Behind
			in.Live.AsOf = in.Before.AsOf
		}, "true 2026-03 92 behind other"},
		"contested": {func(in *SinceInputs) { in.Live.Contests = []kpi.Contest{contest} }, "false contested"},
		"contested then, too": {func(in *SinceInputs) {
			in.Live.Contests, in.Before.Contests = []kpi.Contest{contest}, []kpi.Contest{contest}
		}, "false"},
		"gone":                                 {func(in *SinceInputs) { in.Live.Results = nil }, "true gone"},
		"nothing was frozen":                   {func(in *SinceInputs) { in.Before = nil; set(&in.Live.Results[0], 2, 60) }, "true 2026-03 60 on_track revised"},
		"nothing was frozen, a further period": {func(in *SinceInputs) { in.Before = nil; further(&in.Live.Results[0], 60) }, "true 2026-04 60 on_track period"},
	} {
		in := twoMoments("a")
		value := 92.0
		item := kpi.AgendaItem{Key: "indicator/a", Indicator: "a", Period: "2026-03", Value: &value, Status: kpi.OnTrack}
		c.change(&in)
		m := MovedSince(&item, in.Before, in.Live, nil)
		got := fmt.Sprint(m.Number)
		if m.Number && m.Value != nil {
			got += fmt.Sprint(" ", m.Period.ID, " ", *m.Value, " ", m.Status)
		}
		for _, w := range m.Why {
			got += " " + string(w.Code)
			if w.Change != nil {
				got += " (" + w.Change.Field + ")"
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// How a promise of a memo stands now.
func TestMovedSincePromise(t *testing.T) {
	was := dueOn(1, 10)
	item := kpi.AgendaItem{Key: "commitment/1", Commitment: 1, Rule: string(RuleOverdue), Due: was.Due}
	for name, c := range map[string]struct {
		change func(c *kpi.Commitment)
		rule   CardRule
		then   kpi.CommitmentState
		want   string
	}{
		"as it was":                       {func(*kpi.Commitment) {}, RuleOverdue, "", "false"},
		"done":                            {func(c *kpi.Commitment) { c.State = kpi.CommitmentDone }, RuleOverdue, "", "true done"},
		"done, as in the memo":            {func(c *kpi.Commitment) { c.State = kpi.CommitmentDone }, RuleDone, "", "false"},
		"a third slip that was done then": {func(c *kpi.Commitment) { c.State = kpi.CommitmentDone }, RuleThird, kpi.CommitmentDone, "false"},
		"not done after all":              {func(*kpi.Commitment) {}, RuleDone, "", "true reopened"},
		"kept":                            {func(c *kpi.Commitment) { c.State = kpi.CommitmentKept }, RuleDone, "", "true kept"},
		"dropped":                         {func(c *kpi.Commitment) { c.State = kpi.CommitmentDropped }, RuleDone, "", "true dropped"},
		"moved by its owner":              {func(c *kpi.Commitment) { c.Due = c.Due.AddDays(7); c.Moves = []kpi.DueMove{{From: was.Due, To: c.Due}} }, RuleOverdue, "", "true slipped"},
		"moved by the chair": {func(c *kpi.Commitment) {
			c.Due = c.Due.AddDays(7)
			c.Moves = []kpi.DueMove{{From: was.Due, To: c.Due, Chair: true}}
		}, RuleOverdue, "", "true agreed"},
	} {
		now, item := was, item
		c.change(&now)
		item.Rule = string(c.rule)
		var then *scorecard.Scorecard
		if c.then != "" {
			old := was
			old.State = c.then
			then = &scorecard.Scorecard{Words: scorecard.Words{Commitments: []kpi.Commitment{old}}}
		}
		m := MovedSince(&item, then, &scorecard.Scorecard{}, []kpi.Commitment{dueOn(2, 1), now})
		got := fmt.Sprint(m.Number)
		for _, w := range m.Why {
			got += " " + string(w.Code)
		}
		if got != c.want || m.Promise == nil || m.Promise.ID != 1 {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if m := MovedSince(&item, nil, &scorecard.Scorecard{}, nil); len(m.Why) != 1 || m.Why[0].Code != MovedGone {
		t.Errorf("a promise that is gone: %+v", m)
	}
	if m := MovedSince(&kpi.AgendaItem{Key: "topic/1"}, nil, &scorecard.Scorecard{}, nil); m.Number || len(m.Why) > 0 {
		t.Errorf("a topic moved: %+v", m)
	}
}

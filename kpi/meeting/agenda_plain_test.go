package meeting

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// plainItem is a thing on an agenda of the plain second implementation.
type plainItem struct {
	key, rule, out string
	part, minutes  int
	first          bool // a third slip
	added          bool
}

// plainAgenda makes an agenda in the most literal way: rule by rule as the paper lists them, each time looking for the one thing that comes next.
type plainAgenda struct {
	in      AgendaInputs
	items   []plainItem
	steady  int
	waiting int
}

// shortOf reports whether the last three settled periods were all short of the target of [monthly].
func shortOf(r *scorecard.Result) bool {
	n := len(r.Series)
	if n < 3 {
		return false
	}
	for _, p := range r.Series[n-3:] {
		if *p.Observation.Value >= 80 {
			return false
		}
	}
	return true
}

// rules are those of the paper that name an indicator, in order; the first one is why it is there.
func (w *plainAgenda) rules(r *scorecard.Result) []string {
	word := map[kpi.Status]string{
		kpi.WrongWay: "off", kpi.NoClearChange: "off", kpi.WellBehind: "off", kpi.Behind: "behind", kpi.OnTrack: "on", kpi.Achieved: "on",
	}
	status, signal := r.Assessment.Status, r.Assessment.Signal.Kind
	offTarget := word[status] == "off" || word[status] == "behind"
	was := ""
	if w.in.Before != nil {
		for i := range w.in.Before.Results {
			if w.in.Before.Results[i].Indicator.ID == r.Indicator.ID {
				was = string(w.in.Before.Results[i].Assessment.Status)
			}
		}
	}
	met := status == kpi.Achieved && was != "" && word[kpi.Status(was)] != "" && was != string(kpi.Achieved)
	var list []string
	if offTarget && (signal == kpi.Improving || signal == kpi.Worsening) {
		list = append(list, "signal")
	}
	if was != "" && word[kpi.Status(was)] != "" && word[status] != "" && (word[kpi.Status(was)] != word[status] || met) {
		list = append(list, "crossed")
	}
	if w.in.Troubles[r.Indicator.Dataset] != "" || slices.Contains(r.Assessment.Flags, kpi.FlagStale) || status == kpi.NoData {
		list = append(list, "data")
	}
	if offTarget && shortOf(r) {
		list = append(list, "again")
	}
	if !offTarget && signal == kpi.Worsening {
		list = append(list, "warning")
	}
	if word[status] == "on" && (signal == kpi.Improving || met) {
		list = append(list, "win")
	}
	return list
}

// bad is how bad a status is; the smaller the worse.
func bad(r *scorecard.Result) string {
	place := slices.Index([]kpi.Status{kpi.WrongWay, kpi.NoClearChange, kpi.Behind, kpi.OnTrack, kpi.Achieved, kpi.NoTarget, kpi.BaselineBeingSet, kpi.NoData, kpi.TooFew}, r.Assessment.Status)
	if r.Assessment.Status == kpi.WellBehind {
		place = 1
	}
	return fmt.Sprintf("%02d", place)
}

// follow lists the promises that come back.
func (w *plainAgenda) follow() {
	type back struct {
		sort string
		item plainItem
	}
	var list []back
	for _, c := range w.in.Commitments {
		made := strings.Split(c.Source, "/")
		here := len(made) == 3 && made[0] == "meeting" && made[1] == w.in.Series.ID
		if c.Department != "works" && !here || c.State == kpi.CommitmentKept || c.State == kpi.CommitmentDropped {
			continue
		}
		slips := 0
		for _, m := range c.Moves {
			if !m.Chair && m.From.Before(m.To) {
				slips++
			}
		}
		until := w.in.Meeting.Date
		if c.State == kpi.CommitmentDone {
			until = c.Done
		}
		due := c.Due
		if e := w.in.Emergencies; len(e) == 1 && !due.Before(e[0].From) && !due.After(e[0].Until) {
			due = e[0].Until.AddDays(1 + due.Sub(e[0].From))
		}
		late := 0
		for d := due; d.Before(until); d = d.AddDays(1) {
			late++
		}
		item := plainItem{key: fmt.Sprintf("commitment/%d", c.ID), minutes: 3}
		switch {
		case slips >= 3:
			item.rule, item.minutes, item.first = "third_slip", 5, true
		case c.State == kpi.CommitmentDone:
			item.rule = "done"
		case late > 0:
			item.rule = "overdue"
		case !w.in.Meeting.Date.Before(c.Due) || c.Blocker != "":
			item.rule = "due"
		default:
			w.waiting++
			continue
		}
		rule := map[string]int{"third_slip": 1, "overdue": 2, "done": 3, "due": 4}[item.rule]
		list = append(list, back{fmt.Sprintf("%02d %04d %s %06d", rule, 9999-late, c.Due, c.ID), item})
	}
	sort.Slice(list, func(i, k int) bool { return list[i].sort < list[k].sort })
	for _, b := range list {
		w.items = append(w.items, b.item)
	}
}

// numbers lists the indicators that stand on each agenda, then those that the rules name, then what somebody added.
func (w *plainAgenda) numbers() {
	added := map[string]kpi.AgendaItem{}
	for _, o := range w.in.Meeting.Agenda.Added {
		added[o.Key] = o
	}
	of := map[string]*scorecard.Result{}
	for i := range w.in.Live.Results {
		if r := &w.in.Live.Results[i]; r.Indicator.Department == "works" {
			of[r.Indicator.ID] = r
		}
	}
	for _, id := range w.in.Series.Standing {
		if of[id] != nil {
			w.items = append(w.items, plainItem{key: "indicator/" + id, rule: "standing", part: 1, minutes: 5})
			delete(of, id)
		}
	}
	for _, rule := range append(strings.Fields("signal crossed data again warning win"), "") {
		var names []string
		for place, ind := range w.in.Live.City.Indicators {
			if r := of[ind.ID]; r != nil && (rule == "" || slices.Contains(w.rules(r), rule)) {
				names = append(names, fmt.Sprintf("%s %03d %s", bad(r), place, ind.ID))
			}
		}
		sort.Strings(names)
		for _, name := range names {
			id := strings.Fields(name)[2]
			delete(of, id)
			item := plainItem{key: "indicator/" + id, rule: rule, part: 2, minutes: map[bool]int{true: 2, false: 8}[rule == "win"]}
			if o, ok := added[item.key]; ok {
				item.added = true
				if o.Minutes > 0 {
					item.minutes = o.Minutes
				}
				if rule == "" {
					item.rule = "added"
				}
			} else if rule == "" {
				w.steady++
				continue
			}
			w.items = append(w.items, item)
		}
	}
	seen := map[string]bool{}
	for _, o := range w.in.Meeting.Agenda.Added {
		waits := o.Note == 0
		for _, n := range w.in.Notes {
			waits = waits || n.ID == o.Note && n.State != kpi.NoteWithdrawn
		}
		if !strings.HasPrefix(o.Key, "indicator/") && waits && !seen[o.Key] {
			item := plainItem{key: o.Key, rule: "added", part: 2, minutes: 5, added: true}
			if o.Minutes > 0 {
				item.minutes = o.Minutes
			}
			w.items = append(w.items, item)
		}
		seen[o.Key] = true
	}
}

// make is the whole of it.
func (w *plainAgenda) make() (on, out []plainItem, minutes int) {
	w.follow()
	w.numbers()
	e := w.in.Meeting.Agenda
	five := 5
	for i := range w.items {
		it := &w.items[i]
		if n, ok := e.Minutes[it.key]; ok {
			it.minutes = n
		}
		for _, d := range e.Dropped {
			if d.Key == it.key && !it.first {
				it.out = "dropped"
			}
		}
		if it.out == "" && (it.part < 2 || it.added) {
			minutes += it.minutes
			if it.part == 2 {
				five--
			}
		}
	}
	for _, it := range w.items {
		if it.out == "" && it.part == 2 && !it.added {
			switch {
			case five <= 0:
				it.out = "full"
			case minutes+it.minutes > w.in.Meeting.Minutes:
				it.out = "time"
			default:
				five, minutes = five-1, minutes+it.minutes
			}
		}
		if it.out == "" {
			on = append(on, it)
		} else {
			out = append(out, it)
		}
	}
	return w.ordered(on), out, minutes
}

// ordered puts each thing with a given place where the next of its neighbours with a given place stands, by exchanging two at a time until nothing is out of order.
func (w *plainAgenda) ordered(on []plainItem) []plainItem {
	place := func(key string) int { return slices.Index(w.in.Meeting.Agenda.Order, key) }
	for again := true; again; {
		again = false
		for i := range on {
			for k := i + 1; k < len(on); k++ {
				same := on[i].part == on[k].part && on[i].first == on[k].first
				if a, b := place(on[i].key), place(on[k].key); same && a >= 0 && b >= 0 && b < a {
					on[i], on[k], again = on[k], on[i], true
				}
			}
		}
	}
	return on
}

// randomAgenda is a world of which an agenda is made, with edits of things that are there and of things that are not.
func randomAgenda(rng *rand.Rand) AgendaInputs {
	pick := func(n int) int { return rng.IntN(n) }
	statuses := kpi.Statuses
	var results, before []scorecard.Result
	for i := range pick(14) {
		values := make([]float64, 1+pick(4))
		for k := range values {
			values[k] = 70 + 20*float64(pick(2)) + float64(pick(5))
		}
		status, signal := statuses[pick(len(statuses))], kpi.SignalKinds[pick(len(kpi.SignalKinds))]
		r := monthly(fmt.Sprintf("i%d", i), status, signal, values...)
		if off := status.Public() == kpi.PublicBehind || status.Public() == kpi.PublicOffTrack; off { // such a number is short of its target
			*r.Series[len(values)-1].Observation.Value = 60
		}
		if pick(4) == 0 {
			r.Indicator.Department = "parks"
		}
		if pick(6) == 0 {
			r.Assessment.Flags = []kpi.Flag{kpi.FlagStale}
		}
		r.Indicator.Dataset = []string{"repairs", "trees"}[pick(2)]
		results = append(results, r)
		if pick(4) > 0 {
			before = append(before, monthly(r.Indicator.ID, statuses[pick(len(statuses))], kpi.Steady, 90))
		}
	}
	in := agendaOf(results)
	in.Meeting.Minutes, in.Troubles = 10+pick(90), map[string]DutyState{}
	if pick(4) > 0 {
		in.Before = &scorecard.Scorecard{Results: before}
	}
	if pick(4) == 0 {
		in.Troubles["trees"] = DataFailed
	}
	if pick(2) == 0 {
		in.Series.Standing = []string{fmt.Sprintf("i%d", pick(16)), fmt.Sprintf("j%d", pick(3))}
	}
	for id := range int64(pick(9)) {
		in.Commitments = append(in.Commitments, randomPromise(rng, id+1))
	}
	if pick(3) == 0 {
		from := kpi.NewDate(2026, 3, 20).AddDays(pick(20))
		in.Emergencies = []kpi.Emergency{{From: from, Until: from.AddDays(pick(10))}}
	}
	for id := range int64(pick(4)) {
		in.Notes = append(in.Notes, kpi.MeetingNote{Stamp: kpi.Stamp{ID: id + 1}, Kind: kpi.NoteLater, State: []kpi.NoteState{kpi.NoteOpen, kpi.NoteTaken, kpi.NoteWithdrawn}[pick(3)]})
	}
	in.Meeting.Agenda = randomEdits(rng)
	return in
}

func randomPromise(rng *rand.Rand, id int64) kpi.Commitment {
	pick := func(n int) int { return rng.IntN(n) }
	c := dueOn(id, 1+pick(20))
	c.State = []kpi.CommitmentState{kpi.CommitmentOpen, kpi.CommitmentOpen, kpi.CommitmentDone, kpi.CommitmentKept, kpi.CommitmentDropped}[pick(5)]
	if c.State == kpi.CommitmentDone {
		c.Done = kpi.NewDate(2026, 4, 1+pick(8))
	}
	c = slipped(c, pick(5))
	for i := range c.Moves {
		c.Moves[i].Chair = pick(3) == 0
		if pick(4) == 0 {
			c.Moves[i].From, c.Moves[i].To = c.Moves[i].To, c.Moves[i].From
		}
	}
	if pick(4) == 0 && c.State == kpi.CommitmentOpen {
		c.Blocker = "No asphalt."
	}
	c.Kind = []kpi.CommitmentKind{kpi.CommitmentPromise, kpi.CommitmentRequest}[pick(2)]
	c.Department = []string{"works", "works", "parks", ""}[pick(4)]
	c.Source = []string{"workspace", "meeting/street/2026-03-26", "meeting/streets/2026-03-26"}[pick(3)]
	return c
}

func randomEdits(rng *rand.Rand) kpi.AgendaEdits {
	pick := func(n int) int { return rng.IntN(n) }
	key := func() string {
		return []string{fmt.Sprintf("indicator/i%d", pick(16)), fmt.Sprintf("commitment/%d", pick(12)), fmt.Sprintf("topic/%d", 1+pick(3)), fmt.Sprintf("note/%d", 1+pick(5))}[pick(4)]
	}
	e := kpi.AgendaEdits{Minutes: map[string]int{}, Questions: map[string]string{}}
	for range pick(3) {
		o := kpi.AgendaItem{Reason: "Look.", Minutes: pick(12)}
		switch pick(3) {
		case 0:
			o.Indicator = fmt.Sprintf("i%d", pick(16))
			o.Key = IndicatorKey(o.Indicator)
		case 1:
			o.Note = int64(1 + pick(5))
			o.Key = NoteKey(o.Note)
		case 2:
			o.Key, o.Text = TopicKey(1+pick(3)), "The budget."
		}
		if !slices.ContainsFunc(e.Added, func(other kpi.AgendaItem) bool { return other.Key == o.Key }) {
			e.Added = append(e.Added, o)
		}
	}
	for range pick(3) {
		e.Dropped = append(e.Dropped, kpi.AgendaDrop{Key: key(), Reason: "Not now."})
	}
	for range pick(12) {
		e.Order = append(e.Order, key())
	}
	for range pick(3) {
		e.Minutes[key()] = 1 + pick(20)
	}
	for range pick(3) {
		e.Questions[key()] = "Why?"
	}
	return e
}

// shuffled is the same world in another order.
func shuffled(rng *rand.Rand, in AgendaInputs) AgendaInputs {
	mix := func(n int, swap func(i, k int)) { rng.Shuffle(n, swap) }
	live := *in.Live
	live.Results = slices.Clone(live.Results)
	mix(len(live.Results), func(i, k int) { live.Results[i], live.Results[k] = live.Results[k], live.Results[i] })
	in.Live = &live
	if in.Before != nil {
		before := *in.Before
		before.Results = slices.Clone(before.Results)
		mix(len(before.Results), func(i, k int) { before.Results[i], before.Results[k] = before.Results[k], before.Results[i] })
		in.Before = &before
	}
	in.Commitments, in.Notes = slices.Clone(in.Commitments), slices.Clone(in.Notes)
	mix(len(in.Commitments), func(i, k int) { in.Commitments[i], in.Commitments[k] = in.Commitments[k], in.Commitments[i] })
	mix(len(in.Notes), func(i, k int) { in.Notes[i], in.Notes[k] = in.Notes[k], in.Notes[i] })
	return in
}

// TestAgendaPlain makes the agendas of many worlds twice, and again with everything in another order.
func TestAgendaPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 26))
	rules, outs := map[string]int{}, map[string]int{}
	for n := range 8_000 {
		in := randomAgenda(rng)
		a := MakeAgenda(in)
		w := plainAgenda{in: in}
		on, out, minutes := w.make()
		var want []string
		for _, it := range on {
			want = append(want, fmt.Sprintf("%s %s %d", it.key, it.rule, it.minutes))
			rules[it.rule]++
		}
		for _, it := range out {
			want = append(want, fmt.Sprintf("(%s %s: %s)", it.key, it.rule, it.out))
			outs[it.out]++
		}
		if got, want := told(&a), strings.Join(want, ", "); got != want || a.Minutes != minutes || a.Steady != w.steady || a.Waiting != w.waiting {
			t.Fatalf("world %d:\n%s, %d minutes, %d steady, %d waiting\nand plainly\n%s, %d minutes, %d steady, %d waiting\nedits %+v", n, got, a.Minutes, a.Steady, a.Waiting, want, minutes, w.steady, w.waiting, in.Meeting.Agenda)
		}
		if n%10 == 0 {
			other := MakeAgenda(shuffled(rng, in))
			if told(&other) != told(&a) {
				t.Fatalf("world %d: another order of the same things gives\n%s, not\n%s", n, told(&other), told(&a))
			}
			holdsTogether(t, &in, &a)
		}
	}
	for _, r := range slices.Concat(FollowUpRules, CardRules, []CardRule{RuleStanding, RuleAdded}) {
		if rules[string(r)] < 100 {
			t.Errorf("only %d things were on an agenda by rule %s: the worlds are too tame", rules[string(r)], r)
		}
	}
	for _, o := range []string{kpi.OutDropped, kpi.OutFull, kpi.OutTime} {
		if outs[o] < 100 {
			t.Errorf("only %d things were left out as %s", outs[o], o)
		}
	}
}

// holdsTogether checks what is true of every agenda.
func holdsTogether(t *testing.T, in *AgendaInputs, a *Agenda) {
	t.Helper()
	seen := map[string]bool{}
	fresh, added, part := 0, 0, 0
	for i, it := range slices.Concat(a.Items, a.Left) {
		if seen[it.Key] {
			t.Errorf("%s stands twice: %s", it.Key, told(a))
		}
		seen[it.Key] = true
		if i >= len(a.Items) {
			continue
		}
		if p := slices.Index(kpi.AgendaParts, it.Part); p < part {
			t.Errorf("%s comes after what it precedes: %s", it.Part, told(a))
		} else {
			part = p
		}
		if it.Part == kpi.PartNew {
			fresh++
		}
		if in.isAdded(it.Key) {
			added++
		}
		if it.Rule == string(RuleThird) && i > 0 && a.Items[i-1].Rule != string(RuleThird) {
			t.Errorf("a third slip is not first: %s", told(a))
		}
	}
	if fresh > max(MaxNew, added) {
		t.Errorf("%d new things, %d of them added: %s", fresh, added, told(a))
	}
}

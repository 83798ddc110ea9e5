package scorecardtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Secret stands in what only staff may read of [NewStaff]: in errors, warnings, paths and refused rows. No public page may hold it.
const Secret = "STAFF-ONLY-5e1f"

// Staff is a fictional office that looks after the data of Harborview. It has what the staff pages ask for, and remembers what they set
// off. Its fields may be changed before it is used; it is safe for many goroutines afterwards.
type Staff struct {
	TheCity *kpi.City
	TheCard *scorecard.Scorecard // the live one
	Reports []kpi.DatasetReport
	Rows    map[int64][]kpi.Reject // refused rows by load
	Err     error                  // what every question is answered with, if it is not nil
	LiveErr error                  // what the question for the live scorecard is answered with, if it is not nil

	mu       sync.Mutex
	asked    []string
	watchers map[chan kpi.RunState]struct{}
	came     chan struct{} // closed and made anew when the number of watchers changes
}

// NewStaff returns the office of a city whose datasets are in every state: service-requests is in order and being loaded, street-safety,
// into which people type, had a failed delivery and waits for a retry, housing-permits is stale and waits for its turn, resident-survey was never loaded,
// park-visits warns, and tree-census was broken off.
func NewStaff() *Staff {
	city := harborview()
	city.AsOf = kpi.Date{}
	city.Datasets = append(city.Datasets, staffSources(city.Datasets[0])...)
	for _, p := range harborviewPlans() {
		city.Indicators = append(city.Indicators, p.indicator)
	}
	there := city.DepartmentsOn(AsOf)
	for i, schedule := range []kpi.Schedule{
		{Text: "daily 05:30", Cron: "30 5 * * *"}, {Text: "weekly mon 06:00", Cron: "0 6 * * 1", Retries: 3}, {Text: "monthly 5 06:00", Cron: "0 6 5 * *"},
		{}, {Text: "every 15 minutes", Cron: "*/15 * * * *"}, {Text: "cron 7 3 1 1,7 *", Cron: "7 3 1 1,7 *"},
	} {
		city.Datasets[i].Schedule = schedule
		city.Datasets[i].Department = there[i%len(there)].ID
	}
	city.Datasets[1].Source.Kind, city.Datasets[1].Source.Path = kpi.SourceEntry, "data/street-safety.csv" // people type it
	s := &Staff{TheCity: city, TheCard: Normal(), Rows: map[int64][]kpi.Reject{}, watchers: map[chan kpi.RunState]struct{}{}, came: make(chan struct{})}
	s.Reports = s.reports()
	return s
}

// NewHostileStaff returns an office in which every text is one of [HostileTexts], and refused rows hold a kilobyte of what breaks pages.
func NewHostileStaff() *Staff {
	s := NewStaff()
	bad := inTurn(hostileTexts)
	word := func() string { return bad().String(kpi.English) }
	hostileCity(s.TheCity, 300, bad)
	hostileSite(s.TheCity, inTurn(hostileTexts))
	for i := range s.TheCity.Indicators {
		hostileIndicator(&s.TheCity.Indicators[i], bad)
	}
	for i := range s.TheCity.Datasets {
		d := &s.TheCity.Datasets[i]
		d.Source.Path, d.Source.URL, d.Source.Table, d.Schedule.Text = word(), "", word(), word()
	}
	for i := range s.Reports {
		r := &s.Reports[i]
		hostileState(&r.State, bad)
		for _, l := range []*kpi.Load{r.State.Last, r.State.Failed} {
			for j := 0; l != nil && j < len(l.Checks); j++ {
				l.Checks[j].Check.Rule = word()
			}
		}
		for j := range r.Runs {
			r.Runs[j].Error = word()
		}
	}
	s.hostileRows(word)
	s.TheCard = Hostile()
	return s
}

// hostileRows changes what was refused; the columns stay those of the groups.
func (s *Staff) hostileRows(word func() string) {
	for _, rows := range s.Rows {
		for i := range rows {
			rows[i].File, rows[i].Detail, rows[i].Raw = word(), word(), word()
			if i%9 == 0 {
				rows[i].Raw = strings.ToValidUTF8(strings.Repeat(word(), 1024)[:1024], "")
			}
		}
	}
	for i := range s.Reports {
		for j, g := range s.Reports[i].State.Rejects {
			for _, rows := range s.Rows {
				for k := range rows {
					if rows[k].Dataset == s.Reports[i].State.Dataset && rows[k].Reason == g.Reason {
						rows[k].Column = s.Reports[i].State.Rejects[j].Column
					}
				}
			}
		}
	}
}

// staffSources are two more datasets, made like another one.
func staffSources(like kpi.Dataset) []kpi.Dataset {
	visits, trees := like, like
	visits.ID, visits.Name = "park-visits", text("Park visits", "Visitas a los parques", "Visitas aos parques", "Visites des parcs")
	visits.Source = kpi.Source{Kind: kpi.SourceSQL, Table: "visits", Query: "SELECT 1"}
	visits.Expect.Every = 6 * time.Hour
	trees.ID, trees.Name = "tree-census", text("Tree census", "Censo de árboles", "Censo de árvores", "Recensement des arbres")
	trees.Source = kpi.Source{Kind: kpi.SourceSocrata, URL: "https://reader:hunter2@data.harborview.example/resource", Resource: "abcd-1234"}
	trees.Expect.Every = 0
	return []kpi.Dataset{visits, trees}
}

func (s *Staff) reports() []kpi.DatasetReport {
	known := harborviewDatasets()
	list := make([]kpi.DatasetReport, len(known))
	for i, st := range known {
		list[i] = kpi.DatasetReport{State: st, Job: kpi.RunState{Dataset: st.Dataset, Next: Now.Add(time.Duration(i+3) * time.Hour)}}
	}
	requests, safety, permits, survey := &list[0], &list[1], &list[2], &list[3]
	requests.Job.Running, requests.Job.Trigger, requests.Job.Started = true, kpi.TriggerSchedule, Now.Add(-95*time.Second)
	requests.Job.Progress = kpi.Progress{Dataset: "service-requests", Step: kpi.StepStage, Done: 41_200, Total: 61_300, Unit: "rows"}
	requests.State.Last.Checks = append(requests.State.Last.Checks, kpi.CheckResult{
		Check: kpi.Check{ID: "2", Rule: "not null opened", Kind: kpi.CheckNotNull, Columns: []string{"opened"}, Else: kpi.ElseReject}, Failed: 3})
	requests.Runs = runs(requests.State.Last, 10)
	safety.Job.Retry, safety.Job.Next = 2, Now.Add(20*time.Minute)
	failed := safety.State.Failed
	failed.Error += "; " + Secret + " /var/lib/citystat/spool/tmp"
	failed.Trigger, failed.Attempt, failed.Ended, failed.Counts.Rejected = kpi.TriggerSchedule, 2, failed.Started.Add(4*time.Second), 7
	safety.Refused = []kpi.RejectGroup{{Reason: "field_count", Rows: 5}, {Reason: "bad_date", Column: "crash date", Rows: 2}}
	safety.Runs = append([]kpi.Load{*failed}, runs(safety.State.Last, 4)...)
	permits.Job.Waiting, permits.Job.Trigger = true, kpi.TriggerPerson
	permits.Runs = runs(permits.State.Last, 1)
	survey.Job.Next = time.Time{}
	list = append(list, kpi.DatasetReport{}, kpi.DatasetReport{})
	warned(&list[4])
	abandoned(&list[5])
	for i := range list {
		s.refuse(&list[i])
	}
	return list
}

// warned is a dataset whose last load broke a check and went on.
func warned(r *kpi.DatasetReport) {
	last := harborviewDatasets()[2]
	last.Last.Dataset, last.Last.ID, last.Dataset, last.Rejects = "park-visits", 21, "park-visits", nil
	last.Last.Started, last.Last.LiveAt = Now.Add(-40*time.Minute), Now.Add(-40*time.Minute+1500*time.Millisecond)
	last.Last.Counts = kpi.Counts{Read: 9_120, Accepted: 9_120, New: 88, Restated: 4}
	last.Last.Checks = append(last.Last.Checks, kpi.CheckResult{
		Check: kpi.Check{ID: "3", Rule: "left >= entered", Kind: kpi.CheckRow, Expr: "left >= entered", Else: kpi.ElseWarn}, Failed: 11})
	r.State = last
	r.Job = kpi.RunState{Dataset: "park-visits", Next: Now.Add(5 * time.Minute)}
	r.Runs = runs(last.Last, 10)
}

// abandoned is a dataset whose only run was broken off.
func abandoned(r *kpi.DatasetReport) {
	r.State = kpi.DatasetState{Dataset: "tree-census"}
	r.Job = kpi.RunState{Dataset: "tree-census", Next: Now.AddDate(0, 3, 0)}
	r.Runs = []kpi.Load{{
		ID: 22, Cause: kpi.CauseLoad, Dataset: "tree-census", State: kpi.LoadAbandoned, Started: Now.Add(-3 * time.Hour), Trigger: kpi.TriggerStart,
		Error: Secret + ": the program ended during the load",
	}}
}

// runs are the last runs of a dataset: the load and some before it that brought nothing new.
func runs(last *kpi.Load, n int) []kpi.Load {
	list := []kpi.Load{*last}
	list[0].Trigger, list[0].Attempt = kpi.TriggerSchedule, 1
	triggers := []kpi.Trigger{kpi.TriggerSchedule, kpi.TriggerPerson, kpi.TriggerMissed, ""}
	for i := 1; i < n; i++ {
		at := last.Started.AddDate(0, 0, -i)
		list = append(list, kpi.Load{
			ID: last.ID - int64(i), Cause: kpi.CauseLoad, Dataset: last.Dataset, State: kpi.LoadUnchanged, Started: at,
			Ended: at.Add(time.Duration(i) * 21 * time.Second), Trigger: triggers[i%len(triggers)],
		})
	}
	return list
}

// refuse makes the rows of the groups of a dataset.
func (s *Staff) refuse(r *kpi.DatasetReport) {
	add := func(l *kpi.Load, groups []kpi.RejectGroup) {
		for _, g := range groups {
			for i := range g.Rows {
				s.Rows[l.ID] = append(s.Rows[l.ID], kpi.Reject{
					Load: l.ID, Dataset: l.Dataset, File: "data/" + l.Dataset + "-2026.csv", Line: 2 + 17*i + int64(len(g.Reason)), Column: g.Column,
					Reason: g.Reason, Detail: fmt.Sprintf("row %d: %s", i+1, detail(g)), Raw: fmt.Sprintf("=%s,2026-13-%02d,,\"Mill River\"", Secret, i+1),
				})
			}
		}
		slices.SortStableFunc(s.Rows[l.ID], func(a, b kpi.Reject) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	}
	if r.State.Last != nil {
		add(r.State.Last, r.State.Rejects)
	}
	if r.State.Failed != nil {
		add(r.State.Failed, r.Refused)
	}
}

func detail(g kpi.RejectGroup) string {
	if g.Column == "" {
		return "the row has 7 fields and the header has 6"
	}
	return "what stands in " + g.Column + " cannot be read as its type; correct the source, or declare the format"
}

// City returns the city.
func (s *Staff) City(context.Context) (*kpi.City, error) { return s.TheCity, s.Err }

// Live returns the live scorecard.
func (s *Staff) Live(context.Context) (*scorecard.Scorecard, error) {
	if err := cmp.Or(s.Err, s.LiveErr); err != nil {
		return nil, err
	}
	return s.TheCard, nil
}

// Datasets returns the reports.
func (s *Staff) Datasets(context.Context) ([]kpi.DatasetReport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.Reports), s.Err
}

// Report changes what is known of a dataset while the office is in use.
func (s *Staff) Report(i int, r kpi.DatasetReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Reports[i] = r
}

// Rejects returns refused rows.
func (s *Staff) Rejects(_ context.Context, q kpi.RejectQuery) ([]kpi.Reject, error) {
	var list []kpi.Reject
	for _, row := range s.Rows[q.Load] {
		if row.Dataset == q.Dataset && (q.Reason == "" || q.Reason == row.Reason) && (q.Column == "" || q.Column == row.Column) {
			list = append(list, row)
		}
	}
	from := min(q.Offset, len(list))
	return list[from:min(from+q.Limit, len(list))], s.Err
}

// Run remembers that a run was asked for.
func (s *Staff) Run(_ context.Context, dataset string) error {
	if s.Err != nil {
		return s.Err
	}
	for _, r := range s.Reports {
		if r.State.Dataset == dataset && (r.Job.Running || r.Job.Waiting) {
			return kpi.Errorf(kpi.CodeConflict, "%s is being loaded already", dataset)
		}
	}
	if s.TheCity.Dataset(dataset) == nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is no dataset %q", dataset)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, dataset)
	return nil
}

// Asked returns the datasets whose runs were asked for, in order.
func (s *Staff) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Watch returns a channel with the states of now, followed by what [Staff.Send] sends.
func (s *Staff) Watch(ctx context.Context) (<-chan kpi.RunState, error) {
	if s.Err != nil {
		return nil, s.Err
	}
	ch := make(chan kpi.RunState, 1000)
	for _, r := range s.Reports {
		ch <- r.Job
	}
	s.change(func() { s.watchers[ch] = struct{}{} })
	context.AfterFunc(ctx, func() {
		s.change(func() {
			delete(s.watchers, ch)
			close(ch)
		})
	})
	return ch, nil
}

func (s *Staff) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.came)
	s.came = make(chan struct{})
}

// Send tells all who watch of a state.
func (s *Staff) Send(st kpi.RunState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.watchers {
		ch <- st
	}
}

// Watching waits until so many watch.
func (s *Staff) Watching(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		now, came := len(s.watchers), s.came
		s.mu.Unlock()
		if now == n {
			return nil
		}
		select {
		case <-came:
		case <-ctx.Done():
			return fmt.Errorf("%d watch, and not %d: %w", now, n, ctx.Err())
		}
	}
}

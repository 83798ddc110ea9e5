package pages

import (
	"context"

	"citystat/kpi"
	"citystat/kpi/release"
	"citystat/kpi/scorecard"
)

// roundLook is what is known of the numbers while a round is filled.
type roundLook struct {
	live     *scorecard.Scorecard // nil: it cannot be made now, or the round is over
	city     *kpi.City
	period   kpi.Period
	facts    release.Facts
	datasets map[string]*kpi.DatasetReport
	people   map[int64]string // names by account
}

// lookAt reads what is known of the numbers now, and who people are.
func (r *Request) lookAt(ctx context.Context, x *release.Round) (*roundLook, error) {
	look := &roundLook{city: r.City, datasets: map[string]*kpi.DatasetReport{}, people: map[int64]string{}}
	if r.directory != nil {
		people, err := r.directory.People(ctx)
		if err != nil {
			return nil, err
		}
		for i := range people {
			look.people[people[i].ID] = people[i].Name
		}
	}
	period, err := r.Cal.Parse(x.Period)
	if err == nil && x.State == release.Filling {
		look.period, look.live = period, r.liveOrNone(ctx)
	}
	if look.live == nil {
		return look, nil
	}
	live := look.live
	reports, err := r.staff.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	var said []kpi.Commentary
	if r.work.Commentaries != nil {
		if said, err = r.work.Commentaries.Commentaries(ctx, kpi.PaperQuery{}); err != nil {
			return nil, err
		}
	}
	late := map[string]bool{}
	for i := range r.City.Datasets {
		ds := &r.City.Datasets[i]
		rep := reportOf(reports, ds.ID)
		v := staffDataset{}
		r.freshness(&v, ds, rep)
		late[ds.ID], look.datasets[ds.ID] = v.Stale || rep.State.Last == nil, rep
	}
	look.facts = release.Facts{
		Assessment: func(id string) *kpi.Assessment {
			if res := live.Result(id); res != nil {
				return &res.Assessment
			}
			return nil
		},
		Has: func(id, period string) bool {
			res := live.Result(id)
			if res == nil {
				return false
			}
			o := res.Observation(period, "", "")
			return o != nil && o.Value != nil
		},
		Late:      func(id string) bool { return late[id] },
		Explained: func(id, period string) bool { return release.Explained(said, id, period) },
	}
	return look, nil
}

// liveOrNone returns the scorecard of now; nil if it cannot be made: a round must move all the same.
func (r *Request) liveOrNone(ctx context.Context) *scorecard.Scorecard {
	live, err := r.staff.Live(ctx)
	if err != nil {
		r.log.WarnContext(ctx, "the live scorecard cannot be made for the page of a round", "err", err)
		return nil
	}
	return live
}

// newer reports whether data of a department came after its part was checked: what is released is what is there then.
func (l *roundLook) newer(f *release.Filing) bool {
	if l.live == nil || f.State != release.FilingChecked {
		return false
	}
	for i := range l.city.Indicators {
		ind := &l.city.Indicators[i]
		rep := l.datasets[ind.Dataset]
		if ind.Public && ind.Department == f.Department && rep != nil && rep.State.Last != nil && rep.State.Last.Time().After(f.CheckedAt) {
			return true
		}
	}
	return false
}

// lacks says what is still missing of a department's part.
func (r *Request) lacks(look *roundLook, department string) []lackView {
	if look.live == nil {
		return nil
	}
	var list []lackView
	for _, l := range release.Lacks(look.city, department, look.period, look.facts) {
		v := lackView{Text: r.P.T("rounds.lack."+string(l.Kind), "period", r.roundPeriod(l.Period))}
		if ind := r.City.Indicator(l.Indicator); ind != nil {
			v.Link = Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}
		} else if ds := r.City.Dataset(l.Dataset); ds != nil {
			v.Link = Link{URL: staffDataPath + "#dataset-" + ds.ID, Words: r.Words(ds.Name)}
		}
		list = append(list, v)
	}
	return list
}

// changesView is what a release would change for the public.
type changesView struct {
	Wrong string // why the numbers of now cannot be published; "" if they can
	Same  string // how many indicators stay as they are
	Rows  []changedRow
}

// changedRow is an indicator that the public would see otherwise.
type changedRow struct {
	Link    Link
	What    []string // it is new, it is gone, or how many earlier values are revised
	Was, Is *shownValue
}

// shownValue is what the public sees of an indicator.
type shownValue struct {
	Value  Value
	Period string
	Chip   Chip
}

// publicChanges compares what is published with what would be.
func (r *Request) publicChanges(live *scorecard.Scorecard) *changesView {
	if live == nil {
		return nil
	}
	next, err := live.Public(r.Card)
	if err != nil {
		return &changesView{Wrong: err.Error()}
	}
	was := r.Card
	if was == nil {
		was = &scorecard.Scorecard{}
	}
	d, same := &changesView{}, 0
	for i := range next.Results {
		now := &next.Results[i]
		if row := r.changedRow(was.Result(now.Indicator.ID), now); row != nil {
			d.Rows = append(d.Rows, *row)
		} else {
			same++
		}
	}
	for i := range was.Results {
		if old := &was.Results[i]; next.Result(old.Indicator.ID) == nil {
			d.Rows = append(d.Rows, *r.changedRow(old, nil))
		}
	}
	d.Same = r.P.T("rounds.same", "n", same, "total", len(next.Results))
	return d
}

// changedRow compares an indicator as it is published with what would be; nil if the public would see no difference. Either may be nil.
func (r *Request) changedRow(was, is *scorecard.Result) *changedRow {
	row := &changedRow{Was: r.shownValue(was), Is: r.shownValue(is)}
	switch {
	case was == nil:
		row.What = []string{r.P.T("rounds.change.new")}
	case is == nil:
		row.What = []string{r.P.T("rounds.change.gone")}
	default:
		revised := revisedValues(was, is)
		if revised > 0 {
			row.What = []string{r.P.T("rounds.change.revised", "n", revised)}
		}
		if revised == 0 && *row.Was == *row.Is {
			return nil
		}
	}
	of := is
	if of == nil {
		of = was
	}
	row.Link = Link{URL: staffIndicatorPath(of.Indicator.ID), Words: r.Words(of.Indicator.Name)}
	return row
}

func (r *Request) shownValue(res *scorecard.Result) *shownValue {
	if res == nil {
		return nil
	}
	v := &shownValue{Value: r.Value(res.Indicator, res.Assessment.Value), Chip: r.chip(res.Assessment.Status)}
	if o := res.Observation(res.Assessment.Period, "", ""); o != nil && res.Assessment.Judged == nil {
		v.Value = r.observed(res.Indicator, o) // as its own page says it
	}
	if res.Assessment.Period != "" {
		v.Period = r.roundPeriod(res.Assessment.Period)
	}
	return v
}

// revisedValues counts the periods, but for the judged one, that are published with another value than they would have.
func revisedValues(was, is *scorecard.Result) int {
	before := map[string]*kpi.Observation{}
	for i := range was.Series {
		before[was.Series[i].Period.ID] = &was.Series[i].Observation
	}
	n := 0
	for i := range is.Series {
		p := &is.Series[i]
		old, known := before[p.Period.ID]
		if known && p.Period.ID != is.Assessment.Period && raw(old.Value) != raw(p.Observation.Value) {
			n++
		}
	}
	return n
}

package pages

import (
	"context"
	"time"

	"citystat/kpi"
)

var dataPage = Page{Name: "data", Path: "/data", Menu: "nav.data", Role: Everyone, Load: loadData}

// dataData says where the numbers come from, how fresh they are, and what was left out.
type dataData struct {
	AsOf     string
	Version  string
	Datasets []datasetView
}

// datasetView is one dataset.
type datasetView struct {
	ID         string
	Name, Why  Words
	Publisher  string
	URL        string
	Licence    string
	Note       Words
	Steward    Words
	Every      string
	Kind       string // of the source
	Until      Moment
	Loaded     *Moment
	Version    Value
	Counts     []count
	Changes    []count
	Files      []fileView
	Undeclared string
	Checks     []checkView
	Warnings   []string
	Rejects    []rejectView
	Unplaced   []unplacedView
	Failed     *failedView
	Deliveries *figure // nil where nothing is known of them
	Indicators []Link
}

// count is a label and a number.
type count struct {
	Label string
	Value
}

type fileView struct {
	Path string
	Rows Value
	Copy string // the first digits of the SHA-256 of the kept copy
	Full string
}

type checkView struct {
	Rule, Result, Effect string
	Failed               Value
	OK                   bool
}

type rejectView struct {
	Reason, Column string
	Rows           Value
}

type unplacedView struct {
	What, Name string
	Rare       bool // the name is ours: it stands for several that are not shown
	Rows       Value
}

type failedView struct {
	At  Moment
	Why string
}

func loadData(_ context.Context, r *Request) (Content, error) {
	d := dataData{AsOf: r.asOf(), Version: r.P.T("data.version", "n", r.Card.Version)}
	for i := range r.City.Datasets {
		ds := &r.City.Datasets[i]
		if r.feedsPublic(ds.ID) {
			v, err := r.dataset(ds)
			if err != nil {
				return Content{}, err
			}
			d.Datasets = append(d.Datasets, v)
		}
	}
	return Content{Title: r.P.T("data.title"), Summary: r.P.T("data.intro"), Data: d}, nil
}

// dataset is one dataset with its deliveries.
func (r *Request) dataset(ds *kpi.Dataset) (datasetView, error) {
	st := r.state(ds.ID)
	v := r.described(ds, st)
	f := r.deliveries(ds, st, r.Card.AsOf)
	if f == nil {
		return v, nil
	}
	drawn, err := newFigure(f, "cells", deliveriesFile(ds.ID), true)
	v.Deliveries = &drawn
	return v, err
}

// described is what is known of a dataset.
func (r *Request) described(ds *kpi.Dataset, st kpi.DatasetState) datasetView {
	v := datasetView{
		ID: ds.ID, Name: r.Words(ds.Name), Why: r.Prose(ds.Why),
		Publisher: ds.Credit.Publisher, URL: webAddress(ds.Credit.URL), Licence: ds.Credit.Licence, Note: r.Prose(ds.Credit.Note),
		Steward: r.person(ds.Steward), Every: r.every(ds.Expect.Every),
		Kind: r.P.Upper(r.P.SourceKind(ds.Source.Kind)),
	}
	for _, res := range r.fedBy(ds.ID) {
		v.Indicators = append(v.Indicators, r.summary(res).Link)
	}
	if st.Failed != nil {
		v.Failed = &failedView{At: r.at(st.Failed.Started), Why: st.Failed.Error}
	}
	if st.Last == nil {
		return v
	}
	loaded := r.at(st.Last.Time())
	v.Loaded, v.Version = &loaded, r.Count(st.Last.ID)
	if !st.DataUntil.IsZero() {
		v.Until = r.on(st.DataUntil)
	}
	v.Warnings = st.Last.Warnings
	v.Counts, v.Changes = r.loadCounts(st.Last.Counts)
	v.Files, v.Undeclared = r.files(st.Last)
	v.Checks = r.checks(st.Last)
	for _, g := range st.Rejects {
		v.Rejects = append(v.Rejects, rejectView{r.P.Reject(g.Reason), g.Column, r.Count(g.Rows)})
	}
	for _, u := range st.Unplaced {
		row := unplacedView{What: r.P.Member(kpi.DimensionDistrict, u.Member, r.City), Name: u.Name, Rows: r.Count(u.Rows)}
		if row.Rare = u.Member == kpi.MemberNotRecognised && u.Name == ""; row.Rare {
			row.Name = r.P.T("data.unplaced_others")
		}
		v.Unplaced = append(v.Unplaced, row)
	}
	return v
}

// loadCounts returns the rows of a load as they add up, and how they changed since the load before.
func (r *Request) loadCounts(c kpi.Counts) (sum, changes []count) {
	line := func(id string, n int64) count { return count{r.P.T(id), r.Count(n)} }
	sum = []count{line("data.read", c.Read), line("data.accepted", c.Accepted), line("data.rejected", c.Rejected), line("data.skipped", c.Skipped)}
	changes = []count{line("data.new", c.New), line("data.restated", c.Restated), line("data.gone", c.Gone)}
	return sum, changes
}

// files returns the files of a load and the names of the columns that nobody declared, each once.
func (r *Request) files(l *kpi.Load) (list []fileView, undeclared string) {
	var names []string
	seen := map[string]bool{}
	for _, f := range l.Spool {
		list = append(list, fileView{f.Source, r.Count(f.Rows), short(f.Copy), f.Copy})
		for _, name := range f.Undeclared {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return list, ""
	}
	return list, r.P.T("data.undeclared", "names", r.P.List(names))
}

func (r *Request) checks(l *kpi.Load) []checkView {
	var list []checkView
	for _, c := range l.Checks {
		v := checkView{Rule: c.Check.Rule, OK: c.Failed == 0, Failed: r.Count(c.Failed), Effect: r.P.T("data.check_effect." + string(c.Check.Else))}
		v.Result = r.P.T("data.check_ok")
		if !v.OK {
			v.Result = r.P.T("data.check_failed", "n", c.Failed)
		}
		list = append(list, v)
	}
	return list
}

// short returns the first digits of a hash, enough to tell copies apart.
func short(hash string) string { return hash[:min(12, len(hash))] }

// person returns the post of a person; the name is not for public pages.
func (r *Request) person(id string) Words {
	if p := r.City.Person(id); p != nil {
		return r.Words(p.Title)
	}
	return Words{}
}

// every says how often data should come, as the folder promises it: in days where they are whole, in hours otherwise. It is "" where
// nothing is promised.
func (r *Request) every(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	const day = 24 * time.Hour
	if d%day != 0 {
		hours := d.Hours()
		return r.P.Value(&hours, kpi.Hours, 0)
	}
	days := float64(d / day)
	return r.P.Value(&days, kpi.Days, 0)
}

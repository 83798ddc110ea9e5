package api

import (
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// NewList returns the document of all public indicators of a scorecard.
func NewList(card *scorecard.Scorecard) List {
	l := List{
		City: City{ID: card.City.ID, Name: text(card.City.Name), Languages: []string{}, TimeZone: card.City.TimeZone},
		AsOf: card.AsOf, Publication: card.Number, PublishedAt: instant(card.PublishedAt), Indicators: []Summary{},
	}
	for _, lang := range card.City.Languages {
		l.City.Languages = append(l.City.Languages, string(lang))
	}
	for i := range card.Results {
		if card.Results[i].Indicator.Public {
			l.Indicators = append(l.Indicators, summary(card, &card.Results[i]))
		}
	}
	l.Priorities, l.Departments, l.RollUp = []Priority{}, []Department{}, rollUp(card.RollUp("", true))
	for _, p := range card.City.Priorities {
		l.Priorities = append(l.Priorities, Priority{p.ID, text(p.Name), text(p.Promise), rollUp(card.RollUp(p.ID, true)), life(&p.Life)})
	}
	for i := range card.City.Departments {
		d := &card.City.Departments[i]
		l.Departments = append(l.Departments, Department{d.ID, text(d.Name), life(&d.Life)})
	}
	return l
}

func life(l *kpi.Life) Life {
	day := func(d kpi.Date) *string {
		if d.IsZero() {
			return nil
		}
		return word(d.String())
	}
	return Life{day(l.From), day(l.Until), append([]string{}, l.Successors...)}
}

func rollUp(r scorecard.RollUp) RollUp {
	out := RollUp{Statuses: map[string]int{}, PublicStatuses: map[string]int{}, Worst: word(r.Worst), Answered: r.Answered, Total: r.Total}
	for status, n := range r.Counts {
		out.Statuses[string(status)] = n
	}
	for _, status := range kpi.PublicStatuses {
		out.PublicStatuses[string(status)] = r.Tally[status]
	}
	if s := r.Score; s != nil {
		out.Score = &Score{Value: s.Value, Coverage: s.Coverage, Low: s.Low, High: s.High}
	}
	return out
}

func links(id string) Links {
	file := "/indicators/" + id
	return Links{
		Self: Prefix + file, CSV: file + ".csv", JSON: file + ".json", XLSX: file + ".xlsx", Parquet: file + ".parquet", SVG: file + ".svg", Page: map[string]string{},
	}
}

func summary(card *scorecard.Scorecard, r *scorecard.Result) Summary {
	ind, a := r.Indicator, r.Assessment
	s := Summary{
		ID: ind.ID, Name: text(ind.Name), Unit: string(ind.Unit), Direction: string(ind.Direction), Period: string(ind.Period),
		Priority: ind.Priority, Department: ind.Department, Dataset: ind.Dataset,
		Status: string(a.Status), PublicStatus: string(a.Status.Public()), Flags: flags(a.Flags),
		JudgedPeriod: word(a.Period), Value: a.Value, AddsUpIn: word(string(ind.AddsUpIn)), ToDate: a.Judged, Signal: string(a.Signal.Kind),
		Links: links(ind.ID),
	}
	if a.Target != nil {
		t := target(*a.Target, ind.Direction)
		s.Target = &t
	}
	if a.Outlook != nil {
		s.Outlook = word(string(a.Outlook.Word))
	}
	for _, lang := range card.City.Languages {
		s.Links.Page[string(lang)] = "/" + strings.ToLower(string(lang)) + "/indicators/" + ind.ID
	}
	return s
}

// NewIndicator returns the document of one indicator. The filter narrows its observations; all else stays.
func NewIndicator(card *scorecard.Scorecard, r *scorecard.Result, f Filter) Indicator {
	ind := r.Indicator
	d := Indicator{
		Summary: summary(card, r), Sentence: text(ind.Sentence), Why: text(ind.Why), Caution: text(ind.Caution),
		Kind: string(ind.Kind), Goal: ind.Goal, Decimals: ind.Decimals, Minimum: ind.Minimum, SettlesAfter: ind.SettlesAfter,
		Trajectory: string(ind.Trajectory), Targets: []Target{}, Assessment: assessment(r.Assessment, ind.Direction),
		Members: []MemberTotal{}, Observations: []Observation{}, Provenance: provenance(card, ind), source: string(card.City.Source()),
		Judge: judge(ind.Judge), Suppress: ind.Suppress, Rebases: rebases(ind.Rebases), Chart: chart(r),
		Equity: equity(card.City, r.Equity), Drivers: drivers(r.Drivers), Changes: []Change{}, Evaluations: []string{}, Commitments: commitments(card, ind.ID), Commentary: commentary(card, ind.ID), Contests: contests(card, ind.ID),
	}
	if b := ind.Baseline; b != nil {
		d.Baseline = &Baseline{Value: b.Value, Date: b.Date, Period: word(b.From)}
	}
	for _, t := range ind.Targets {
		d.Targets = append(d.Targets, target(t, ind.Direction))
	}
	d.Total = observationOrNil(r.Total)
	for _, c := range card.Changes {
		if c.Indicator == ind.ID {
			d.Changes = append(d.Changes, change(c))
		}
	}
	for _, e := range evaluations(card) {
		if e.Definition.Indicator == ind.ID {
			d.Evaluations = append(d.Evaluations, e.Definition.ID)
		}
	}
	for i := range r.Series {
		d.add(r.Series[i].Observation, r.Series[i].ToDate, f)
	}
	for i := range r.Members {
		m := &r.Members[i]
		d.Members = append(d.Members, MemberTotal{Dimension: m.Dimension, Member: m.Member, Name: memberName(card.City, m.Dimension, m.Member), Total: observationOrNil(m.Total)})
		for j := range m.Series {
			d.add(m.Series[j], nil, f)
		}
	}
	return d
}

func (d *Indicator) add(o kpi.Observation, toDate *float64, f Filter) {
	if f.lets(o) {
		x := observation(o)
		x.ToDate = toDate
		d.Observations = append(d.Observations, x)
	}
}

func observationOrNil(o *kpi.Observation) *Observation {
	if o == nil {
		return nil
	}
	x := observation(*o)
	return &x
}

func observation(o kpi.Observation) Observation {
	return Observation{
		Period: o.Period, Dimension: o.Dimension, Member: o.Member,
		Numerator: o.Numerator, Denominator: o.Denominator, Value: o.Value, Rows: o.Rows, Excluded: told(o.Excluded, o.LeftUntold || o.Suppressed != kpi.NotSuppressed),
		Partial: o.Partial, Provisional: o.Provisional, DefinitionVersion: o.Version, DataVersion: o.Load,
		Suppressed: string(o.Suppressed),
	}
}

func memberName(c *kpi.City, dimension, member string) Text {
	if dimension == kpi.DimensionDistrict {
		if d := c.District(member); d != nil {
			return text(d.Name)
		}
	}
	return Text{}
}

func provenance(card *scorecard.Scorecard, ind *kpi.Indicator) Provenance {
	p := Provenance{
		Publication: card.Number, PublishedAt: instant(card.PublishedAt), AsOf: card.AsOf, KnownAt: instant(card.KnownAt),
		DataVersion: card.Version, FolderVersion: card.Folder, FolderHash: card.City.Hash,
		DefinitionVersion: ind.Version, Method: text(ind.Method), Definition: definition(card.City, ind.Measure),
		Loads: []Load{}, Rejects: []RejectSum{}, Unplaced: []UnplacedBy{},
	}
	p.Dataset = DatasetRef{ID: ind.Dataset, Name: Text{}, Note: Text{}}
	if d := card.City.Dataset(ind.Dataset); d != nil {
		p.Dataset = DatasetRef{ID: d.ID, Name: text(d.Name), Publisher: d.Credit.Publisher, URL: d.Credit.URL, Licence: d.Credit.Licence, Note: text(d.Credit.Note)}
	}
	for i := range card.Datasets {
		if card.Datasets[i].Dataset == ind.Dataset {
			p.state(&card.Datasets[i])
		}
	}
	return p
}

// state fills in what is known of the dataset's loads.
func (p *Provenance) state(s *kpi.DatasetState) {
	if !s.DataUntil.IsZero() {
		p.DataUntil = &s.DataUntil
	}
	for _, l := range []*kpi.Load{s.Last, s.Failed} {
		if l != nil {
			p.Loads = append(p.Loads, load(l))
		}
	}
	for _, g := range s.Rejects {
		p.Rejects = append(p.Rejects, RejectSum(g))
	}
	for _, u := range s.Unplaced {
		p.Unplaced = append(p.Unplaced, UnplacedBy(u))
	}
}

func load(l *kpi.Load) Load {
	out := Load{
		DataVersion: l.ID, State: string(l.State), Started: instant(l.Started), LiveAt: instant(l.LiveAt), SourceHash: l.SourceHash, Files: []File{},
		Read: l.Counts.Read, Accepted: l.Counts.Accepted, Rejected: l.Counts.Rejected, Skipped: l.Counts.Skipped,
		Warnings: append([]string{}, l.Warnings...), Error: l.Error,
	}
	for _, f := range l.Spool {
		out.Files = append(out.Files, File{Source: f.Source, SourceHash: f.SourceHash, Copy: f.Copy, Bytes: f.Bytes, Rows: f.Rows})
	}
	return out
}

func definition(c *kpi.City, m kpi.Measure) Definition {
	d := Definition{Measure: string(m.Kind), Of: m.Of, Where: m.Where, Date: m.Date, Exclude: []Exclusion{}, Per: m.Per, From: m.From, To: m.To}
	if m.Kind == kpi.MeasurePercentile || m.Kind == kpi.MeasureDuration {
		d.P = &m.P
	}
	if factor := m.Factor(); m.Kind == kpi.MeasureRatio || m.Kind == kpi.MeasureRate {
		d.Times = &factor
	}
	for _, e := range m.Exclude {
		d.Exclude = append(d.Exclude, Exclusion{When: e.When, Because: e.Because, Reason: text(c.Reasons[e.Because])})
	}
	return d
}

func target(t kpi.Target, d kpi.Direction) Target {
	out := Target{By: t.By, Kind: t.Kind, ByWhom: t.ByWhom, Reason: text(t.Reason), Illustrative: t.Illustrative, Act: t.Act.Title, ActDate: day(t.Act.Date), ActURL: t.Act.URL, Dropped: t.Dropped, Seen: day(t.Seen)}
	switch {
	case t.Dropped:
	case d == kpi.Range:
		out.Low, out.High = &t.Low, &t.High
	default:
		out.Value = &t.Value
	}
	if !t.Set.IsZero() {
		out.Set = &t.Set
	}
	return out
}

func text(t kpi.Text) Text {
	out := Text{}
	for lang, s := range t.In {
		if s != "" {
			out[string(lang)] = s
		}
	}
	return out
}

func flags(list []kpi.Flag) []string {
	out := make([]string, 0, len(list))
	for _, f := range list {
		out = append(out, string(f))
	}
	return out
}

// told returns rows left out by reason, null where they are not told.
func told(m map[string]int64, untold bool) map[string]int64 {
	if untold {
		return nil
	}
	return reasons(m)
}

func reasons(m map[string]int64) map[string]int64 {
	if m == nil {
		return map[string]int64{}
	}
	return m
}

func word(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

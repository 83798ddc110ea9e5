package pages

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

const (
	changesShown = 60
	previewWait  = 6 * time.Second // less than a reader's patience, and than what a request may take
)

// previewView is what would change.
type previewView struct {
	Ready   bool // nothing stands in the way of entering it
	Refused int  // rows of it that would be refused
	Lead    string
	Counts  []count
	Others  string
	Failed  string // in the program's own words
	Rules   []string
	Changes []valueChange
	More    string
	Said    []string // warnings
}

// valueChange is a number of now, and as it would be.
type valueChange struct {
	Name     Link
	Period   string
	Was, Now Value
}

// entryOutcome is how the load went that followed when the batch was entered or undone.
type entryOutcome struct {
	Class   string // of the note: "", caution, fault
	Text    string
	Message string // in the program's own words
	Rules   []string
	Rejects Link
	Again   string // the address to look again, while it goes on
}

// preview asks what would change, unless that takes longer than anybody waits.
func (r *Request) preview(ctx context.Context, b kpi.EntryBatch) (p kpi.EntryPreview, busy bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, previewWait)
	defer cancel()
	p, err = r.work.EntryDesk.PreviewEntry(ctx, b)
	if err != nil && ctx.Err() != nil {
		return kpi.EntryPreview{}, true, nil
	}
	return p, false, err
}

// lookAtEntry fills in what would change.
func (r *Request) lookAtEntry(ctx context.Context, d *entryData, b kpi.EntryBatch) (kpi.EntryPreview, error) {
	p, busy, err := r.preview(ctx, b)
	switch code := kpi.ErrorCode(err); {
	case busy:
		d.Busy = true
		return p, nil
	case code == kpi.CodeUnready || code == kpi.CodeConflict || code == kpi.CodeInvalid:
		d.Busy, d.Unread = true, err.Error()
		return p, nil
	case err != nil:
		return p, err
	}
	v := &previewView{Refused: len(linesOf(p.Faults)), Failed: readableLines(p.Failed), Said: p.Warnings}
	v.Ready = v.Refused == 0
	v.Lead = r.P.N("entries.preview.refused", v.Refused)
	if v.Ready {
		v.Lead = r.P.T("entries.preview.ready")
	}
	if p.Failed == "" {
		// A row that goes makes room for one that says its key in another way: entering takes none away.
		v.Counts = []count{
			{r.P.T("entries.preview.new"), r.Count(max(p.Counts.New-p.Counts.Gone, 0))}, {r.P.T("entries.preview.changed"), r.Count(p.Counts.Restated + p.Counts.Gone)},
		}
	}
	if p.Others > 0 {
		v.Others = r.P.N("entries.preview.others", int(p.Others))
	}
	for _, c := range p.Checks {
		if c.Check.Else != kpi.ElseReject {
			v.Rules = append(v.Rules, c.Check.Rule)
		}
	}
	r.valueChanges(v, p.Changes)
	d.Preview = v
	return p, nil
}

// linesOf returns the lines of faults, each once.
func linesOf(faults []kpi.EntryFault) []int64 {
	var list []int64
	for _, f := range faults {
		if !slices.Contains(list, f.Line) {
			list = append(list, f.Line)
		}
	}
	return list
}

// valueChanges shows the numbers of the city that would change, by indicator and period; those of districts and groups follow from the same rows.
func (r *Request) valueChanges(v *previewView, list []kpi.ValueChange) {
	more := 0
	for _, c := range list {
		ind := r.City.Indicator(c.Indicator)
		if ind == nil || c.Dimension != "" || c.Period == kpi.PeriodTotal {
			continue
		}
		period, err := r.Cal.Parse(c.Period)
		if err != nil {
			continue
		}
		if len(v.Changes) == changesShown {
			more++
			continue
		}
		v.Changes = append(v.Changes, valueChange{
			Name: Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}, Period: r.P.Period(period), Was: r.Value(ind, c.Was), Now: r.Value(ind, c.Now),
		})
	}
	if more > 0 {
		v.More = r.P.N("entries.preview.more", more)
	}
}

// outcome says how the first run went that began after the batch was entered or undone; the newest one, if none of the runs that are told is older.
func (r *Request) outcome(ds *kpi.Dataset, b *kpi.EntryBatch, rep *kpi.DatasetReport) *entryOutcome {
	since := b.Entered
	if b.State == kpi.EntryUndone {
		since = b.At
	}
	var run *kpi.Load
	for i := range rep.Runs { // the newest first
		if l := &rep.Runs[i]; !l.Started.Before(since) {
			run = l
			if l.State.Good() {
				break
			}
		}
	}
	which := "entered"
	if b.State == kpi.EntryUndone {
		which = "undone"
	}
	switch {
	case run == nil && len(rep.Runs) > 0 && rep.Runs[0].Started.Before(since) || run != nil && run.State.UnderWay():
		return &entryOutcome{Class: "caution", Text: r.P.T("entries.outcome.waits"), Again: entryPath(ds.ID, b.ID)}
	case run == nil:
		return nil
	case run.State.Good():
		return &entryOutcome{Text: r.P.T("entries.outcome."+which, "time", r.at(run.Time()).Text)}
	}
	o := &entryOutcome{Class: "fault", Text: r.P.T("entries.outcome.failed." + which), Message: readableLines(run.Error), Rules: broken(run, kpi.ElseFail)}
	if rep.State.Failed != nil && rep.State.Failed.ID == run.ID && len(rep.Refused) > 0 && r.Person.May(account.SeeRejects, ds.Department) {
		o.Rejects = r.rejectsLink(ds.ID, run.ID)
	}
	return o
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/meeting"
)

// tables are what people typed, as rows for sources of kind ledger.
type tables struct{ engine *engine }

// Table returns a table.
func (t tables) Table(ctx context.Context, name string) ([]string, iter.Seq2[[]string, error], error) {
	switch name {
	case ingest.TableCommentary:
		rows, err := t.commentary(ctx)
		return commentaryColumns, rowsOf(rows), err
	case ingest.TableCommitments:
		rows, err := t.commitments(ctx)
		return commitmentColumns, rowsOf(rows), err
	case ingest.TableContests:
		rows, err := t.contests(ctx)
		return contestColumns, rowsOf(rows), err
	case ingest.TableFilings:
		rows, err := t.filings(ctx)
		return filingColumns, rowsOf(rows), err
	case ingest.TableMeetings:
		rows, err := t.meetings(ctx)
		return meetingColumns, rowsOf(rows), err
	case ingest.TableAgencies:
		rows, err := t.agencies(ctx)
		return agencyColumns, rowsOf(rows), err
	}
	return nil, nil, kpi.Errorf(kpi.CodeNotFound, "the program records no table %q; see the tables in the documentation of package ingest", name)
}

var _ connector.Recorded = tables{}

func rowsOf(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// desk is the city's calendar, for the dates of what people typed. Its now is that of the people who work in the city, see [kpi.City.Clock].
type desk struct {
	city        *kpi.City
	calendar    kpi.Calendar
	days        kpi.Workdays
	now         time.Time
	emergencies []kpi.Emergency
}

func (t tables) desk(ctx context.Context) (desk, error) {
	city, _ := t.engine.definitions()
	cal, err := city.Calendar()
	if err != nil {
		return desk{}, err
	}
	emergencies, err := t.engine.led.Emergencies(ctx)
	return desk{city, cal, city.Workdays(), city.Clock(t.engine.now(), cal.Location), emergencies}, err
}

// suspended reports whether a deadline of a department fell into an emergency.
func (d *desk) suspended(due kpi.Date, department string) bool {
	deadline := meeting.DeadlineOf(d.emergencies, due, department)
	return deadline.Suspended()
}

// day is the day of a moment in the city.
func (d *desk) day(at time.Time) kpi.Date { return kpi.DateOf(at.In(d.calendar.Location)) }

// onTime says whether something was done by its date: yes, no, or, as long as it may still be, nothing. A date that is not known was kept by nobody.
func (d *desk) onTime(due kpi.Date, done time.Time) string {
	switch {
	case due.IsZero():
		return ""
	case !done.IsZero():
		return strconv.FormatBool(!d.day(done).After(due))
	case d.day(d.now).After(due):
		return strconv.FormatBool(false)
	}
	return ""
}

// moment writes a moment as [ingest] does.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// dated writes a day; nothing for none.
func dated(d kpi.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

var commentaryColumns = []string{"commentary", "indicator", "department", "period", "period_end", "state", "miss", "public", "lang", "due", "begun_at", "submitted_at", "approved_at", "on_time", "returned", "suspended"}

// commentary returns a row for each number that somebody explained, or began to, and for each miss of now that nobody has.
func (t tables) commentary(ctx context.Context) ([][]string, error) {
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	all, err := t.engine.led.Commentaries(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i := range all {
		row, err := t.commentaryRow(ctx, &d, &all[i])
		if err != nil {
			return nil, err
		}
		if row != nil {
			rows = append(rows, row)
		}
	}
	missing, err := t.unexplained(ctx, &d, all)
	return append(rows, missing...), err
}

// commentaryRow is the row of one; nil if its period is none of the city's calendar.
func (t tables) commentaryRow(ctx context.Context, d *desk, c *kpi.Commentary) ([]string, error) {
	p, err := d.calendar.Parse(c.Period)
	if err != nil {
		return nil, nil //nolint:nilerr // what cannot be dated has no row
	}
	history, err := t.engine.led.CommentaryHistory(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var submitted, approved time.Time
	returned := 0
	for i := range history {
		switch h := &history[i]; {
		case h.State == kpi.CommentarySubmitted && submitted.IsZero():
			submitted = h.At
		case h.State == kpi.CommentaryApproved && approved.IsZero():
			approved = h.At
		case h.State == kpi.CommentaryReturned:
			returned++
		}
	}
	due, onTime, suspended := kpi.Date{}, "", false
	if ind := d.city.Indicator(c.Indicator); c.Miss && ind != nil { // nobody has to say anything of a number that is on track
		came, err := t.engine.firstLoad(ctx, d.calendar)(ind.Dataset, ind.SettledOn(p))
		if err != nil {
			return nil, err
		}
		due = meeting.CommentaryDue(ind, p, came, d.days)
		if suspended = d.suspended(due, c.Department); !suspended {
			onTime = d.onTime(due, submitted)
		}
	}
	return []string{
		c.Indicator + "/" + c.Period, c.Indicator, c.Department, c.Period, p.Last.String(), string(c.State), strconv.FormatBool(c.Miss), strconv.FormatBool(c.Public), string(c.Lang),
		dated(due), moment(c.Since), moment(submitted), moment(approved), onTime, strconv.Itoa(returned), strconv.FormatBool(suspended),
	}, nil
}

// unexplained are the rows of the misses of now that nobody has begun to explain.
func (t tables) unexplained(ctx context.Context, d *desk, said []kpi.Commentary) ([][]string, error) {
	asOf, err := t.engine.asOf(d.city)
	if err != nil {
		return nil, err
	}
	card, err := t.engine.builder.Build(ctx, kpi.At{AsOf: asOf})
	if err != nil {
		return nil, fmt.Errorf("which numbers are behind: %w", err)
	}
	var rows [][]string
	for i := range card.Results {
		r := &card.Results[i]
		m, err := meeting.MissOf(r.Indicator, &r.Assessment, d.calendar, d.days, said, t.engine.firstLoad(ctx, d.calendar))
		if err != nil {
			return nil, err
		}
		if m == nil || m.Said != nil {
			continue
		}
		suspended, onTime := d.suspended(m.Due, r.Indicator.Department), ""
		if !suspended {
			onTime = d.onTime(m.Due, time.Time{})
		}
		rows = append(rows, []string{
			r.Indicator.ID + "/" + m.Period.ID, r.Indicator.ID, r.Indicator.Department, m.Period.ID, m.Period.Last.String(), "missing", "true", "", "",
			m.Due.String(), "", "", "", onTime, "0", strconv.FormatBool(suspended),
		})
	}
	return rows, nil
}

// firstLoad answers when a dataset was loaded well for the first time, from a day on.
func (e *engine) firstLoad(ctx context.Context, cal kpi.Calendar) meeting.FirstLoad {
	return func(dataset string, from kpi.Date) (kpi.Date, error) {
		at, err := e.led.FirstGoodLoad(ctx, dataset, from.In(cal.Location))
		if err != nil || at.IsZero() {
			return kpi.Date{}, err
		}
		return kpi.DateOf(at.In(cal.Location)), nil
	}
}

var contestColumns = []string{"contest", "indicator", "department", "period", "state", "public", "contested_at", "due", "answered_at", "on_time", "load"}

// contests returns a row for each contested number.
func (t tables) contests(ctx context.Context) ([][]string, error) {
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	all, err := t.engine.led.Contests(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i := range all {
		c := &all[i]
		var answered time.Time
		due, onTime, load := meeting.ContestDue(d.day(c.Since), d.days), "", ""
		switch c.State {
		case kpi.ContestCorrected, kpi.ContestUpheld:
			answered = c.At
			onTime = d.onTime(due, answered)
		case kpi.ContestOpen:
			onTime = d.onTime(due, answered)
		}
		if c.Load != 0 {
			load = strconv.FormatInt(c.Load, 10)
		}
		rows = append(rows, []string{
			strconv.FormatInt(c.ID, 10), c.Indicator, c.Department, c.Period, string(c.State), strconv.FormatBool(c.Public), moment(c.Since), dated(due), moment(answered), onTime, load,
		})
	}
	return rows, nil
}

var commitmentColumns = []string{"number", "department", "owner", "indicator", "made", "first_due", "due", "moves", "state", "done", "ended", "on_time", "public", "source", "kind", "slips", "chair_moves", "agreed_due", "suspended"}

// commitments returns a row for each commitment, as it stands now. What it says is in none: that is for those who read the ledger.
func (t tables) commitments(ctx context.Context) ([][]string, error) {
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	all, err := t.engine.led.Commitments(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i := range all {
		c := &all[i]
		kind := cmp.Or(string(c.Kind), "promise")
		timing := meeting.CommitmentTiming(d.emergencies, c, d.day(d.now))
		rows = append(rows, []string{
			strconv.FormatInt(c.ID, 10), c.Department, c.Owner, c.Indicator, dated(c.Made), dated(c.FirstDue()), dated(c.Due), strconv.Itoa(len(c.Moves)), string(c.State),
			dated(c.Done), dated(c.Ended), timely(timing), strconv.FormatBool(c.Public), c.Source, kind,
			strconv.Itoa(c.Slips()), strconv.Itoa(c.ChairMoves()), dated(c.Agreed()), strconv.FormatBool(timing == meeting.TimingSuspended),
		})
	}
	return rows, nil
}

// timely says whether something was in time: yes, no, or nothing, of what may still be, what an emergency suspended and what nobody waits for.
func timely(t meeting.Timing) string {
	switch t {
	case meeting.TimingOnTime, meeting.TimingLate:
		return strconv.FormatBool(t == meeting.TimingOnTime)
	case meeting.TimingSuspended, meeting.TimingOpen, meeting.TimingNone:
	}
	return ""
}

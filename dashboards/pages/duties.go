package pages

import (
	"context"
	"net/url"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// DutyInputs reads everything that may be due in a city, for [meeting.Due]. live may be nil, if it cannot be read: then no commentary is missing.
func (w Work) DutyInputs(ctx context.Context, staff Staff, live *scorecard.Scorecard, city *kpi.City, cal kpi.Calendar, now time.Time) (meeting.DutyInputs, error) {
	in := meeting.DutyInputs{City: city, Cal: cal, Now: now, Today: kpi.DateOf(now.In(cal.Location))}
	for _, read := range []func() error{
		func() (err error) { in.Datasets, err = staff.Datasets(ctx); return err },
		func() (err error) {
			if w.Entries == nil {
				return nil
			}
			in.Entries, err = w.Entries.EntryBatches(ctx, kpi.PaperQuery{States: []string{string(kpi.EntryDraft)}})
			return err
		},
		func() (err error) {
			if w.Commentaries == nil {
				return nil
			}
			if in.Commentaries, err = w.Commentaries.Commentaries(ctx, kpi.PaperQuery{}); err != nil {
				return err
			}
			in.Misses, err = w.misses(ctx, live, city, cal, in.Commentaries)
			return err
		},
		func() (err error) {
			if w.Commitments == nil {
				return nil
			}
			in.Commitments, err = w.Commitments.Commitments(ctx, kpi.PaperQuery{States: []string{string(kpi.CommitmentOpen), string(kpi.CommitmentDone)}})
			return err
		},
		func() (err error) {
			if w.Contests == nil {
				return nil
			}
			in.Contests, err = w.Contests.Contests(ctx, kpi.PaperQuery{States: []string{string(kpi.ContestOpen)}})
			return err
		},
		func() (err error) {
			if w.Rounds == nil {
				return nil
			}
			in.Rounds, err = w.Rounds.Rounds(ctx, kpi.PaperQuery{})
			return err
		},
		func() (err error) {
			if w.Handovers == nil {
				return nil
			}
			in.Handovers, err = w.Handovers.Handovers(ctx, kpi.PaperQuery{})
			return err
		},
		func() (err error) {
			if w.Posts == nil {
				return nil
			}
			in.Holdings, err = w.Posts.Holdings(ctx, kpi.PaperQuery{})
			return err
		},
		func() error { return w.meetingInputs(ctx, &in) },
	} {
		if err := read(); err != nil {
			return in, err
		}
	}
	return in, nil
}

// meetingInputs reads the meetings that somebody did something about, and the emergencies.
func (w Work) meetingInputs(ctx context.Context, in *meeting.DutyInputs) (err error) {
	if in.Emergencies, err = readEmergencies(ctx, w.Emergencies); err != nil {
		return err
	}
	if w.Meetings == nil || len(in.City.Meetings) == 0 {
		return nil
	}
	saved, err := w.Meetings.Meetings(ctx, kpi.PaperQuery{})
	in.Meetings = append([]kpi.Meeting{}, saved...) // those of which nobody has said anything are planned all the same
	return err
}

// misses are the judged values that are behind their target, by indicator.
func (w Work) misses(ctx context.Context, live *scorecard.Scorecard, city *kpi.City, cal kpi.Calendar, said []kpi.Commentary) (map[string]*meeting.Miss, error) {
	if live == nil {
		return nil, nil
	}
	list, work := map[string]*meeting.Miss{}, city.Workdays()
	for i := range live.Results {
		res := &live.Results[i]
		m, err := meeting.MissOf(res.Indicator, &res.Assessment, cal, work, said, w.firstLoad(ctx, cal))
		if err != nil {
			return nil, err
		}
		if m != nil {
			list[res.Indicator.ID] = m
		}
	}
	return list, nil
}

// firstLoad answers on which day a dataset was loaded well for the first time, from a day on.
func (w Work) firstLoad(ctx context.Context, cal kpi.Calendar) meeting.FirstLoad {
	return func(dataset string, from kpi.Date) (kpi.Date, error) {
		at, err := w.Commentaries.FirstGoodLoad(ctx, dataset, from.In(cal.Location))
		if err != nil || at.IsZero() {
			return kpi.Date{}, err
		}
		return kpi.DateOf(at.In(cal.Location)), nil
	}
}

// DutyPath is where somebody does a duty, below the site; the page of their work where there is no page of its own.
func (w Work) DutyPath(d *meeting.Duty, who *account.Person) string {
	switch d.Kind {
	case meeting.DutyData:
		if d.State == meeting.DataRefused && who.May(account.SeeRejects, d.Department) {
			return rejectsAddress(d.Thing, 0, "", "", 1)
		}
		return staffDataPath + "#dataset-" + url.PathEscape(d.Thing)
	case meeting.DutyEntry:
		switch {
		case w.Entries == nil || !who.May(account.EnterValues, d.Department):
			return staffDataPath + "#dataset-" + url.PathEscape(d.Thing)
		case d.Number != 0:
			return entryPath(d.Thing, d.Number)
		}
		return entriesPath(d.Thing)
	case meeting.DutyCommentary:
		switch {
		case w.Commentaries == nil:
		case d.State == meeting.CommentaryToCheck || d.Number != 0 && !who.May(account.Comment, d.Department):
			return commentaryOnePath(d.Number)
		case who.May(account.Comment, d.Department):
			return commentaryFormPath(d.Thing, d.Period)
		}
		return staffIndicatorPath(d.Thing)
	case meeting.DutyContest:
		return contestPath(d.Number)
	case meeting.DutyCommitment:
		return staffCommitmentPath(d.Number)
	case meeting.DutyRound:
		return staffReleasePath(d.Number)
	case meeting.DutyHandover:
		return staffHandoverPath(d.Number)
	case meeting.DutyMeeting:
		below := memoBelow
		if d.State == meeting.FollowUpToIssue {
			below = followUpBelow
		}
		return meetingAddress(d.Thing, d.Slot, below)
	}
	return staffWorkPath
}

// dutyPath is where the reader does a duty.
func (r *Request) dutyPath(d *meeting.Duty) string { return r.work.DutyPath(d, r.Person) }

// dutyView is a line of what is due.
type dutyView struct {
	Do         string // what there is to do
	What       Link   // about what
	Under      []string
	Blocker    string // as somebody wrote it, in Lang
	Lang       kpi.Lang
	Department Words
	Due        Moment // Text is "" where there is no date
	Left       string
	Class      kpi.PublicStatus // of the shape beside it: late, or soon; "" where there is time
	Suspended  *suspendedView   // nil: no emergency suspends its date
}

// suspendedView says that an emergency suspends a date.
type suspendedView struct {
	Said string
	What Words // the emergency, as somebody called it
}

// dutyOfMeeting says of the memo of a meeting when that is held, and by which hour the memo is due.
func (r *Request) dutyOfMeeting(d *meeting.Duty) []string {
	if d.Kind != meeting.DutyMeeting {
		return nil
	}
	list := []string{r.P.T("duty.meeting_on", "date", r.P.Date(d.On))}
	if !d.Hour.IsZero() && d.Emergency == "" {
		list = append(list, r.P.T("duty.meeting_by", "time", r.at(d.Hour).Text))
	}
	return list
}

// soonDays is how many days before its date something gets a shape.
const soonDays = 2

func (r *Request) duty(d *meeting.Duty) dutyView {
	v := dutyView{Do: r.P.DutyDo(d), Left: r.P.DutyLeft(d, r.Today), Blocker: d.Blocker, Department: r.departmentName(d.Department)}
	text, lang := i18n.DutyThing(r.Lang, r.City, d)
	v.What = Link{URL: r.dutyPath(d), Words: Words{Text: text}}
	if lang != r.Lang {
		v.What.Lang = lang
	}
	if d.Lang != r.Lang {
		v.Lang = d.Lang
	}
	if d.Department == "" {
		v.Department = own(r.P.T("chart.city"))
	}
	if d.Period != "" {
		v.Under = append(v.Under, r.P.Upper(r.periodCalled(d.Period)))
	}
	if d.Rows > 0 {
		v.Under = append(v.Under, r.P.T("work.due.refused", "n", d.Rows))
	}
	if d.Moves+d.ChairMoves > 0 {
		v.Under = append(v.Under, r.P.Upper(r.whoMoved(d.Moves, d.ChairMoves)))
	}
	v.Under = append(v.Under, r.dutyOfMeeting(d)...)
	if d.Emergency != "" {
		v.Suspended = &suspendedView{Said: r.P.T("duty.emergency", "date", r.P.Date(d.Due)), What: r.typed(d.Emergency, d.In)}
	}
	if !d.By().IsZero() {
		v.Due = r.on(d.By())
		switch left := d.Left(r.Today); {
		case left < 0:
			v.Class = kpi.PublicOffTrack
		case left <= soonDays:
			v.Class = kpi.PublicBehind
		}
	}
	return v
}

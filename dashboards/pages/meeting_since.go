package pages

import (
	"context"
	"slices"
	"strconv"
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// sinceFirst is how many changes are shown at once.
const sinceFirst = 5

// sinceView is what changed since the last meeting of the series.
type sinceView struct {
	Lead  string
	None  string
	First []sinceItemView
	More  string // opens the rest
	Rest  []sinceItemView
	Fold  string // opens the indicators of which a further period came, and nothing else
	Quiet []sinceItemView
	Same  string
}

// sinceItemView is one thing that changed.
type sinceItemView struct {
	Label string
	Link  Link // URL is "" where there is no page of it
	Chip  *Chip
	Said  []string
	Typed Words // what somebody wrote
}

// changedSince compares what was seen in the last meeting with now; of a meeting that has begun it is what was seen in it, and not what came afterwards.
func (r *Request) changedSince(ctx context.Context, s *sitting, live *scorecard.Scorecard) (meeting.Since, sinceView, error) {
	in := meeting.SinceInputs{Series: s.series, Live: live}
	var v sinceView
	var err error
	if in.Before, err = r.seenBefore(ctx, s); err != nil {
		return meeting.Since{}, v, err
	}
	switch {
	case s.last != nil:
		in.Since, v.Lead = s.last.Opened, r.P.T("agenda.since.meeting", "date", r.P.Date(s.last.Date))
	case in.Before != nil:
		in.Since, v.Lead = in.Before.AsOf.EndIn(r.Cal.Location), r.P.T("agenda.since.first", "date", r.P.Date(in.Before.AsOf))
	default:
		in.Since, v.Lead = r.Today.AddDays(-meeting.LookBackDays).EndIn(r.Cal.Location), r.P.T("agenda.since.unknown")
	}
	var until time.Time
	if s.m.State.Held() {
		until = s.m.Opened
		seen, err := r.work.Meetings.FrozenCard(ctx, s.series.ID, s.m.Slot, kpi.FrozenMeeting)
		if err != nil {
			return meeting.Since{}, v, err
		}
		if seen != nil {
			in.Live = seenThen(seen, live)
		}
	}
	if err := r.saidSince(ctx, s, &in, until); err != nil {
		return meeting.Since{}, v, err
	}
	list := meeting.ChangedSince(in)
	r.sinceViews(&v, &list)
	return list, v, nil
}

// seenBefore is what was seen in the last meeting; before the first one what was public two weeks ago, or two weeks before it began.
func (r *Request) seenBefore(ctx context.Context, s *sitting) (*scorecard.Scorecard, error) {
	if s.last != nil || !s.m.State.Held() {
		return r.seenInLast(ctx, s)
	}
	if r.work.Seen == nil {
		return nil, nil
	}
	return r.work.Seen.PublishedBy(ctx, s.m.Opened.AddDate(0, 0, -meeting.LookBackDays))
}

// seenThen is a scorecard that was frozen, with what was not kept of the city and its changes: that stands in the live one.
func seenThen(seen, live *scorecard.Scorecard) *scorecard.Scorecard {
	card := *seen
	card.City = live.City
	for _, c := range live.Changes {
		if c.Folder <= seen.Folder {
			card.Changes = append(card.Changes, c)
		}
	}
	return &card
}

// saidSince reads what people promised and decided, then and now; until is the end of now, zero if that is the present.
func (r *Request) saidSince(ctx context.Context, s *sitting, in *meeting.SinceInputs, until time.Time) error {
	var err error
	if r.work.Commitments != nil {
		if in.Then, err = r.work.Commitments.CommitmentsThen(ctx, in.Since); err != nil {
			return err
		}
		if in.Now, err = r.work.Commitments.CommitmentsThen(ctx, until); err != nil {
			return err
		}
	}
	if r.work.Notes != nil {
		if in.Notes, err = r.work.Notes.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.series.ID}); err != nil {
			return err
		}
	}
	in.Notes = slices.DeleteFunc(in.Notes, func(n kpi.MeetingNote) bool { return !until.IsZero() && n.Since.After(until) })
	return nil
}

// sinceViews writes changes.
func (r *Request) sinceViews(v *sinceView, s *meeting.Since) {
	for i := range s.Items {
		it := r.sinceItem(&s.Items[i])
		if i < sinceFirst {
			v.First = append(v.First, it)
		} else {
			v.Rest = append(v.Rest, it)
		}
	}
	if len(v.First) == 0 {
		v.None = r.P.T("agenda.since.none")
	}
	if n := len(v.Rest); n > 0 {
		v.More = r.P.N("agenda.since.more", n)
	}
	for i := range s.Quiet {
		v.Quiet = append(v.Quiet, r.sinceItem(&s.Quiet[i]))
	}
	if n := len(v.Quiet); n > 0 {
		v.Fold = r.P.T("agenda.since.quiet", "n", n)
	}
	if s.Same > 0 {
		v.Same = r.P.T("agenda.since.same", "n", s.Same)
	}
}

// sinceItem writes one change.
func (r *Request) sinceItem(it *meeting.SinceItem) sinceItemView {
	v := sinceItemView{Label: r.P.T("agenda.since." + string(it.Kind))}
	if it.Indicator != nil {
		v.Link = Link{URL: staffIndicatorPath(it.Indicator.ID), Words: r.Words(it.Indicator.Name)}
		if it.Result == nil {
			v.Link.URL = ""
		}
	}
	switch {
	case it.Promise != nil:
		r.sincePromise(&v, it)
	case it.Note != nil:
		v.Link = Link{URL: meetingAddress(it.Note.Series, it.Note.Slot, followUpBelow), Words: r.typed(it.Note.Text, it.Note.Lang)}
	case it.Dataset != "":
		v.Link = Link{URL: "/staff/data#dataset-" + it.Dataset, Words: own(it.Dataset)}
		if ds := r.City.Dataset(it.Dataset); ds != nil {
			v.Link.Words = r.Words(ds.Name)
		}
		if it.Kind == meeting.SinceStale {
			v.Said = append(v.Said, r.P.T("card.why.data_"+string(it.Trouble)))
		}
	case it.Change != nil:
		said := i18n.ChangeSentences(r.P, r.City, *it.Change)
		v.Said = said
		if it.Indicator == nil {
			v.Link = Link{URL: r.To("/methodology"), Words: own(r.P.T("nav.method"))}
		}
	case it.Contest != nil:
		v.Link.URL = contestPath(it.Contest.ID)
		if p, err := r.Cal.Parse(it.Contest.Period); err == nil {
			v.Said = append(v.Said, r.P.T("agenda.since.of", "period", r.P.Period(p)))
		}
	default:
		r.sinceNumber(&v, it)
	}
	return v
}

// sinceNumber writes how a number changed.
func (r *Request) sinceNumber(v *sinceItemView, it *meeting.SinceItem) {
	ind := it.Indicator
	value := func(x *float64) string { return r.P.Value(x, ind.Unit, ind.Decimals) }
	if it.Kind == meeting.SinceCrossed {
		c := r.chip(it.Status)
		v.Chip = &c
		v.Said = append(v.Said, r.P.T("agenda.moved.status", "old", r.P.Status(it.WasStatus), "new", r.P.Status(it.Status)))
	}
	if it.Kind == meeting.SinceRevised {
		v.Said = append(v.Said, i18n.Revision(r.P, ind, &it.Why[0]))
		if it.Revised > 1 {
			v.Said = append(v.Said, r.P.T("agenda.moved.revision_more", "n", it.Revised-1))
		}
	} else if it.Was != nil && it.Is != nil && it.Period.ID != it.WasPeriod.ID {
		v.Said = append(v.Said, r.P.T("card.moved", "previous", value(it.Was), "value", value(it.Is), "in_previous", r.P.InPeriod(it.WasPeriod), "in_period", r.P.InPeriod(it.Period)))
	}
	for i := range it.Why {
		if w := &it.Why[i]; w.Code != meeting.MovedPeriod {
			v.Said = append(v.Said, i18n.MovedBecause(r.P, r.City, r.Cal, ind, w))
		}
	}
}

// sincePromise writes what happened to a commitment.
func (r *Request) sincePromise(v *sinceItemView, it *meeting.SinceItem) {
	c := it.Promise
	v.Link = Link{URL: staffCommitmentPath(c.ID), Words: r.typed(c.Text, c.Lang)}
	switch {
	case it.Move != nil:
		code := meeting.MovedSlipped
		if it.Move.Chair {
			code = meeting.MovedAgreed
		}
		v.Said = append(v.Said, i18n.MovedBecause(r.P, r.City, r.Cal, nil, &meeting.MovedWhy{Code: code, Move: it.Move}))
		v.Typed = own(it.Move.Reason)
	case it.Kind == meeting.SinceMade || it.Kind == meeting.SinceReopened:
		v.Said = append(v.Said, r.P.T("agenda.since.due", "date", r.P.Date(c.Due)))
	case it.Kind == meeting.SinceBlocked:
		v.Typed = own(c.Blocker)
	}
	if n := c.Slips(); it.Kind == meeting.SinceSlipped && n >= kpi.ThirdSlip {
		v.Said = append(v.Said, r.P.Upper(r.P.T("commitments.third", "n", strconv.Itoa(n)))+".")
	}
}

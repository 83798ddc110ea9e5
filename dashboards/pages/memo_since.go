package pages

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// memoSince is what changed since the last meeting of the series, as a memo tells it.
type memoSince struct {
	Lead string
	List []sinceItemView
	More []string // what is counted only
}

// memoChanges is how many changes a memo tells; the others are counted.
const memoChanges = 5

// memoSince writes what changed since the last meeting, from what was kept then and with the memo: it says the same for ever.
func (r *Request) memoSince(ctx context.Context, s *sitting, src *memoSource, d *memoData) error {
	in := meeting.SinceInputs{Series: s.series, Live: src.toCompare(r.City), Now: src.promised}
	var err error
	last := src.last(s)
	if in.Before, err = r.memoBefore(ctx, s, src, last); err != nil || in.Before == nil {
		return err
	}
	v := &memoSince{Lead: r.P.T("agenda.since.first", "date", r.P.Date(in.Before.AsOf))}
	in.Since = in.Before.AsOf.EndIn(r.Cal.Location)
	if last != nil {
		in.Since, v.Lead = last.Opened, r.P.T("agenda.since.meeting", "date", r.P.Date(last.Date))
	}
	if r.work.Commitments != nil {
		if in.Then, err = r.work.Commitments.CommitmentsThen(ctx, in.Since); err != nil {
			return err
		}
		if !src.draft && len(src.card.Commitments) == 0 { // they were not kept with the numbers
			if in.Now, err = r.work.Commitments.CommitmentsThen(ctx, src.memo.At); err != nil {
				return err
			}
		}
	}
	if in.Notes, err = r.memoNotes(ctx, s, src); err != nil {
		return err
	}
	list := meeting.ChangedSince(in)
	for i := range list.Items[:min(len(list.Items), memoChanges)] {
		v.List = append(v.List, r.sinceItem(&list.Items[i]))
	}
	if n := len(list.Items) - len(v.List); n > 0 {
		v.More = append(v.More, r.P.N("agenda.since.more", n))
	}
	if n := len(list.Quiet); n > 0 {
		v.More = append(v.More, r.P.T("agenda.since.quiet", "n", n))
	}
	if list.Same > 0 {
		v.More = append(v.More, r.P.T("agenda.since.same", "n", list.Same))
	}
	d.Since = v
	return nil
}

// toCompare is the scorecard of a memo with what is not kept with it: what was changed of the folder, and its datasets, which are those of now.
func (src *memoSource) toCompare(city *kpi.City) *scorecard.Scorecard {
	card, named := *src.card, *src.card.City
	named.Datasets = city.Datasets
	card.City, card.Changes = &named, src.memo.Changes
	return &card
}

// last is the meeting of the series that was held last when the memo was made; nil if none was.
func (src *memoSource) last(s *sitting) *kpi.Meeting {
	if src.draft {
		return s.last
	}
	return meeting.LastHeld(slices.DeleteFunc(slices.Clone(s.all), func(m kpi.Meeting) bool { return m.Opened.After(src.memo.At) }), src.m)
}

// memoBefore is what was seen in the last meeting; before the first one what was public two weeks before the memo was made.
func (r *Request) memoBefore(ctx context.Context, s *sitting, src *memoSource, last *kpi.Meeting) (*scorecard.Scorecard, error) {
	switch {
	case last != nil:
		return r.work.Meetings.FrozenCard(ctx, last.Series, last.Slot, kpi.FrozenMeeting)
	case src.draft:
		return r.seenLast(ctx)
	case r.work.Seen == nil:
		return nil, nil
	case r.City.Publish == kpi.PublishByRelease:
		return r.work.Seen.PublishedBy(ctx, src.memo.At)
	}
	return r.work.Seen.PublishedBy(ctx, src.day.AddDays(-meeting.LookBackDays).EndIn(r.Cal.Location))
}

// memoNotes are the notes of the series as they stood when the memo was made.
func (r *Request) memoNotes(ctx context.Context, s *sitting, src *memoSource) ([]kpi.MeetingNote, error) {
	if r.work.Notes == nil {
		return nil, nil
	}
	list, err := r.work.Notes.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.series.ID})
	if err != nil || src.draft {
		return list, err
	}
	then := func(at time.Time) bool { return !at.After(src.memo.At) }
	list = slices.DeleteFunc(list, func(n kpi.MeetingNote) bool { return !then(n.Since) })
	for i := range list {
		if then(list[i].Stamp.At) {
			continue
		}
		history, err := r.work.Notes.MeetingNoteHistory(ctx, list[i].ID)
		if err != nil {
			return nil, err
		}
		for k := range history {
			if then(history[k].Stamp.At) {
				list[i] = history[k]
			}
		}
	}
	return list, nil
}

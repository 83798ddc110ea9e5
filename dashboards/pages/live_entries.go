package pages

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// writtenHere reports whether a note belongs to the meeting.
func (s *sitting) writtenHere(n *kpi.MeetingNote) bool {
	return n.Series == s.series.ID && n.Slot == s.m.Slot
}

// liveEntries are what was written down in the meeting, the newest first.
func (r *Request) liveEntries(ctx context.Context, rm *room) ([]liveEntry, error) {
	naming, err := r.naming(ctx)
	if err != nil {
		return nil, err
	}
	type dated struct {
		liveEntry
		stamp kpi.Stamp
	}
	var all []dated
	for i := range rm.in.Notes {
		n := &rm.in.Notes[i]
		if rm.writtenHere(n) {
			all = append(all, dated{r.noteEntry(rm.sitting, n, naming), n.Stamp})
		}
	}
	for i := range rm.in.Commitments {
		c := &rm.in.Commitments[i]
		if c.Source != rm.hereSource() {
			continue
		}
		e := liveEntry{
			kind: livePromise, ID: "commitment-" + strconv.FormatInt(c.ID, 10), Kind: r.P.T("live.kind." + livePromise), Text: r.typed(c.Text, c.Lang), Owner: r.holder(c.Owner), Due: r.on(c.Due), Public: c.Public,
			Who: naming(c.Person, c.By), At: r.at(c.At), Changed: c.Revision > 1, Link: Link{URL: staffCommitmentPath(c.ID), Words: own(r.P.T("commitments.number", "n", strconv.FormatInt(c.ID, 10)))},
		}
		if c.Kind == kpi.CommitmentRequest {
			e.kind, e.Kind = liveRequest, r.P.T("live.kind."+liveRequest)
		}
		if c.Indicator != "" {
			e.key = meeting.IndicatorKey(c.Indicator)
		}
		all = append(all, dated{e, c.Stamp})
	}
	slices.SortStableFunc(all, func(a, b dated) int {
		return cmp.Or(b.stamp.Since.Compare(a.stamp.Since), cmp.Compare(b.stamp.ID, a.stamp.ID))
	})
	list := make([]liveEntry, len(all))
	for i := range all {
		list[i] = all[i].liveEntry
		if it := rm.itemOf(list[i].key); it != nil {
			list[i].About, list[i].key = rm.heading(r, it), it.Key
		}
	}
	return list, nil
}

// itemOf is the item with the key; where there is none, one of the same indicator; nil if there is none of it either.
func (rm *room) itemOf(key string) *meeting.Item {
	for _, same := range []func(*meeting.Item) bool{
		func(it *meeting.Item) bool { return it.Key == key },
		func(it *meeting.Item) bool { return it.Indicator != "" && meeting.IndicatorKey(it.Indicator) == key },
	} {
		for i := range rm.items {
			if key != "" && same(&rm.items[i]) {
				return &rm.items[i]
			}
		}
	}
	return nil
}

// noteEntry is a decision, or a topic for later.
func (r *Request) noteEntry(s *sitting, n *kpi.MeetingNote, naming func(int64, string) string) liveEntry {
	e := liveEntry{
		kind: string(n.Kind), ID: "note-" + strconv.FormatInt(n.ID, 10), Kind: r.P.T("live.kind." + string(n.Kind)), Text: r.typed(n.Text, n.Lang), Public: n.Public, Who: naming(n.Person, n.By), At: r.at(n.At),
		Changed: n.Revision > 1, key: n.Item,
	}
	switch n.State {
	case kpi.NoteWithdrawn:
		e.Gone = r.P.T("live.gone", "why", n.Why)
	case kpi.NoteTaken:
		e.Gone = r.P.T("live.taken")
	}
	if r.mayChange(s, n) {
		at := s.liveAddress(n.Item)
		sep := "?"
		if strings.Contains(at, "?") {
			sep = "&"
		}
		e.Link = Link{URL: at + sep + "edit=" + strconv.FormatInt(n.ID, 10), Words: own(r.P.T("live.change"))}
	}
	return e
}

// mayChange reports whether the reader may change a note of the meeting; one that residents can read only whoever may say what they read. Whoever reads it afterwards sees
// that it was changed, and when.
func (r *Request) mayChange(s *sitting, n *kpi.MeetingNote) bool {
	return n.State == kpi.NoteOpen && s.m.State.Held() && meeting.MayRecord(r.Person, s.presides) && (!n.Public || meeting.MayPublishNote(r.Person))
}

// liveEdit puts the note that is to be changed into the place of the form.
func (r *Request) liveEdit(ctx context.Context, d *liveData, s *sitting, may bool, sent *sentLive) error {
	asked := r.Query.Get("edit")
	if sent != nil && sent.edit != nil {
		asked = strconv.FormatInt(sent.edit.ID, 10)
	}
	if asked == "" || !may || r.work.Notes == nil {
		return nil
	}
	id, err := paperID(asked)
	if err != nil {
		return err
	}
	history, err := r.work.Notes.MeetingNoteHistory(ctx, id)
	if err != nil {
		return err
	}
	if len(history) == 0 || !s.writtenHere(&history[0]) {
		return kpi.Errorf(kpi.CodeNotFound, "the meeting %s has no note %d", s.m.Name(), id)
	}
	naming, err := r.naming(ctx)
	if err != nil {
		return err
	}
	n := &history[len(history)-1]
	e := &liveEdit{ID: id, Revision: n.Revision, Kind: r.P.T("live.kind." + string(n.Kind)), Text: n.Text, Cancel: d.Action}
	if sent != nil && sent.edit != nil {
		e.Text, e.Why, e.Withdraw = sent.edit.Text, sent.edit.Why, sent.edit.Withdraw
		if sent.conflict {
			theirs := r.noteEntry(s, n, naming)
			e.Theirs = &theirs
		}
	}
	if !r.mayChange(s, n) && e.Theirs == nil {
		return nil // it was withdrawn meanwhile: the list says so
	}
	if r.mayChange(s, n) && meeting.MayPublishNote(r.Person) {
		e.Do = map[bool]string{true: "hide", false: "show"}[n.Public]
		e.Visibility = r.P.T("live.do." + e.Do)
	}
	for i := len(history) - 2; i >= 0; i-- {
		e.Earlier = append(e.Earlier, r.noteEntry(s, &history[i], naming))
	}
	d.Edit, d.Form = e, nil
	return nil
}

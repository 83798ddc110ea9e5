package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// eventsBelow is what follows the address of a meeting in that of its live events.
const eventsBelow = "/events"

const (
	maxSitters  = 128                    // people who watch meetings at a time
	meetingTick = 300 * time.Millisecond // so often it is asked whether anybody saved anything; it is one number in memory
)

// meetingChange is what is told of a change: what is on the page now, and who wrote what. The words are finished, and never markup.
type meetingChange struct {
	Seen string   `json:"seen"`
	Said []string `json:"said,omitempty"`
}

// trace is what of a meeting can change while people sit in it: the meeting, its notes, and the commitments that come back in its series, each with its revision.
type trace struct {
	list  []traced
	names func(id int64, by string) string
}

// traced is one thing.
type traced struct {
	name  string
	stamp kpi.Stamp
	kind  string // of a note or a commitment; "" of the meeting
	text  string
}

// traceOf notes what there is to see. notes and promised may hold more than belongs to the meeting.
func (r *Request) traceOf(s *sitting, notes []kpi.MeetingNote, promised []kpi.Commitment) trace {
	t := trace{list: []traced{{name: "meeting", stamp: s.m.Stamp}}}
	for i := range notes {
		if n := &notes[i]; s.writtenHere(n) {
			t.list = append(t.list, traced{fmt.Sprintf("note %d", n.ID), n.Stamp, string(n.Kind), n.Text})
		}
	}
	for i := range promised {
		if c := &promised[i]; meeting.TakesPromise(s.series, c) {
			kind := livePromise
			if c.Kind == kpi.CommitmentRequest {
				kind = liveRequest
			}
			t.list = append(t.list, traced{fmt.Sprintf("commitment %d", c.ID), c.Stamp, kind, c.Text})
		}
	}
	return t
}

// mark is a short name of all that is seen.
func (t trace) mark() string {
	h := sha256.New()
	for _, x := range t.list {
		fmt.Fprintf(h, "%s %d\n", x.name, x.stamp.Revision)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// liveSaid says who wrote what that was not there before, what the reader wrote left out.
func (r *Request) liveSaid(was, now trace) []string {
	var said []string
	for _, x := range now.list {
		before := slices.ContainsFunc(was.list, func(o traced) bool { return o.name == x.name && o.stamp.Revision == x.stamp.Revision })
		if before || r.Person != nil && r.Person.ID != 0 && x.stamp.Person == r.Person.ID {
			continue
		}
		who, at := x.stamp.By, r.P.Clock(x.stamp.At.In(r.Cal.Location))
		if now.names != nil {
			who = now.names(x.stamp.Person, x.stamp.By)
		}
		switch {
		case x.kind == "":
			said = append(said, r.P.T("live.said.meeting", "name", who, "time", at))
		case x.stamp.Revision == 1:
			said = append(said, r.P.T("live.said.new", "name", who, "time", at, "kind", r.P.T("live.kind."+x.kind), "text", x.text))
		default:
			said = append(said, r.P.T("live.said.changed", "name", who, "time", at, "kind", r.P.T("live.kind."+x.kind), "text", x.text))
		}
	}
	return said
}

// readTrace reads what there is to see now.
func (r *Request) readTrace(ctx context.Context) (trace, error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return trace{}, err
	}
	var notes []kpi.MeetingNote
	if r.work.Notes != nil {
		if notes, err = r.work.Notes.MeetingNotes(ctx, kpi.PaperQuery{Subject: s.series.ID, Department: s.m.Slot.String()}); err != nil {
			return trace{}, err
		}
	}
	var promised []kpi.Commitment
	if r.work.Commitments != nil {
		if promised, err = r.work.Commitments.Commitments(ctx, kpi.PaperQuery{}); err != nil {
			return trace{}, err
		}
	}
	t := r.traceOf(s, notes, promised)
	t.names, err = r.naming(ctx)
	return t, err
}

// meetingEvents tells those who sit in a meeting what the others write, as server-sent events, until the reader goes, may read no more, or the server ends.
func (p *Pages) meetingEvents(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	r.Params = params(c)
	ctx := c.Request().Context()
	if _, err := r.sitting(ctx); err != nil {
		return err
	}
	leave, err := takePlace(c, p.sitters)
	if err != nil || leave == nil {
		return err
	}
	defer leave()
	seen := c.Request().Header.Get("Last-Event-ID") // what a reader who was cut off was told last
	if seen == "" {
		seen = c.QueryParam("seen")
	}
	w := &watcher{stream: stream{r: r, res: c.Response(), rc: http.NewResponseController(c.Response()), req: c.Request()}, ctx: ctx, seen: seen}
	if err := w.open(); err != nil {
		return err
	}
	if err := w.watch(p.opts.Stopping, p.opts.Heartbeat); err != nil {
		p.opts.Logger.DebugContext(ctx, "the events of a meeting ended", "err", err)
	}
	return nil
}

// watcher is one who sits in a meeting.
type watcher struct {
	stream
	ctx     context.Context //nolint:containedctx // that of the request, which lasts as long as the watcher does
	seen    string          // the mark of what the reader has on the page
	last    trace
	version int64
}

// watch tells what changes, and gives a sign of life in between.
func (w *watcher) watch(stopping <-chan struct{}, heartbeat time.Duration) error {
	tick, beat := time.NewTicker(meetingTick), time.NewTicker(heartbeat)
	defer tick.Stop()
	defer beat.Stop()
	w.version = -1
	if err := w.look(); err != nil {
		return err
	}
	for {
		var err error
		select {
		case <-w.ctx.Done():
			return nil
		case <-stopping:
			return nil
		case <-tick.C:
			err = w.look()
		case <-beat.C:
			if !w.stillReads() {
				return nil
			}
			err = w.send(": still here\n\n")
		}
		if err != nil {
			return err
		}
	}
}

// look tells the reader what is not on the page, if anybody saved anything since it last looked.
func (w *watcher) look() error {
	version := w.r.work.Meetings.PapersVersion()
	if version == w.version {
		return nil
	}
	if !w.stillReads() {
		return kpi.Errorf(kpi.CodeDenied, "the reader may read no more")
	}
	now, err := w.r.readTrace(w.ctx)
	if err != nil {
		return err
	}
	first := w.version < 0
	w.version = version
	change := meetingChange{Seen: now.mark()}
	if !first {
		change.Said = w.r.liveSaid(w.last, now)
	}
	w.last = now
	if change.Seen == w.seen {
		return nil
	}
	w.seen = change.Seen
	text, err := json.Marshal(change)
	if err != nil {
		return err
	}
	return w.send(strings.Join([]string{"event: changed", "id: " + change.Seen, "data: " + string(text)}, "\n") + "\n\n")
}

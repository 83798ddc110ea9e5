package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

const (
	maxListeners = 16                     // readers of live progress at a time
	eventEvery   = 200 * time.Millisecond // at most so often is progress sent: a reader sees no more
	writeWithin  = 10 * time.Second       // a reader who takes longer to receive a few bytes is gone
)

// jobView is where the job of a dataset stands, in finished words. It is what the page shows first and what the live progress sends.
type jobView struct {
	Dataset string `json:"dataset"`
	State   string `json:"state"` // running, waiting, or "" for neither
	Title   string `json:"title,omitempty"`
	Started string `json:"started,omitempty"`
	Step    string `json:"step,omitempty"`
	Amount  string `json:"amount,omitempty"`
	Done    int    `json:"done"` // thousandths of the steps
	Ended   string `json:"ended,omitempty"`
}

// job says where a job stands.
func (r *Request) job(st kpi.RunState) jobView {
	v := jobView{Dataset: st.Dataset}
	switch {
	case st.Running:
		v.State, v.Title = "running", r.P.T("staff.job.running")
		if !st.Started.IsZero() {
			v.Started = r.P.T("staff.job.started", "time", r.at(st.Started).Text)
		}
		r.progress(&v, st.Progress)
	case st.Waiting:
		v.State, v.Title = "waiting", r.P.T("staff.job.waiting")
	}
	return v
}

// progress says how far a load has come: which of its steps, and how much of it where that can be counted.
func (r *Request) progress(v *jobView, pr kpi.Progress) {
	i := slices.Index(kpi.Steps, pr.Step)
	if i < 0 {
		return // it has just begun
	}
	v.Step = r.P.T("staff.job.step", "n", i+1, "total", len(kpi.Steps), "step", r.P.Step(pr.Step))
	part := 0.0
	if pr.Total > 0 {
		part = min(1, max(0, float64(pr.Done)/float64(pr.Total)))
	}
	v.Done = int(1000 * (float64(i) + part) / float64(len(kpi.Steps)))
	switch {
	case pr.Done <= 0:
	case pr.Unit == "bytes" && pr.Total > 0:
		v.Amount = r.P.T("staff.job.bytes_of", "n", r.P.Bytes(pr.Done), "total", r.P.Bytes(pr.Total))
	case pr.Unit == "bytes":
		v.Amount = r.P.T("staff.job.bytes", "n", r.P.Bytes(pr.Done))
	case pr.Total > 0:
		v.Amount = r.P.T("staff.job.rows_of", "n", pr.Done, "total", pr.Total)
	default:
		v.Amount = r.P.T("staff.job.rows", "n", pr.Done)
	}
}

// events sends the live progress of all jobs, as server-sent events, until the reader goes or the server ends.
func (p *Pages) events(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	if lang, _, ok := i18n.FromSegment(c.QueryParam("lang")); ok && slices.Contains(offered(r.City), lang) {
		r.Lang, r.P = lang, p.opts.Bundle.Printer(lang, r.City.Formats[lang])
	}
	s := &stream{r: r, res: c.Response(), rc: http.NewResponseController(c.Response()), req: c.Request(), last: map[string]kpi.RunState{}}
	leave, err := takePlace(c, p.listeners)
	if err != nil || leave == nil {
		return err
	}
	defer leave()
	states, err := p.opts.Staff.Watch(c.Request().Context())
	if err != nil {
		return err
	}
	if err := s.open(); err != nil {
		return err
	}
	// Once it is open there is nobody to whom an error could be told: it is the reader who went.
	if err := s.run(c.Request().Context().Done(), p.opts.Stopping, states, p.opts.Heartbeat); err != nil {
		p.opts.Logger.DebugContext(c.Request().Context(), "live progress ended", "err", err)
	}
	return nil
}

// takePlace heads the answer of server-sent events and takes one of the places that there are for their readers; leave gives it back. leave is nil where that is all: the request
// asked for the head alone.
func takePlace(c echo.Context, places chan struct{}) (leave func(), err error) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set(echo.HeaderCacheControl, staffCaching)
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(http.StatusOK)
		return nil, nil
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		return nil, kpi.Errorf(kpi.CodeUnready, "%d readers watch already; close a window", cap(places))
	}
}

// stream is one reader of live progress.
type stream struct {
	r    *Request
	res  *echo.Response
	rc   *http.ResponseController
	req  *http.Request
	last map[string]kpi.RunState // what was sent, by dataset
}

// open begins the answer. The bounds of ordinary answers do not hold for it; it has its own for each write.
func (s *stream) open() error {
	s.res.Header().Set("X-Accel-Buffering", "no")
	s.res.WriteHeader(http.StatusOK)
	return s.send("retry: 3000\n\n")
}

// run sends what changes, at most every eventEvery, and a sign of life in between.
func (s *stream) run(gone, stopping <-chan struct{}, states <-chan kpi.RunState, heartbeat time.Duration) error {
	pending := map[string]kpi.RunState{}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var due <-chan time.Time
	for {
		var err error
		select {
		case <-gone:
			return nil
		case <-stopping:
			return nil
		case st, open := <-states:
			if !open {
				return nil
			}
			pending[st.Dataset] = st
			if due == nil {
				due = time.After(eventEvery)
			}
		case <-due:
			err, due = s.flush(pending), nil
			clear(pending)
		case <-beat.C:
			if !s.stillReads() {
				return nil
			}
			err = s.send(": still here\n\n")
		}
		if err != nil {
			return err
		}
	}
}

// stillReads reports whether the reader of a stream may still read: the session lasts, nobody disabled the account, and nobody else signed in with it.
func (s *stream) stillReads() bool {
	r := s.r
	if r.door == nil || r.Person == nil || r.Person.ID == 0 { // whoever sits at this machine
		return true
	}
	p, err := r.door.Still(s.req.Context(), s.req)
	return err == nil && p != nil && p.ID == r.Person.ID && p.MayAnywhere(account.SeeStaff)
}

// flush sends the states that wait. A job that was on and is not any more has ended.
func (s *stream) flush(pending map[string]kpi.RunState) error {
	for id, st := range pending {
		v := s.r.job(st)
		if was := s.last[id]; was.Running && !st.Running {
			name := id
			if ds := s.r.City.Dataset(id); ds != nil {
				name = s.r.P.Text(ds.Name)
			}
			v.Ended = s.r.P.T("staff.job.ended", "name", name)
		}
		s.last[id] = st
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("live progress of %s: %w", id, err)
		}
		if err := s.send("event: job\ndata: " + string(b) + "\n\n"); err != nil {
			return err
		}
	}
	return nil
}

// send writes to the reader at once.
func (s *stream) send(text string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !isUnsupported(err) {
		return fmt.Errorf("live progress: %w", err)
	}
	if _, err := s.res.Write([]byte(text)); err != nil {
		return fmt.Errorf("live progress: %w", err)
	}
	return s.rc.Flush()
}

// isUnsupported reports that a writer has no deadlines: it is no connection.
func isUnsupported(err error) bool { return errors.Is(err, http.ErrNotSupported) }

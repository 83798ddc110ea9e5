package job

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"

	"citystat/kpi"
)

// began is a run that has begun.
type began struct {
	dataset string
	how     How
	at      time.Time
}

// runner is a runner whose runs end when the test says how.
type runner struct {
	clock clockwork.Clock
	began chan began
	end   chan error
	mu    sync.Mutex
	last  map[string]kpi.Load
	err   error // of LastRun
}

func (r *runner) Run(ctx context.Context, dataset string, how How) error {
	select {
	case r.began <- began{dataset, how, r.clock.Now()}:
	case <-ctx.Done(): // the test has failed and does not listen any more
		return ctx.Err()
	}
	select {
	case err := <-r.end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *runner) LastRun(_ context.Context, dataset string) (kpi.Load, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.last[dataset]
	return l, ok, r.err
}

// bench is a scheduler at work on a clock that the test turns.
type bench struct {
	t      *testing.T
	clock  *clockwork.FakeClock
	runner *runner
	s      *Scheduler
	news   <-chan kpi.RunState // of everything
	stop   context.CancelFunc
	done   chan error
}

func newBench(t *testing.T, at string) *bench {
	t.Helper()
	start, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: clockwork.NewFakeClockAt(start), done: make(chan error, 1)}
	b.runner = &runner{clock: b.clock, began: make(chan began), end: make(chan error), last: map[string]kpi.Load{}}
	b.s, err = New(Options{Runner: b.runner, Clock: b.clock, Jitter: func(d time.Duration) time.Duration { return d / 2 }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ran notes that a dataset was run last at a time, and how that ended.
func (b *bench) ran(dataset, at string, l kpi.Load) {
	b.t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		b.t.Fatal(err)
	}
	l.Dataset, l.Started = dataset, when
	b.runner.mu.Lock()
	defer b.runner.mu.Unlock()
	b.runner.last[dataset] = l
}

func (b *bench) set(datasets ...kpi.Dataset) {
	b.t.Helper()
	if err := b.s.Set(cityOf(datasets...)); err != nil {
		b.t.Fatal(err)
	}
}

func cityOf(datasets ...kpi.Dataset) *kpi.City {
	return &kpi.City{ID: "springfield", TimeZone: "America/New_York", Datasets: datasets}
}

// start lets the scheduler work; the test's end stops it.
func (b *bench) start() {
	ctx, stop := context.WithCancel(b.t.Context())
	b.stop = stop
	b.news = b.s.Watch(b.t.Context())
	go func() { b.done <- b.s.Run(ctx) }()
	b.t.Cleanup(func() {
		if b.done == nil {
			return
		}
		stop()
		if err := <-b.done; err != nil {
			b.t.Error(err)
		}
	})
}

// daily is a dataset that is due at 05:30.
func daily(id string, more ...func(*kpi.Schedule)) kpi.Dataset {
	d := kpi.Dataset{ID: id, Schedule: kpi.Schedule{Cron: "30 5 * * *"}}
	for _, f := range more {
		f(&d.Schedule)
	}
	return d
}

func retries(n int, in time.Duration) func(*kpi.Schedule) {
	return func(s *kpi.Schedule) { s.Retries, s.RetryIn = n, in }
}

// turn waits until n timers are set and turns the clock on.
func (b *bench) turn(n int, d time.Duration) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
	defer cancel()
	if err := b.clock.BlockUntilContext(ctx, n); err != nil {
		b.t.Fatalf("%d timers were never set: %v", n, err)
	}
	b.clock.Advance(d)
}

// run waits for the next run to begin, checks it and ends it.
func (b *bench) run(dataset string, trigger kpi.Trigger, attempt int, at string, err error) {
	b.t.Helper()
	b.begins(dataset, trigger, attempt, at)
	b.runner.end <- err
	b.until(dataset, func(s kpi.RunState) bool { return !s.Running })
}

func (b *bench) begins(dataset string, trigger kpi.Trigger, attempt int, at string) {
	b.t.Helper()
	select {
	case r := <-b.runner.began:
		got := []any{r.dataset, r.how.Trigger, r.how.Attempt, r.at.UTC().Format(time.RFC3339)}
		if diff := cmp.Diff([]any{dataset, trigger, attempt, at}, got); diff != "" {
			b.t.Fatalf("a run began (-want +got):\n%s", diff)
		}
		b.until(dataset, func(s kpi.RunState) bool { return s.Running })
	case <-time.After(5 * time.Second):
		b.t.Fatalf("%s never ran", dataset)
	}
}

// until waits until a dataset is as is says, and returns its state. News say that something has changed; how it is now is asked for.
func (b *bench) until(dataset string, is func(kpi.RunState) bool) kpi.RunState {
	b.t.Helper()
	late := time.After(5 * time.Second)
	for {
		for _, s := range b.s.States() {
			if s.Dataset == dataset && is(s) {
				return s
			}
		}
		select {
		case <-b.news:
		case <-late:
			b.t.Fatalf("%s never was so: %+v", dataset, b.s.States())
		}
	}
}

// idle checks that nothing runs, waits or has begun.
func (b *bench) idle() {
	b.t.Helper()
	for _, s := range b.s.States() {
		if s.Running || s.Waiting {
			b.t.Fatalf("%+v", s)
		}
	}
}

var live = kpi.Load{State: kpi.LoadLive}

func TestARunAtItsTime(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z") // 07:00 in New York
	b.set(daily("requests"), kpi.Dataset{ID: "permits"})
	b.ran("requests", "2026-03-05T10:30:00Z", live)
	b.start()
	want := []kpi.RunState{{Dataset: "requests", Next: time.Date(2026, 3, 6, 10, 30, 0, 0, time.UTC)}, {Dataset: "permits"}}
	if diff := cmp.Diff(want, b.s.States()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.turn(1, 22*time.Hour+30*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 1, "2026-03-06T10:30:00Z", nil)
	b.s.due("requests") // a time that is told twice is one time
	b.idle()
	b.turn(1, 24*time.Hour)
	b.begins("requests", kpi.TriggerSchedule, 1, "2026-03-07T10:30:00Z")
	s := b.until("requests", func(s kpi.RunState) bool { return s.Running })
	if s.Trigger != kpi.TriggerSchedule || !s.Started.Equal(b.clock.Now()) || !s.Next.Equal(time.Date(2026, 3, 8, 9, 30, 0, 0, time.UTC)) { // clocks change
		t.Errorf("%+v", s)
	}
	b.runner.end <- nil
	s = b.until("requests", func(s kpi.RunState) bool { return !s.Running })
	if diff := cmp.Diff(kpi.RunState{Dataset: "requests", Next: time.Date(2026, 3, 8, 9, 30, 0, 0, time.UTC)}, s); diff != "" {
		t.Error(diff)
	}
}

// TestClocksChange lets a scheduler go through the days on which clocks change: 02:30 is skipped on the first and 01:30 comes twice on the second.
func TestClocksChange(t *testing.T) {
	for _, c := range []struct {
		cron, at string
		runs     []string
	}{
		{"30 2 * * *", "2026-03-07T12:00:00Z", []string{"2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"}},
		{"30 1 * * *", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z", "2026-11-03T06:30:00Z"}},
		{"0 * * * *", "2026-11-01T04:30:00Z", []string{"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"}},
		{"0 6 31 * *", "2026-01-30T12:00:00Z", []string{"2026-01-31T11:00:00Z", "2026-03-31T10:00:00Z", "2026-05-31T10:00:00Z"}},
	} {
		b := newBench(t, c.at)
		b.set(kpi.Dataset{ID: "requests", Schedule: kpi.Schedule{Cron: c.cron}})
		b.ran("requests", c.at, live)
		b.start()
		for _, at := range c.runs {
			// The clock goes by halves of an hour, so that a run too many would be seen.
			for next := b.s.States()[0].Next; b.clock.Now().Before(next); {
				b.turn(1, min(30*time.Minute, next.Sub(b.clock.Now())))
			}
			b.run("requests", kpi.TriggerSchedule, 1, at, nil)
		}
	}
}

// TestMissedRunsAreCaughtUpOnce starts a program that has not run for three days.
func TestMissedRunsAreCaughtUpOnce(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests"), daily("permits"), daily("new"), daily("cut"), kpi.Dataset{ID: "by-hand"})
	b.ran("requests", "2026-03-02T10:31:00Z", live)
	b.ran("permits", "2026-03-05T10:31:00Z", live)
	b.ran("cut", "2026-03-05T10:31:00Z", kpi.Load{State: kpi.LoadAbandoned, Trigger: kpi.TriggerSchedule, Attempt: 1})
	b.start()
	b.run("requests", kpi.TriggerMissed, 1, "2026-03-05T12:00:00Z", nil)
	b.run("new", kpi.TriggerStart, 1, "2026-03-05T12:00:00Z", nil)
	b.run("cut", kpi.TriggerMissed, 1, "2026-03-05T12:00:00Z", nil)
	b.idle()
	b.turn(4, 22*time.Hour+30*time.Minute)
	seen := map[string]bool{}
	for range 4 {
		r := <-b.runner.began
		seen[r.dataset] = true
		if r.how.Trigger != kpi.TriggerSchedule {
			t.Errorf("%+v", r)
		}
		b.runner.end <- nil
	}
	if len(seen) != 4 {
		t.Errorf("ran: %v", seen)
	}
}

func TestRetriesThatWereLeftAreGoneOnWith(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("one-left", retries(2, 0)), daily("none-left", retries(2, 0)), daily("asked-for", retries(2, 0)))
	b.ran("one-left", "2026-03-05T10:31:00Z", kpi.Load{State: kpi.LoadFailed, Trigger: kpi.TriggerSchedule, Attempt: 2})
	b.ran("none-left", "2026-03-05T10:31:00Z", kpi.Load{State: kpi.LoadFailed, Trigger: kpi.TriggerSchedule, Attempt: 3})
	b.ran("asked-for", "2026-03-05T10:31:00Z", kpi.Load{State: kpi.LoadFailed, Trigger: kpi.TriggerPerson, Attempt: 1})
	b.start()
	b.run("one-left", kpi.TriggerMissed, 3, "2026-03-05T12:00:00Z", kpi.Errorf(kpi.CodeUnready, "busy"))
	b.idle()
}

func TestALedgerThatCannotBeAskedEndsTheScheduler(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests"))
	b.runner.err = errors.New("broken on purpose")
	if err := b.s.Run(t.Context()); !errors.Is(err, b.runner.err) {
		t.Errorf("error %v", err)
	}
}

// TestRetriesDouble lets a portal be busy four times.
func TestRetriesDouble(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests", retries(3, 10*time.Minute)))
	b.ran("requests", "2026-03-05T10:30:00Z", live)
	b.start()
	busy := kpi.Errorf(kpi.CodeUnready, "the portal answers 503")
	b.turn(1, 22*time.Hour+30*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 1, "2026-03-06T10:30:00Z", busy)
	if s := b.until("requests", func(s kpi.RunState) bool { return s.Retry == 1 }); !s.Next.Equal(b.clock.Now().Add(10 * time.Minute)) {
		t.Errorf("%+v", s)
	}
	b.turn(2, 10*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 2, "2026-03-06T10:40:00Z", busy)
	b.turn(2, 20*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 3, "2026-03-06T11:00:00Z", errors.New("connection reset"))
	b.turn(2, 40*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 4, "2026-03-06T11:40:00Z", busy)
	s := b.until("requests", func(s kpi.RunState) bool { return !s.Running })
	if s.Retry != 0 || !s.Next.Equal(time.Date(2026, 3, 7, 10, 30, 0, 0, time.UTC)) {
		t.Errorf("after the last try: %+v", s)
	}
	b.turn(1, 22*time.Hour+50*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 1, "2026-03-07T10:30:00Z", nil)
}

func TestWhatIsNotTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		retry time.Duration
		cron  string
		ask   bool
	}{
		"a wrong delivery":               {err: kpi.Errorf(kpi.CodeInvalid, "no table"), retry: 30 * time.Second, cron: "30 5 * * *"},
		"denied":                         {err: kpi.Errorf(kpi.CodeDenied, "403"), retry: 30 * time.Second, cron: "30 5 * * *"},
		"in conflict":                    {err: kpi.Errorf(kpi.CodeConflict, "later"), retry: 30 * time.Second, cron: "30 5 * * *"},
		"the schedule comes first":       {err: kpi.Errorf(kpi.CodeUnready, "busy"), retry: 20 * time.Minute, cron: "*/15 * * * *"},
		"somebody asked for it and sees": {err: kpi.Errorf(kpi.CodeUnready, "busy"), retry: 30 * time.Second, cron: "30 5 * * *", ask: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "2026-03-05T10:29:00Z")
			b.set(kpi.Dataset{ID: "requests", Schedule: kpi.Schedule{Cron: c.cron, Retries: 5, RetryIn: c.retry}})
			b.ran("requests", "2026-03-05T10:28:00Z", live)
			b.start()
			if c.ask {
				if err := b.s.Ask("requests", "the controller"); err != nil {
					t.Fatal(err)
				}
				b.run("requests", kpi.TriggerPerson, 1, "2026-03-05T10:29:00Z", c.err)
			} else {
				b.turn(1, time.Minute)
				b.run("requests", kpi.TriggerSchedule, 1, "2026-03-05T10:30:00Z", c.err)
			}
			if s := b.s.States()[0]; s.Retry != 0 || s.Next.Equal(b.clock.Now().Add(c.retry)) {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestDelayDoublesUpToADay(t *testing.T) {
	for _, c := range []struct {
		first   time.Duration
		attempt int
		want    time.Duration
	}{{0, 1, 5 * time.Minute}, {0, 2, 10 * time.Minute}, {time.Hour, 3, 4 * time.Hour}, {time.Hour, 100, 24 * time.Hour}, {48 * time.Hour, 1, 24 * time.Hour}} {
		if got := delay(c.first, c.attempt); got != c.want {
			t.Errorf("delay(%s, %d) = %s, want %s", c.first, c.attempt, got, c.want)
		}
	}
}

func TestJitter(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests", func(s *kpi.Schedule) { s.Jitter = 10 * time.Minute }))
	b.ran("requests", "2026-03-05T10:30:00Z", live)
	b.start()
	b.turn(1, 22*time.Hour+30*time.Minute)
	s := b.until("requests", func(s kpi.RunState) bool { return s.Next.Equal(time.Date(2026, 3, 6, 10, 35, 0, 0, time.UTC)) })
	if s.Retry != 0 || s.Running {
		t.Errorf("%+v", s)
	}
	b.turn(2, 5*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 1, "2026-03-06T10:35:00Z", nil)
	if b, err := New(Options{Runner: b.runner}); err != nil || b.Jitter(time.Minute) >= time.Minute || b.Jitter(time.Minute) < 0 {
		t.Errorf("jitter by chance, %v", err)
	}
}

// TestRunsTakeTurns: one runs, the others wait, and nothing waits twice.
func TestRunsTakeTurns(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests"), daily("permits"))
	b.ran("requests", "2026-03-05T11:00:00Z", live)
	b.ran("permits", "2026-03-05T11:00:00Z", live)
	b.start()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.s.Ask("requests", ""))
	b.begins("requests", kpi.TriggerPerson, 1, "2026-03-05T12:00:00Z")
	if err := b.s.Ask("requests", ""); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("asked for while it runs: %v", err)
	}
	if err := b.s.Ask("nowhere", ""); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("asked for nothing: %v", err)
	}
	must(b.s.Ask("permits", ""))
	must(b.s.Ask("permits", "the controller"))
	must(b.s.Ask("permits", ""))
	if s := b.until("permits", func(s kpi.RunState) bool { return s.Waiting }); s.Running {
		t.Errorf("%+v", s)
	}
	// The time of both comes while one runs and the other waits: neither is run once more.
	b.turn(2, 22*time.Hour+30*time.Minute)
	b.until("requests", func(s kpi.RunState) bool { return s.Next.Day() == 7 })
	b.until("permits", func(s kpi.RunState) bool { return s.Next.Day() == 7 })
	b.runner.end <- nil
	r := <-b.runner.began
	if r.dataset != "permits" || r.how != (How{kpi.TriggerPerson, 1, "the controller"}) {
		t.Errorf("%+v", r)
	}
	b.until("permits", func(s kpi.RunState) bool { return s.Running && !s.Waiting })
	b.runner.end <- nil
	b.until("permits", func(s kpi.RunState) bool { return !s.Running })
	b.idle()
}

func TestStopWhileItRuns(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests"), daily("permits"))
	b.start()
	b.begins("requests", kpi.TriggerStart, 1, "2026-03-05T12:00:00Z")
	b.stop()
	if err := <-b.done; err != nil {
		t.Error(err)
	}
	b.done = nil
	for _, s := range b.s.States() {
		if s.Running || s.Waiting || !s.Next.IsZero() {
			t.Errorf("%+v", s)
		}
	}
	select {
	case r := <-b.runner.began:
		t.Errorf("%s began after the stop", r.dataset)
	default:
	}
}

// TestAnotherFolder changes schedules while the scheduler works.
func TestAnotherFolder(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests"), daily("permits"), daily("gone"))
	for _, id := range []string{"requests", "permits", "gone", "new"} {
		b.ran(id, "2026-03-05T12:00:00Z", live)
	}
	b.start()
	later := daily("requests")
	later.Schedule.Cron = "0 7 * * *" // noon in London
	b.set(daily("new"), later, kpi.Dataset{ID: "permits"})
	want := []kpi.RunState{
		{Dataset: "new", Next: time.Date(2026, 3, 6, 10, 30, 0, 0, time.UTC)},
		{Dataset: "requests", Next: time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)},
		{Dataset: "permits"},
	}
	if diff := cmp.Diff(want, b.s.States()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wrong := daily("new")
	wrong.Schedule.Cron = "0 24 * * *"
	if err := b.s.Set(cityOf(wrong)); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a wrong schedule: %v", err)
	}
	if diff := cmp.Diff(want, b.s.States()); diff != "" {
		t.Errorf("after a wrong schedule:\n%s", diff)
	}
	b.turn(2, 22*time.Hour+30*time.Minute)
	b.run("new", kpi.TriggerSchedule, 1, "2026-03-06T10:30:00Z", nil)
	b.turn(2, 90*time.Minute)
	b.run("requests", kpi.TriggerSchedule, 1, "2026-03-06T12:00:00Z", nil)
	c := cityOf(later)
	c.TimeZone = "Europe/London"
	if err := b.s.Set(c); err != nil {
		t.Fatal(err)
	}
	b.turn(1, 19*time.Hour)
	b.run("requests", kpi.TriggerSchedule, 1, "2026-03-07T07:00:00Z", nil)
}

func TestADatasetIsGoneWhileItRunsOrWaits(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(daily("requests"), daily("permits"), daily("retry", retries(1, time.Hour)))
	b.ran("retry", "2026-03-05T10:31:00Z", kpi.Load{State: kpi.LoadFailed, Trigger: kpi.TriggerSchedule, Attempt: 1})
	b.start()
	b.begins("requests", kpi.TriggerStart, 1, "2026-03-05T12:00:00Z")
	b.until("retry", func(s kpi.RunState) bool { return s.Waiting })
	b.set(kpi.Dataset{ID: "other"})
	b.runner.end <- nil
	if err := b.s.Ask("other", ""); err != nil {
		t.Fatal(err)
	}
	b.run("other", kpi.TriggerPerson, 1, "2026-03-05T12:00:00Z", nil)
	b.idle()
}

func TestProgressAndWatchers(t *testing.T) {
	b := newBench(t, "2026-03-05T12:00:00Z")
	b.set(kpi.Dataset{ID: "requests"}, kpi.Dataset{ID: "permits"})
	b.start()
	ctx, cancel := context.WithCancel(t.Context())
	slow := b.s.Watch(ctx)
	if err := b.s.Ask("requests", ""); err != nil {
		t.Fatal(err)
	}
	b.begins("requests", kpi.TriggerPerson, 1, "2026-03-05T12:00:00Z")
	for i := range 10_000 { // nobody is held up by somebody who does not listen
		b.s.Report(kpi.Progress{Dataset: "requests", Step: kpi.StepFetch, Done: int64(i), Total: 9999, Unit: "bytes"})
	}
	b.s.Report(kpi.Progress{Dataset: "permits", Done: 7}) // does not run
	told := 0
	for s := range slow {
		told++
		if s.Dataset == "permits" && s.Progress.Done != 0 {
			t.Errorf("%+v", s)
		}
		if s.Progress.Done == 9999 {
			break
		}
	}
	if told > 10 {
		t.Errorf("a slow watcher was told %d states", told)
	}
	cancel()
	for range slow { // closed
	}
	b.runner.end <- nil
	if s := b.until("requests", func(s kpi.RunState) bool { return !s.Running }); s.Progress != (kpi.Progress{}) {
		t.Errorf("%+v", s)
	}
}

func TestNewNeedsARunner(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a scheduler without a runner")
	}
	b := newBench(t, "2026-03-05T12:00:00Z")
	c := cityOf()
	c.TimeZone = "Mars/Olympus"
	if err := b.s.Set(c); err == nil {
		t.Error("a zone that nobody knows")
	}
}

package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"

	"citystat/kpi"
)

// How says how a run came about.
type How struct {
	Trigger  kpi.Trigger
	Attempt  int    // 1 for a first try, more for a retry
	Accepted string // who accepted a change in the number of rows beyond what is expected; empty: nobody
}

// Runner runs datasets and remembers their runs.
type Runner interface {
	// Run brings a dataset in and shows what changed. When its context ends it leaves everything as it was, or as it is to be.
	Run(ctx context.Context, dataset string, how How) error
	// LastRun returns the newest run of a dataset however it ended, and whether there was one.
	LastRun(ctx context.Context, dataset string) (kpi.Load, bool, error)
}

// Options are what a Scheduler works with.
type Options struct {
	Runner  Runner
	Clock   clockwork.Clock                          // nil: the machine's
	Jitter  func(atMost time.Duration) time.Duration // how much later a run begins; nil: by chance
	Logger  *slog.Logger                             // nil: slog.Default
	AtStart bool                                     // datasets without a schedule run once when Run begins
	Idle    func()                                   // called once, when all that Run had to do at its beginning is done; may be nil
}

// Scheduler runs the datasets of a city. All its methods may be called at any time, by many.
type Scheduler struct {
	Options
	cron  gocron.Scheduler
	wake  chan struct{} // holds a value while there may be something in the queue
	mu    sync.Mutex
	jobs  map[string]*job
	order []string  // of the folder
	queue []request // in the order in which they were asked for
	now   string    // the dataset whose run is on; empty: none

	watchers map[*watcher]bool
}

// job is what is known of one dataset. It is guarded by Scheduler.mu.
type job struct {
	schedule kpi.Schedule
	zone     string
	cron     *Cron           // nil: not scheduled
	last     bool            // runs after the others at a start
	fires    gocron.Job      // when cron says
	timer    clockwork.Timer // of a jitter or retry that is to come; nil: none
	turn     int             // counts the timers, so that one that was stopped too late is known
	fired    time.Time       // when the schedule's time came last; zero: not yet
	state    kpi.RunState
}

// request is a run that was asked for.
type request struct {
	dataset string
	how     How
}

// New returns a Scheduler that knows no dataset yet: [Scheduler.Set] tells it, [Scheduler.Run] lets it work.
func New(o Options) (*Scheduler, error) {
	if o.Runner == nil {
		return nil, errors.New("job: a scheduler needs a runner")
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Jitter == nil {
		o.Jitter = func(atMost time.Duration) time.Duration { return rand.N(atMost) }
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	cron, err := gocron.NewScheduler(gocron.WithClock(o.Clock), gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	return &Scheduler{Options: o, cron: cron, wake: make(chan struct{}, 1), jobs: map[string]*job{}, watchers: map[*watcher]bool{}}, nil
}

// Set takes the datasets and schedules of a city in place of those before. What waits, runs or is to be tried again stays so, unless its dataset
// is gone. If a schedule cannot be kept nothing is changed.
func (s *Scheduler) Set(city *kpi.City) error {
	cal, err := city.Calendar()
	if err != nil {
		return err
	}
	crons := map[string]*Cron{}
	for _, d := range city.Datasets {
		if d.Schedule.IsZero() {
			continue
		}
		if crons[d.ID], err = ParseCron(d.Schedule.Cron, cal.Location); err != nil {
			return fmt.Errorf("dataset %s: %w", d.ID, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.jobs
	s.jobs, s.order = map[string]*job{}, nil
	var errs []error
	for _, d := range city.Datasets {
		j := old[d.ID]
		if j == nil {
			j = &job{state: kpi.RunState{Dataset: d.ID}}
		}
		delete(old, d.ID)
		j.last = d.Source.Kind == kpi.SourceLedger
		s.jobs[d.ID], s.order = j, append(s.order, d.ID)
		errs = append(errs, s.reschedule(d.ID, j, d.Schedule, city.TimeZone, crons[d.ID]))
	}
	for id, j := range old {
		errs = append(errs, s.forget(id, j))
	}
	return errors.Join(errs...)
}

// reschedule gives a job its schedule.
func (s *Scheduler) reschedule(dataset string, j *job, schedule kpi.Schedule, zone string, cron *Cron) error {
	same := j.schedule.Cron == schedule.Cron && j.zone == zone
	j.schedule, j.zone = schedule, zone
	if same {
		return nil
	}
	if err := s.unschedule(j); err != nil {
		return err
	}
	if cron != nil {
		var err error
		j.fires, err = s.cron.NewJob(gocron.CronJob(schedule.Cron, false), gocron.NewTask(s.due, dataset), gocron.WithCronImplementation(fires{cron}), gocron.WithName(dataset))
		if err != nil {
			return fmt.Errorf("schedule of %s: %w", dataset, err)
		}
		j.cron = cron
	}
	s.settle(j)
	return nil
}

// unschedule takes a job's schedule away.
func (s *Scheduler) unschedule(j *job) error {
	if j.timer != nil && j.state.Retry == 0 { // a jitter belongs to the schedule
		j.stopTimer()
	}
	if j.cron == nil {
		return nil
	}
	j.cron, j.fired = nil, time.Time{}
	if err := s.cron.RemoveJob(j.fires.ID()); err != nil && !errors.Is(err, gocron.ErrJobNotFound) {
		return fmt.Errorf("job: %w", err)
	}
	return nil
}

// forget drops the job of a dataset that is gone. A run that is on ends as it will.
func (s *Scheduler) forget(dataset string, j *job) error {
	j.stopTimer()
	s.drop(dataset)
	return s.unschedule(j)
}

// stopTimer gives up a jitter or retry that is to come.
func (j *job) stopTimer() {
	if j.timer != nil {
		j.timer.Stop()
	}
	j.timer, j.state.Retry = nil, 0
	j.turn++
}

// settle works out when a job runs next, and tells whoever watches.
func (s *Scheduler) settle(j *job) {
	if j.timer == nil {
		j.state.Next = time.Time{}
		if j.cron != nil {
			j.state.Next = j.cron.Next(s.Clock.Now())
		}
	}
	s.tell(j.state)
}

// Run catches up what was missed and then runs datasets until the context ends. It returns when the run that is on then has ended. It can be
// called once.
func (s *Scheduler) Run(ctx context.Context) error {
	now := s.Clock.Now() // what comes later is gocron's
	s.cron.Start()
	if err := s.catchUp(ctx, now); err != nil {
		return errors.Join(err, s.stop())
	}
	for idle := false; ctx.Err() == nil; {
		if r, ok := s.next(); ok {
			s.run(ctx, r)
			continue
		}
		if !idle && s.Idle != nil {
			s.Idle()
		}
		idle = true
		select {
		case <-ctx.Done():
		case <-s.wake:
		}
	}
	return s.stop()
}

// stop ends the schedules.
func (s *Scheduler) stop() error {
	err := s.cron.Shutdown()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.jobs {
		j.stopTimer()
		j.cron, j.state.Waiting = nil, false
		s.settle(j)
	}
	s.queue = nil
	if err != nil {
		return fmt.Errorf("job: stopping the schedules: %w", err)
	}
	return nil
}

// catchUp asks for what should have run while the program did not, until now, and for what runs at every start.
func (s *Scheduler) catchUp(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	order := append([]string(nil), s.order...)
	s.mu.Unlock()
	slices.SortStableFunc(order, func(a, b string) int { return s.late(a) - s.late(b) })
	for _, id := range order {
		last, ok, err := s.Runner.LastRun(ctx, id)
		if err != nil {
			return fmt.Errorf("last run of %s: %w", id, err)
		}
		s.mu.Lock()
		switch j := s.jobs[id]; {
		case j == nil:
		case j.cron == nil && s.AtStart:
			s.enqueue(id, j, How{Trigger: kpi.TriggerStart, Attempt: 1})
		case j.cron != nil:
			if how, late := missed(j, last, ok, now); late {
				s.Logger.Info("a run is caught up", "dataset", id, "last", last.Started, "attempt", how.Attempt)
				s.enqueue(id, j, how)
			}
		}
		s.mu.Unlock()
	}
	return nil
}

// late is 1 for a dataset of what the program itself records: it runs after the others, so that it tells of them.
func (s *Scheduler) late(dataset string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[dataset]; j != nil && j.last {
		return 1
	}
	return 0
}

// missed reports whether a dataset should have run since its last run, and how it is to be run now.
func missed(j *job, last kpi.Load, ran bool, now time.Time) (How, bool) {
	switch {
	case !ran:
		return How{Trigger: kpi.TriggerStart, Attempt: 1}, true
	case !j.cron.Next(last.Started).After(now), last.State == kpi.LoadAbandoned:
		return How{Trigger: kpi.TriggerMissed, Attempt: 1}, true
	case last.State == kpi.LoadFailed && byItself(last.Trigger) && last.Attempt <= j.schedule.Retries:
		return How{Trigger: kpi.TriggerMissed, Attempt: last.Attempt + 1}, true
	}
	return How{}, false
}

// byItself reports whether nobody asked for a run: then nobody looks, and it is tried again.
func byItself(t kpi.Trigger) bool {
	return t == kpi.TriggerSchedule || t == kpi.TriggerMissed || t == kpi.TriggerStart
}

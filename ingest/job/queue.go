package job

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
)

// Ask lets a dataset run now, or as soon as the run that is on has ended. accepted names who accepts whatever number of rows comes; empty
// if nobody does. It fails with [kpi.CodeNotFound] if there is no such dataset and with [kpi.CodeConflict] if its run is on.
func (s *Scheduler) Ask(dataset, accepted string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[dataset]
	if j == nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is no dataset %q", dataset)
	}
	if s.now == dataset {
		return kpi.Errorf(kpi.CodeConflict, "dataset %s is being loaded; ask again when that has ended", dataset)
	}
	s.enqueue(dataset, j, How{Trigger: kpi.TriggerPerson, Attempt: 1, Accepted: accepted})
	return nil
}

// due is called when the time of a schedule has come.
func (s *Scheduler) due(dataset string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[dataset]
	if j == nil || j.cron == nil {
		return
	}
	// gocron says a time twice if the clock comes to the next one before it has noted that the one before was told: a machine that slept does that.
	now := s.Clock.Now()
	if !j.fired.IsZero() && j.cron.Next(j.fired).After(now) {
		return
	}
	j.fired = now
	how := How{Trigger: kpi.TriggerSchedule, Attempt: 1}
	if j.schedule.Jitter > 0 && s.now != dataset {
		s.later(dataset, j, s.Jitter(j.schedule.Jitter), how)
		return
	}
	s.enqueue(dataset, j, how)
}

// later asks for a run after a delay, in place of any other that was to come.
func (s *Scheduler) later(dataset string, j *job, in time.Duration, how How) {
	j.stopTimer()
	j.state.Next, j.state.Retry = s.Clock.Now().Add(in), how.Attempt-1
	turn := j.turn
	j.timer = s.Clock.AfterFunc(in, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if j.turn == turn {
			s.enqueue(dataset, j, how)
		}
	})
	s.settle(j)
}

// enqueue asks for a run, unless it is on or waits already. Somebody who accepts a number of rows accepts it for the run that waits.
func (s *Scheduler) enqueue(dataset string, j *job, how How) {
	j.stopTimer()
	at := slices.IndexFunc(s.queue, func(r request) bool { return r.dataset == dataset })
	switch {
	case s.now == dataset:
		s.Logger.Info("a run is left out: the one before it is still on", "dataset", dataset)
	case at >= 0 && how.Accepted != "":
		s.queue[at].how = how
	case at < 0:
		j.state.Waiting = s.now != "" || len(s.queue) > 0
		s.queue = append(s.queue, request{dataset, how})
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	s.settle(j)
}

// drop takes a dataset out of the queue.
func (s *Scheduler) drop(dataset string) {
	s.queue = slices.DeleteFunc(s.queue, func(r request) bool { return r.dataset == dataset })
}

// next takes the oldest request from the queue: its run is on from now.
func (s *Scheduler) next() (request, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return request{}, false
	}
	r := s.queue[0]
	s.queue = s.queue[1:]
	j := s.jobs[r.dataset]
	s.now = r.dataset
	j.stopTimer()
	j.state.Running, j.state.Waiting, j.state.Trigger, j.state.Started, j.state.Progress = true, false, r.how.Trigger, s.Clock.Now(), kpi.Progress{}
	s.settle(j)
	return r, true
}

// run does what was asked for, and asks again if it failed in a way that may pass.
func (s *Scheduler) run(ctx context.Context, r request) {
	err := s.Runner.Run(ctx, r.dataset, r.how)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = ""
	j := s.jobs[r.dataset]
	if j == nil { // gone in the meantime
		return
	}
	j.state.Running, j.state.Trigger, j.state.Started, j.state.Progress = false, "", time.Time{}, kpi.Progress{}
	if err != nil {
		s.Logger.Warn("a run failed", "dataset", r.dataset, "trigger", r.how.Trigger, "attempt", r.how.Attempt, "error", err)
		if ctx.Err() == nil && s.retry(j, r, err) {
			return
		}
	}
	s.settle(j)
}

// The delay before a first retry if the schedule does not say, and the longest one.
const (
	firstDelay   = 5 * time.Minute
	longestDelay = 24 * time.Hour
)

// retry asks again for a run that failed, if that may help.
func (s *Scheduler) retry(j *job, r request, err error) bool {
	if j.cron == nil || !byItself(r.how.Trigger) || r.how.Attempt > j.schedule.Retries || !MayPass(err) {
		return false
	}
	in := delay(j.schedule.RetryIn, r.how.Attempt)
	if now := s.Clock.Now(); !now.Add(in).Before(j.cron.Next(now)) {
		return false
	}
	how := r.how
	how.Attempt++
	s.later(r.dataset, j, in, how)
	return true
}

// delay is how long to wait after a failed try: twice as long each time.
func delay(first time.Duration, attempt int) time.Duration {
	if first <= 0 {
		first = firstDelay
	}
	for ; attempt > 1 && first < longestDelay; attempt-- {
		first *= 2
	}
	return min(first, longestDelay)
}

// MayPass reports whether a failure may pass by itself: see the package comment.
func MayPass(err error) bool {
	code := kpi.ErrorCode(err)
	return code == kpi.CodeUnready || code == kpi.CodeInternal
}

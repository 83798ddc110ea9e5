package job

import (
	"context"
	"slices"
	"sync"

	"citystat/kpi"
)

// States returns where the jobs of all datasets stand, in the order of the folder.
func (s *Scheduler) States() []kpi.RunState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states()
}

func (s *Scheduler) states() []kpi.RunState {
	list := make([]kpi.RunState, len(s.order))
	for i, id := range s.order {
		list[i] = s.jobs[id].state
	}
	return list
}

// Report notes the progress of the run that is on. It is for the runner, as often as it likes.
func (s *Scheduler) Report(p kpi.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[p.Dataset]; j != nil && s.now == p.Dataset {
		j.state.Progress = p
		s.tell(j.state)
	}
}

// Watch returns a channel that yields the state of every dataset, and then each state that changes, until the context ends; then it is closed.
// Somebody who is slow misses states in between and always gets the newest one; nobody ever waits for him.
func (s *Scheduler) Watch(ctx context.Context) <-chan kpi.RunState {
	w := &watcher{news: map[string]kpi.RunState{}, wake: make(chan struct{}, 1)}
	out := make(chan kpi.RunState)
	s.mu.Lock()
	for _, state := range s.states() {
		w.put(state)
	}
	s.watchers[w] = true
	s.mu.Unlock()
	go func() {
		w.pass(ctx, out)
		s.mu.Lock()
		delete(s.watchers, w)
		s.mu.Unlock()
		close(out)
	}()
	return out
}

// tell gives a state to whoever watches.
func (s *Scheduler) tell(state kpi.RunState) {
	for w := range s.watchers {
		w.put(state)
	}
}

// watcher keeps what somebody has not been told yet: at most one state of each dataset.
type watcher struct {
	mu    sync.Mutex
	news  map[string]kpi.RunState
	order []string // the dataset that has waited longest first
	wake  chan struct{}
}

func (w *watcher) put(state kpi.RunState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, waits := w.news[state.Dataset]; !waits {
		w.order = append(w.order, state.Dataset)
	}
	w.news[state.Dataset] = state
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) take() (kpi.RunState, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.order) == 0 {
		return kpi.RunState{}, false
	}
	id := w.order[0]
	w.order = slices.Delete(w.order, 0, 1)
	state := w.news[id]
	delete(w.news, id)
	return state, true
}

// pass hands the news on until the context ends.
func (w *watcher) pass(ctx context.Context, out chan<- kpi.RunState) {
	for {
		state, ok := w.take()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-w.wake:
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case out <- state:
		}
	}
}

package auth

import (
	"net/netip"
	"sync"
	"time"
)

// Throttle slows down whoever tries passwords. It counts what went wrong within a window, by account, by network, and by both; beyond a number
// nothing is tried until the window has passed. A stranger who fails for somebody's account holds up his own network first: ten times as
// many from many networks are needed to hold up the person, and those who come with a link are never held up. It keeps a bounded number of counts and nothing on a disk. It is safe for many goroutines.
type Throttle struct {
	now     func() time.Time
	window  time.Duration
	both    int // wrong passwords for one account from one network within the window
	account int // for one account
	network int // from one network
	mu      sync.Mutex
	counts  map[string]*count
}

type count struct {
	n    int
	ends time.Time
}

// mostCounts bounds the memory; beyond it the counts that end first are let go of.
const mostCounts = 20_000

// NewThrottle allows ten wrong passwords for an account from a network, a hundred for an account and fifty from a network, in a quarter of an hour.
func NewThrottle(now func() time.Time) *Throttle {
	return &Throttle{now: now, window: 15 * time.Minute, both: 10, account: 100, network: 50, counts: map[string]*count{}}
}

// newAskThrottle allows three questions about an account from a network, five about an account and thirty from a network, in an hour.
func newAskThrottle(now func() time.Time) *Throttle {
	return &Throttle{now: now, window: time.Hour, both: 3, account: 5, network: 30, counts: map[string]*count{}}
}

// Wait returns how long nothing may be tried for an account from an address; 0 if something may.
func (t *Throttle) Wait(email, from string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	wait := time.Duration(0)
	for key, most := range t.limits(email, from) {
		if c := t.counts[key]; c != nil && c.n >= most && c.ends.After(now) {
			wait = max(wait, c.ends.Sub(now))
		}
	}
	return wait
}

// Failed counts a wrong password.
func (t *Throttle) Failed(email, from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for key := range t.limits(email, from) {
		c := t.counts[key]
		if c == nil || !c.ends.After(now) {
			t.room(now)
			c = &count{ends: now.Add(t.window)}
			t.counts[key] = c
		}
		c.n++
	}
}

// Worked forgets what went wrong for an account from a network.
func (t *Throttle) Worked(email, from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.counts, "b "+email+" "+network(from))
}

// limits are the counts that an attempt belongs to, and how much each allows.
func (t *Throttle) limits(email, from string) map[string]int {
	n := network(from)
	return map[string]int{"b " + email + " " + n: t.both, "a " + email: t.account, "n " + n: t.network}
}

// room makes room for one more count: those that have ended go, and then the one that ends first.
func (t *Throttle) room(now time.Time) {
	if len(t.counts) < mostCounts {
		return
	}
	first, ends := "", time.Time{}
	for key, c := range t.counts {
		if !c.ends.After(now) {
			delete(t.counts, key)
			continue
		}
		if first == "" || c.ends.Before(ends) {
			first, ends = key, c.ends
		}
	}
	if len(t.counts) >= mostCounts {
		delete(t.counts, first)
	}
}

// network is what an address is counted by: IPv4 by itself, IPv6 by its /64, which is one customer's.
func network(from string) string {
	a, err := netip.ParseAddr(from)
	if err != nil {
		return from
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

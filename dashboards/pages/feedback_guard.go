package pages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FeedbackLimits bound how much residents may write in an hour.
type FeedbackLimits struct {
	PerAddress int // from one address, or from one /64 of IPv6; 5 if 0
	Overall    int // from all together; 200 if 0
}

// limitWindow is the time for which the limits hold.
const limitWindow = time.Hour

// A form is filled in for no less and no more than this. Who sends it sooner or later is asked to send it again, and nothing is lost.
const (
	shortestForm = 2 * time.Second
	longestForm  = 24 * time.Hour
)

// letterbox guards the form for feedback against programs and against too much. It keeps no address: what it remembers for an hour is a
// number made of it with a seed that nobody knows and that ends with the program.
type letterbox struct {
	key    []byte
	seed   maphash.Seed
	limits FeedbackLimits

	mu     sync.Mutex
	recent []letter // of the last hour, oldest first; never more than limits.Overall
}

// letter is feedback that was let in.
type letter struct {
	at   time.Time
	from uint64
}

func newLetterbox(l FeedbackLimits) (*letterbox, error) {
	if l.PerAddress < 0 || l.Overall < 0 {
		return nil, errors.New("limits of feedback must not be negative")
	}
	if l.PerAddress == 0 {
		l.PerAddress = 5
	}
	if l.Overall == 0 {
		l.Overall = 200
	}
	b := &letterbox{key: make([]byte, 32), seed: maphash.MakeSeed(), limits: l}
	if _, err := rand.Read(b.key); err != nil {
		return nil, fmt.Errorf("key of the form for feedback: %w", err)
	}
	return b, nil
}

// admit lets feedback from an address in and returns 0, or says how long to wait.
func (b *letterbox) admit(from string, now time.Time) time.Duration {
	who := maphash.String(b.seed, network(from))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(now)
	var own []time.Time
	for _, l := range b.recent {
		if l.from == who {
			own = append(own, l.at)
		}
	}
	switch {
	case len(own) >= b.limits.PerAddress:
		return own[len(own)-b.limits.PerAddress].Add(limitWindow).Sub(now)
	case len(b.recent) >= b.limits.Overall:
		return b.recent[0].at.Add(limitWindow).Sub(now)
	}
	b.recent = append(b.recent, letter{now, who})
	return 0
}

// forget lets go of what is older than the window. If the clock was set back, what seems to lie ahead is taken as of now.
func (b *letterbox) forget(now time.Time) {
	kept := b.recent[:0]
	for _, l := range b.recent {
		if l.at.After(now) {
			l.at = now
		}
		if now.Sub(l.at) < limitWindow {
			kept = append(kept, l)
		}
	}
	b.recent = kept
}

// network is what counts as one address: all of IPv4, a /64 of IPv6, which is what one household has.
func network(from string) string {
	a, err := netip.ParseAddr(from)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// token says when a form was made, so that it can be told how long it was filled in. Nothing is kept of it.
func (b *letterbox) token(now time.Time) string {
	at := strconv.FormatInt(now.Unix(), 36)
	return at + "." + b.sign(at)
}

func (b *letterbox) sign(at string) string {
	h := hmac.New(sha256.New, b.key)
	h.Write([]byte(at))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// check reports whether a form was filled in for as long as people need, and returns the token for sending it again: the same while it
// holds, so that whoever mends a mistake need not wait.
func (b *letterbox) check(token string, now time.Time) (again string, patient bool) {
	at, signed, _ := strings.Cut(token, ".")
	seconds, err := strconv.ParseInt(at, 36, 64)
	if err != nil || !hmac.Equal([]byte(signed), []byte(b.sign(at))) {
		return b.token(now), false
	}
	switch age := now.Sub(time.Unix(seconds, 0)); {
	case age < 0 || age > longestForm:
		return b.token(now), false
	case age < shortestForm:
		return token, false
	}
	return token, true
}

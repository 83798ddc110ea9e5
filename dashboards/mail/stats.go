package mail

import (
	"context"
	"errors"
	"sync/atomic"
)

// Results of sending a mail.
const (
	resultSent    = "sent"
	resultFailed  = "failed"
	resultUnknown = "unknown" // the connection was lost when the server had it
)

// Results lists the results.
var Results = []string{resultSent, resultFailed, resultUnknown}

// Stats counts mails by their result. It is safe for many goroutines.
type Stats struct{ sent, failed, unknown atomic.Int64 }

func (s *Stats) of(result string) *atomic.Int64 {
	return map[string]*atomic.Int64{resultSent: &s.sent, resultFailed: &s.failed, resultUnknown: &s.unknown}[result]
}

func (s *Stats) add(result string) { s.of(result).Add(1) }

// Counts returns the counts.
func (s *Stats) Counts() map[string]int64 {
	m := map[string]int64{}
	for _, r := range Results {
		m[r] = s.of(r).Load()
	}
	return m
}

// settle counts what became of a mail, err being what its sending said, and writes it down with end, whose failure is "" of one that was sent. Of a mail of which nobody
// knows whether it was taken nothing is written down: it stays begun, and is not sent again.
func (s *Stats) settle(ctx context.Context, err error, end func(failure string) error) error {
	var unknown UnknownError
	if errors.As(err, &unknown) {
		s.add(resultUnknown)
		return err
	}
	if err != nil && ctx.Err() != nil {
		return err // the program ends: whether it was taken is not known
	}
	failure := ""
	if err != nil {
		failure = line(err.Error())
		s.add(resultFailed)
	} else {
		s.add(resultSent)
	}
	return errors.Join(err, end(failure))
}

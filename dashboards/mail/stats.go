package mail

import "sync/atomic"

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

package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"citystat/kpi"
)

// Counter says how much feedback there is in each state.
type Counter interface {
	CountFeedback(ctx context.Context) (map[kpi.FeedbackState]int, error)
}

// Feedback counts what residents wrote and what became of it. What they wrote is nowhere in /metrics.
type Feedback struct {
	counter Counter
	log     *slog.Logger
	total   *prometheus.Desc
	open    *prometheus.Desc
}

// NewFeedback returns the collector. Without a counter it has no series.
func NewFeedback(c Counter, log *slog.Logger) *Feedback {
	return &Feedback{
		counter: c, log: log,
		total: prometheus.NewDesc("citystat_feedback_total", "Feedback by what became of it: all that was received, answered in public, closed without an answer.", []string{"state"}, nil),
		open:  prometheus.NewDesc("citystat_feedback_open", "Feedback that waits for an answer.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (f *Feedback) Describe(ch chan<- *prometheus.Desc) {
	ch <- f.total
	ch <- f.open
}

// Collect implements prometheus.Collector.
func (f *Feedback) Collect(ch chan<- prometheus.Metric) {
	if f.counter == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	counts, err := f.counter.CountFeedback(ctx)
	if err != nil {
		f.log.Error("feedback cannot be counted for /metrics", "err", err)
		return
	}
	received := 0
	for _, s := range kpi.FeedbackStates {
		received += counts[s]
	}
	for _, c := range []struct {
		state string
		n     int
	}{{"received", received}, {"answered", counts[kpi.FeedbackAnswered]}, {"closed", counts[kpi.FeedbackClosed]}} {
		ch <- prometheus.MustNewConstMetric(f.total, prometheus.CounterValue, float64(c.n), c.state)
	}
	ch <- prometheus.MustNewConstMetric(f.open, prometheus.GaugeValue, float64(counts[kpi.FeedbackOpen]))
}

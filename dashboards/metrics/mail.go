package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Mail counts mails by what became of them. Who got one is nowhere in /metrics.
type Mail struct {
	counts func() map[string]int64
	total  *prometheus.Desc
}

// NewMail returns the collector. Without counts it has no series.
func NewMail(counts func() map[string]int64) *Mail {
	return &Mail{counts, prometheus.NewDesc("citystat_mail_total", "Mails since the program began, by result: sent, failed, unknown (the connection was lost when the server had it).", []string{"result"}, nil)}
}

// Describe implements prometheus.Collector.
func (m *Mail) Describe(ch chan<- *prometheus.Desc) { ch <- m.total }

// Collect implements prometheus.Collector.
func (m *Mail) Collect(ch chan<- prometheus.Metric) {
	if m.counts == nil {
		return
	}
	counts := m.counts()
	for _, result := range slices.Sorted(maps.Keys(counts)) {
		ch <- prometheus.MustNewConstMetric(m.total, prometheus.CounterValue, float64(counts[result]), result)
	}
}

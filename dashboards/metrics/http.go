package metrics

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RouteOther is the route of a request that no route matched.
const RouteOther = "other"

// HTTP counts what the server answers, and how long that takes.
type HTTP struct {
	routes  map[string]bool
	seconds *prometheus.HistogramVec
}

// NewHTTP registers the histogram of answers. The routes are those that the server has (its patterns, such as
// /api/v1/indicators/:id): no other can become a label.
func NewHTTP(reg prometheus.Registerer, routes []string) (*HTTP, error) {
	h := &HTTP{routes: map[string]bool{}}
	for _, r := range routes {
		h.routes[r] = true
	}
	h.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "citystat_http_request_duration_seconds",
		Help:    "Time from the request's header to the end of the handler.",
		Buckets: []float64{0.001, 0.005, 0.025, 0.1, 0.25, 1, 2.5, 10},
	}, []string{"route", "method", "code"})
	if err := reg.Register(h.seconds); err != nil {
		return nil, fmt.Errorf("register the histogram of requests: %w", err)
	}
	return h, nil
}

// methods that have a label of their own.
func methodLabel(m string) string {
	if slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost}, m) {
		return m
	}
	return RouteOther
}

// Observe notes one answer. status is the HTTP status; it becomes a class such as 2xx.
func (h *HTTP) Observe(route, method string, status int, took time.Duration) {
	if !h.routes[route] {
		route = RouteOther
	}
	h.seconds.WithLabelValues(route, methodLabel(method), class(status)).Observe(took.Seconds())
}

func class(status int) string {
	switch status / 100 {
	case 1:
		return "1xx"
	case 2:
		return "2xx"
	case 3:
		return "3xx"
	case 4:
		return "4xx"
	}
	return "5xx"
}

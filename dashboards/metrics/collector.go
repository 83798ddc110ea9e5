package metrics

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// The bounds of what a scrape can hold.
const (
	Window    = 13     // newest periods of each indicator
	MaxSeries = 20_000 // series in all
)

// scrapeTime bounds the reading of the scorecard during a scrape.
const scrapeTime = 5 * time.Second

// Options are what the collector needs.
type Options struct {
	// Published returns the scorecard that the public sees; nil if there is none yet.
	Published func(context.Context) (*scorecard.Scorecard, error)
	Now       func() time.Time // the clock, for the age of data; time.Now if nil
	Logger    *slog.Logger     // slog.Default() if nil
}

// descs are the descriptions of the collector's series.
type descs struct {
	publication, value, rows, excluded, target, low, high, expected, status, omitted *prometheus.Desc
	toDate, signal, outlook                                                          *prometheus.Desc
	age, loaded, state, loadRows, rejects                                            *prometheus.Desc
}

func newDescs() descs {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("citystat_"+name, help, labels, nil)
	}
	return descs{
		publication: d("publication_info", "The publication that all indicator series are of.", "city", "publication", "data_version", "as_of"),
		value:       d("indicator_value", "Published value in the indicator's unit; dimension and member are empty for the whole city.", "indicator", "period", "dimension", "member"),
		rows:        d("indicator_rows", "Rows counted in a period, whole city.", "indicator", "period"),
		excluded:    d("indicator_excluded_rows", "Rows left out, by reason, whole city: judged period and total.", "indicator", "period", "reason"),
		target:      d("indicator_target", "Target that governs the judged period.", "indicator"),
		low:         d("indicator_target_low", "Lower end of the target range.", "indicator"),
		high:        d("indicator_target_high", "Upper end of the target range.", "indicator"),
		expected:    d("indicator_expected", "Where the trajectory is at the end of the judged period.", "indicator"),
		status:      d("indicator_status", "1 for the status that the indicator has.", "indicator", "status"),
		toDate:      d("indicator_year_to_date", "Of what adds up in a year: its total until the end of the judged period, which the target is for.", "indicator"),
		signal:      d("indicator_signal", "1 for the signal that the indicator has.", "indicator", "signal"),
		outlook:     d("indicator_outlook_probability", "Estimated chance that the target is met, 0.05 to 0.95.", "indicator"),
		omitted:     d("indicator_series_omitted", "Series of observations left out because there would be too many."),
		age:         d("data_age_seconds", "Time since the end of the newest day that a row of the dataset speaks of.", "dataset"),
		loaded:      d("load_timestamp_seconds", "When the newest live load became visible.", "dataset"),
		state:       d("load_state", "1 for the state of the dataset's newest load.", "dataset", "state"),
		loadRows:    d("load_rows", "Rows of the newest live load, by outcome.", "dataset", "outcome"),
		rejects:     d("rejects", "Rows that were refused in the newest live load, or since everything was last fetched, by reason.", "dataset", "reason"),
	}
}

func (d descs) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		d.publication, d.value, d.rows, d.excluded, d.target, d.low, d.high, d.expected, d.status, d.omitted,
		d.toDate, d.signal, d.outlook, d.age, d.loaded, d.state, d.loadRows, d.rejects,
	}
}

// Collector makes the series of the published scorecard anew for each scrape.
type Collector struct {
	opts Options
	d    descs
}

// NewCollector returns a collector of the published scorecard. Register it with a registry of the server's own.
func NewCollector(o Options) *Collector {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Collector{opts: o, d: newDescs()}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.d.all() {
		ch <- d
	}
}

// Collect implements prometheus.Collector. Before the first publication there are no series.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	card, err := c.opts.Published(ctx)
	if err != nil {
		c.opts.Logger.ErrorContext(ctx, "scrape without indicators: the published scorecard cannot be read", "err", err)
		return
	}
	if card == nil {
		return
	}
	s := &scrape{ch: ch, d: c.d, left: MaxSeries - 1} // one is kept for the count of what is left out
	s.gauge(s.d.publication, 1, card.City.ID, strconv.FormatInt(card.Number, 10), strconv.FormatInt(card.Version, 10), card.AsOf.String())
	s.datasets(card, c.opts.Now())
	s.indicators(card)
	s.ch <- prometheus.MustNewConstMetric(s.d.omitted, prometheus.GaugeValue, float64(s.omitted))
}

// scrape is one answer. It counts what it hands out, and what it keeps back.
type scrape struct {
	ch            chan<- prometheus.Metric
	d             descs
	left, omitted int
}

func (s *scrape) gauge(d *prometheus.Desc, v float64, labels ...string) {
	if s.left <= 0 {
		s.omitted++
		return
	}
	s.left--
	s.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (s *scrape) maybe(d *prometheus.Desc, v *float64, labels ...string) {
	if v != nil {
		s.gauge(d, *v, labels...)
	}
}

// indicators hands out what matters most first: what is judged, then the city's periods, then the members'.
func (s *scrape) indicators(card *scorecard.Scorecard) {
	var public []*scorecard.Result
	for i := range card.Results {
		if card.Results[i].Indicator.Public {
			public = append(public, &card.Results[i])
		}
	}
	for _, r := range public {
		s.assessment(r)
	}
	for _, r := range public {
		s.city(r)
	}
	need := 0
	for _, r := range public {
		need += len(memberValues(r, false))
	}
	tight := need > s.left
	for _, r := range public {
		list := memberValues(r, tight)
		for _, o := range list {
			s.gauge(s.d.value, *o.Value, o.Indicator, o.Period, o.Dimension, o.Member)
		}
		if tight {
			s.omitted += len(memberValues(r, false)) - len(list)
		}
	}
}

func (s *scrape) assessment(r *scorecard.Result) {
	id, a := r.Indicator.ID, r.Assessment
	for _, status := range kpi.Statuses {
		s.gauge(s.d.status, one(status == a.Status), id, string(status))
	}
	for _, kind := range kpi.SignalKinds {
		s.gauge(s.d.signal, one(kind == a.Signal.Kind), id, string(kind))
	}
	if a.Outlook != nil {
		s.gauge(s.d.outlook, a.Outlook.Probability, id)
	}
	s.maybe(s.d.toDate, a.Judged, id)
	switch t := a.Target; {
	case t == nil:
	case r.Indicator.Direction == kpi.Range:
		s.gauge(s.d.low, t.Low, id)
		s.gauge(s.d.high, t.High, id)
	default:
		s.gauge(s.d.target, t.Value, id)
	}
	s.maybe(s.d.expected, a.Expected, id)
	if o := r.Observation(a.Period, "", ""); o == nil || shown(*o) {
		s.excluded(id, a.Period, a.Excluded)
	}
	if r.Total != nil && shown(*r.Total) {
		s.excluded(id, kpi.PeriodTotal, r.Total.Excluded)
	}
}

// one is 1 for what holds, and 0 for what does not.
func one(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// shown reports whether the numbers of an observation are published. One that is held back to protect people has no series: not even a row
// count of 0, which would be another number than the true one.
func shown(o kpi.Observation) bool { return o.Suppressed == kpi.NotSuppressed }

func (s *scrape) excluded(id, period string, by map[string]int64) {
	for reason, n := range by {
		if period != "" && kpi.ValidID(reason) {
			s.gauge(s.d.excluded, float64(n), id, period, reason)
		}
	}
}

func (s *scrape) city(r *scorecard.Result) {
	id := r.Indicator.ID
	if r.Total != nil && shown(*r.Total) {
		s.maybe(s.d.value, r.Total.Value, id, kpi.PeriodTotal, "", "")
		s.gauge(s.d.rows, float64(r.Total.Rows), id, kpi.PeriodTotal)
	}
	for _, p := range window(r) {
		if !shown(p.Observation) {
			continue
		}
		s.maybe(s.d.value, p.Observation.Value, id, p.Period.ID, "", "")
		s.gauge(s.d.rows, float64(p.Observation.Rows), id, p.Period.ID)
	}
}

// window is the newest periods of a series.
func window(r *scorecard.Result) []scorecard.Point { return r.Series[max(0, len(r.Series)-Window):] }

// memberValues are the members' observations with a value: of the window and the total, or of the judged period only.
func memberValues(r *scorecard.Result, judgedOnly bool) []kpi.Observation {
	wanted := map[string]bool{}
	if judgedOnly {
		wanted[r.Assessment.Period] = true
	} else {
		for _, p := range window(r) {
			wanted[p.Period.ID] = true
		}
	}
	var list []kpi.Observation
	for i := range r.Members {
		m := &r.Members[i]
		if !judgedOnly && m.Total != nil && m.Total.Value != nil && shown(*m.Total) {
			list = append(list, *m.Total)
		}
		for j := range m.Series {
			if wanted[m.Series[j].Period] && m.Series[j].Value != nil && shown(m.Series[j]) {
				list = append(list, m.Series[j])
			}
		}
	}
	return list
}

// datasets says how fresh and how clean the data are.
func (s *scrape) datasets(card *scorecard.Scorecard, now time.Time) {
	zone := time.UTC
	if cal, err := card.City.Calendar(); err == nil {
		zone = cal.Location
	}
	for i := range card.Datasets {
		d := &card.Datasets[i]
		s.loadState(d)
		if !d.DataUntil.IsZero() {
			s.gauge(s.d.age, max(0, now.Sub(d.DataUntil.EndIn(zone)).Seconds()), d.Dataset)
		}
		if d.Last != nil {
			s.lastLoad(d)
		}
		for reason, n := range rejectsByReason(d.Rejects) {
			s.gauge(s.d.rejects, float64(n), d.Dataset, reason)
		}
	}
}

func (s *scrape) loadState(d *kpi.DatasetState) {
	state := "none"
	switch {
	case d.Failed != nil:
		state = string(kpi.LoadFailed)
	case d.Last != nil:
		state = string(kpi.LoadLive)
	}
	for _, known := range []string{string(kpi.LoadLive), string(kpi.LoadFailed), "none"} {
		s.gauge(s.d.state, one(known == state), d.Dataset, known)
	}
}

func (s *scrape) lastLoad(d *kpi.DatasetState) {
	if at := d.Last.LiveAt; !at.IsZero() {
		s.gauge(s.d.loaded, float64(at.UnixMilli())/1000, d.Dataset)
	}
	c := d.Last.Counts
	for _, row := range []struct {
		outcome string
		n       int64
	}{
		{"accepted", c.Accepted}, {"rejected", c.Rejected}, {"skipped", c.Skipped},
		{"new", c.New}, {"restated", c.Restated}, {"gone", c.Gone},
	} {
		s.gauge(s.d.loadRows, float64(row.n), d.Dataset, row.outcome)
	}
}

// rejectsByReason adds the groups of all columns: a column's name is the source's and does not belong in a label. So does a reason
// that is no code.
func rejectsByReason(groups []kpi.RejectGroup) map[string]int64 {
	by := map[string]int64{}
	for _, g := range groups {
		reason := g.Reason
		if !isCode(reason) {
			reason = "other"
		}
		by[reason] += g.Rows
	}
	return by
}

// isCode reports whether s has the form of a code of this program, such as bad_timestamp.
func isCode(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

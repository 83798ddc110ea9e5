package scorecard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// memory is a Reader over values in memory. It counts how often observations are read.
type memory struct {
	record       Record
	mu           sync.Mutex
	city         *kpi.City
	folder       int
	version      int64
	liveAt       time.Time
	observations []kpi.Observation
	datasets     []kpi.DatasetState
	reads        int
	during       func(*memory) // called while observations are read
	fail         map[string]error
}

func (m *memory) Definitions(context.Context, kpi.At) (*kpi.City, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.city, m.folder, m.fail["definitions"]
}

func (m *memory) Version(context.Context, kpi.At) (int64, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version, m.liveAt, m.fail["version"]
}

func (m *memory) Observations(_ context.Context, _ *kpi.City, _ kpi.At) ([]kpi.Observation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.during != nil {
		m.during(m)
	}
	return m.observations, m.fail["observations"]
}

func (m *memory) Record(context.Context, *kpi.City, kpi.At) (Record, error) { return m.record, nil }

func (m *memory) Datasets(context.Context, *kpi.City, kpi.At) ([]kpi.DatasetState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.datasets, m.fail["datasets"]
}

func date(s string) kpi.Date {
	d, err := kpi.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr(v float64) *float64 { return &v }

// city has a share, a count and a private mean over one dataset, and a share over a private one.
func city() *kpi.City {
	share := kpi.Indicator{ID: "lights-on-time", Dataset: "requests", Priority: "streets", Department: "works", Measure: kpi.Measure{Kind: kpi.MeasureShare}, Unit: kpi.Percent,
		Direction: kpi.Up, Period: kpi.Month, SettlesAfter: 7, Minimum: 10, Trajectory: kpi.TrajectoryLinear, Dimensions: []string{kpi.DimensionDistrict}, Public: true, Version: 1,
		Baseline: &kpi.Baseline{Value: 60, Date: date("2014-12-31")}, Targets: []kpi.Target{{By: date("2015-12-31"), Value: 80}}, PairedWith: []string{"days-to-close", "lights"}}
	count := kpi.Indicator{ID: "lights", Dataset: "requests", Priority: "streets", Department: "works", Measure: kpi.Measure{Kind: kpi.MeasureCount}, Unit: kpi.Number,
		Direction: kpi.Neutral, Period: kpi.Month, Dimensions: []string{kpi.DimensionDistrict}, Public: true, Version: 1}
	mean := kpi.Indicator{ID: "days-to-close", Dataset: "requests", Priority: "streets", Department: "works", Measure: kpi.Measure{Kind: kpi.MeasureMean}, Unit: kpi.Days,
		Direction: kpi.Down, Period: kpi.Month, Version: 1}
	private := kpi.Indicator{ID: "sick-days", Dataset: "staff", Priority: "house", Department: "hr", Measure: kpi.Measure{Kind: kpi.MeasureMean}, Direction: kpi.Down, Period: kpi.Month, Version: 1}
	return &kpi.City{ID: "c", Languages: []kpi.Lang{kpi.English}, TimeZone: "America/New_York", FiscalStart: time.July, Bands: kpi.DefaultBands,
		Districts: []kpi.District{{ID: "south"}, {ID: "north"}}, People: []kpi.Person{{ID: "p", Name: "A Name"}},
		Datasets:   []kpi.Dataset{{ID: "requests"}, {ID: "staff"}},
		Indicators: []kpi.Indicator{share, count, mean, private}}
}

// observe makes an observation of a share (or of a count, if denominator is 0).
func observe(indicator, period, member string, numerator, denominator float64) kpi.Observation {
	o := kpi.Observation{Indicator: indicator, Version: 1, Period: period, Member: member, Numerator: ptr(numerator), Rows: int64(denominator), Load: 1, AsOf: date("2016-01-12")}
	o.Value = ptr(numerator)
	if denominator > 0 {
		o.Denominator, o.Value = ptr(denominator), ptr(100*numerator/denominator)
	}
	if member != "" {
		o.Dimension = kpi.DimensionDistrict
	}
	return o
}

func reader() *memory {
	m := &memory{city: city(), folder: 3, version: 7, liveAt: time.Date(2016, 1, 13, 4, 0, 0, 0, time.UTC), fail: map[string]error{}}
	for k, on := range []float64{61, 63, 60, 64, 62, 65, 63, 66, 64, 67, 70, 72} {
		period := fmt.Sprintf("2015-%02d", k+1)
		m.observations = append(m.observations, observe("lights-on-time", period, "", on, 100), observe("lights-on-time", period, "north", on/2, 50), observe("lights-on-time", period, "south", on/4, 25))
	}
	m.observations = append(m.observations,
		observe("lights-on-time", "2016-01", "", 2, 3), observe("lights-on-time", kpi.PeriodTotal, "", 780, 1203), observe("lights-on-time", kpi.PeriodTotal, "north", 400, 600),
		observe("lights-on-time", "2015-03", kpi.MemberNotRecorded, 1, 25), observe("lights-on-time", "2015-03", kpi.MemberNotRecognised, 1, 25), observe("lights-on-time", "2015-03", "west", 1, 25),
		observe("lights", "2015-01", "", 5, 0), observe("lights", "2015-05", "", 9, 0), observe("lights", "2015-05", "north", 9, 0), observe("sick-days", "2015-05", "", 9, 3))
	m.datasets = []kpi.DatasetState{{Dataset: "requests", DataUntil: date("2015-08-10"), Last: &kpi.Load{ID: 7}}, {Dataset: "staff"}}
	return m
}

func build(t *testing.T, m *memory, asOf string) *Scorecard {
	t.Helper()
	card, err := NewBuilder(m).Build(t.Context(), kpi.At{AsOf: date(asOf)})
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func TestBuild(t *testing.T) {
	m := reader()
	card := build(t, m, "2016-01-12")
	if card.Version != 7 || card.Folder != 3 || !card.KnownAt.Equal(m.liveAt) || card.AsOf != date("2016-01-12") || len(card.Results) != 4 || len(card.Datasets) != 2 {
		t.Errorf("scorecard %+v", card)
	}
	r := card.Result("lights-on-time")
	if len(r.Series) != 13 || r.Series[0].Period.ID != "2015-01" || r.Series[12].Period.ID != "2016-01" {
		t.Fatalf("series %+v", r.Series)
	}
	if r.Total == nil || r.Total.Rows != 1203 || *r.Observation("2015-12", "", "").Value != 72 || *r.Observation("2015-12", kpi.DimensionDistrict, "south").Value != 72 {
		t.Errorf("total %+v", r.Total)
	}
	december, january := r.Series[11], r.Series[12]
	if !december.Settled || december.Observation.Partial || december.Observation.Provisional || *december.Expected != 80 {
		t.Errorf("December %+v", december)
	}
	if january.Settled || !january.Observation.Partial || !january.Observation.Provisional {
		t.Errorf("January %+v", january)
	}
	a := r.Assessment
	if a.Status != kpi.Behind || a.Period != "2015-12" || *a.Value != 72 || a.Rows != 100 || *a.Pace != 0.6 || a.Newest != "2016-01" || !a.Has(kpi.FlagPartial) {
		t.Errorf("assessment %+v", a)
	}
	if a.Signal.Points != 12 || a.Signal.Trial || a.Signal.Kind != kpi.Improving || a.Signal.Rule != "two_of_three" && a.Signal.Rule != "outside" || a.Signal.Mean == nil {
		t.Errorf("signal %+v", a.Signal)
	}
	var members []string
	for _, m := range r.Members {
		members = append(members, m.Member)
	}
	if got := strings.Join(members, " "); got != "south north west not-recognised not-recorded" {
		t.Errorf("members %s", got)
	}
	if total := r.Member(kpi.DimensionDistrict, "north").Total; total == nil || total.Rows != 600 {
		t.Errorf("total of a member %+v", total)
	}
	if empty := card.Result("days-to-close"); empty.Assessment.Status != kpi.NoData || empty.Series == nil || len(empty.Series) != 0 {
		t.Errorf("an indicator without observations: %+v", empty)
	}
}

func TestProvisionalBeforeItSettles(t *testing.T) {
	r := build(t, reader(), "2016-01-06").Result("lights-on-time")
	if r.Assessment.Period != "2015-11" || !r.Assessment.Has(kpi.FlagProvisional) || r.Series[11].Settled || !r.Series[11].Observation.Provisional || r.Series[11].Observation.Partial {
		t.Errorf("at the end of the sixth day December is not settled: %+v", r.Assessment)
	}
	if r := build(t, reader(), "2016-01-07").Result("lights-on-time"); r.Assessment.Period != "2015-12" {
		t.Errorf("at the end of the seventh it is: %+v", r.Assessment)
	}
}

func TestNothingAfterTheAsOfDate(t *testing.T) {
	r := build(t, reader(), "2015-06-10").Result("lights-on-time")
	if n := len(r.Series); n != 6 || r.Series[5].Period.ID != "2015-06" {
		t.Errorf("%d periods", n)
	}
	for _, m := range r.Members {
		for _, o := range m.Series {
			if o.Period > "2015-06" {
				t.Errorf("%s has %s", m.Member, o.Period)
			}
		}
	}
}

func TestGaps(t *testing.T) {
	r := build(t, reader(), "2016-01-12").Result("lights")
	var got []string
	for _, p := range r.Series {
		value := "-"
		if v := p.Observation.Value; v != nil {
			value = fmt.Sprint(*v)
		}
		got = append(got, p.Period.ID[2:]+"="+value)
	}
	// Rows are known until 10 August: a month without any is zero until July, and unknown after it.
	if want := "15-01=5 15-02=0 15-03=0 15-04=0 15-05=9 15-06=0 15-07=0 15-08=- 15-09=- 15-10=- 15-11=- 15-12=- 16-01=-"; strings.Join(got, " ") != want {
		t.Errorf("series %s\nwant   %s", strings.Join(got, " "), want)
	}
	if r.Assessment.Period != "2015-07" || !r.Assessment.Has(kpi.FlagStale) || r.Assessment.Status != kpi.NoTarget {
		t.Errorf("assessment %+v", r.Assessment)
	}
	m := reader()
	m.datasets = nil
	if p := build(t, m, "2016-01-12").Result("lights").Series[1]; p.Observation.Value == nil || *p.Observation.Value != 0 || p.Observation.Partial {
		t.Errorf("a month between two observed ones: %+v", p)
	}
	m.observations = append(m.observations, observe("lights", "0015-01", "", 1, 0))
	if n := len(build(t, m, "2016-01-12").Result("lights").Series); n != 14 {
		t.Errorf("a mistaken date of the year 15 makes %d periods, want 14", n)
	}
}

func TestSameInputsSameBytes(t *testing.T) {
	marshal := func(m *memory) []byte {
		b, err := json.Marshal(build(t, m, "2016-01-12"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := marshal(reader())
	for seed := range uint64(5) {
		m := reader()
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(m.observations), func(i, j int) { m.observations[i], m.observations[j] = m.observations[j], m.observations[i] })
		if got := marshal(m); !bytes.Equal(got, want) {
			t.Fatalf("other bytes for another order of the same observations:\n%s", cmp.Diff(string(want), string(got)))
		}
	}
	var back Scorecard
	if err := json.Unmarshal(want, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || !bytes.Equal(again, want) {
		t.Errorf("the round trip changes it: %v %s", err, cmp.Diff(string(want), string(again)))
	}
}

func TestRestatedObservations(t *testing.T) {
	m := reader()
	newer, definition := observe("lights-on-time", "2015-12", "", 90, 100), observe("lights-on-time", "2015-11", "", 95, 100)
	newer.Load, definition.Version = 2, 2
	m.observations = append([]kpi.Observation{newer, definition}, m.observations...)
	m.observations = append(m.observations, observe("lights-on-time", "2015", "", 1, 100))
	r := build(t, m, "2016-01-12").Result("lights-on-time")
	if *r.Observation("2015-12", "", "").Value != 90 || *r.Observation("2015-11", "", "").Value != 95 || len(r.Series) != 13 || !r.Assessment.Has(kpi.FlagDefinitionChanged) {
		t.Errorf("series %+v", r.Series)
	}
	if r.Assessment.Signal.Kind != kpi.TooEarly || r.Assessment.Signal.Points != 1 {
		t.Errorf("a chart over two definitions: %+v", r.Assessment.Signal)
	}
}

func TestNotFinite(t *testing.T) {
	m := reader()
	m.observations = append(m.observations, kpi.Observation{Indicator: "days-to-close", Period: "2015-11", Version: 1, Value: ptr(math.NaN()), Numerator: ptr(math.Inf(1)), Rows: 3})
	card := build(t, m, "2016-01-12")
	if _, err := json.Marshal(card); err != nil {
		t.Error(err)
	}
	if r := card.Result("days-to-close"); r.Assessment.Status != kpi.NoData || r.Series[0].Observation.Value != nil {
		t.Errorf("%+v", r)
	}
}

func TestCache(t *testing.T) {
	m := reader()
	b := NewBuilder(m)
	get := func(asOf string) *Scorecard {
		t.Helper()
		card, err := b.Build(t.Context(), kpi.At{AsOf: date(asOf)})
		if err != nil {
			t.Fatal(err)
		}
		return card
	}
	first := get("2016-01-12")
	m.datasets = []kpi.DatasetState{{Dataset: "requests", Failed: &kpi.Load{ID: 8}}}
	second := get("2016-01-12")
	if m.reads != 1 || &first.Results[0] != &second.Results[0] {
		t.Errorf("%d reads", m.reads)
	}
	if first.Datasets[0].Failed != nil || second.Datasets[0].Failed == nil {
		t.Error("a failed load is not shown, or an older scorecard was changed")
	}
	m.version++
	get("2016-01-12")
	m.folder++
	get("2016-01-12")
	get("2016-01-11")
	if m.reads != 4 {
		t.Errorf("%d reads, want 4", m.reads)
	}
	for d := range 3 * keep {
		get(date("2016-02-01").AddDays(d).String())
	}
	if len(b.built) != keep {
		t.Errorf("%d scorecards are kept", len(b.built))
	}
	before := m.reads
	get("2016-01-12")
	get(date("2016-02-01").AddDays(3*keep - 1).String())
	if m.reads != before+1 {
		t.Errorf("%d reads, want one: the old one was forgotten, the new one not", m.reads-before)
	}
}

// A load that becomes live while observations are read: the scorecard is read again, so that it is of one version.
func TestLoadWhileReading(t *testing.T) {
	m := reader()
	m.during = func(m *memory) {
		if m.reads == 1 {
			m.version++
		}
	}
	if card := build(t, m, "2016-01-12"); card.Version != 8 || m.reads != 2 {
		t.Errorf("version %d after %d reads", card.Version, m.reads)
	}
	m.during = func(m *memory) { m.folder++ }
	_, err := NewBuilder(m).Build(t.Context(), kpi.At{AsOf: date("2016-01-12")})
	if kpi.ErrorCode(err) != kpi.CodeUnready {
		t.Errorf("error %v", err)
	}
}

func TestConcurrentBuilds(t *testing.T) {
	m := reader()
	b := NewBuilder(m)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if _, err := b.Build(t.Context(), kpi.At{AsOf: date("2016-01-12")}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if m.reads != 1 {
		t.Errorf("%d reads, want 1", m.reads)
	}
}

func TestBuildErrors(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for _, what := range []string{"definitions", "version", "observations", "datasets"} {
		m := reader()
		m.fail[what] = broken
		if _, err := NewBuilder(m).Build(t.Context(), kpi.At{AsOf: date("2016-01-12")}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	m := reader()
	if _, err := NewBuilder(m).Build(t.Context(), kpi.At{}); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("without an as-of date: %v", err)
	}
	m.city.AsOf = date("2016-01-12")
	if card, err := NewBuilder(m).Build(t.Context(), kpi.At{}); err != nil || card.AsOf != m.city.AsOf {
		t.Errorf("with the folder's as-of date: %v", err)
	}
	m.observations = append(m.observations, observe("lights", "nonsense", "", 1, 0))
	if _, err := NewBuilder(m).Build(t.Context(), kpi.At{}); err == nil || !strings.Contains(err.Error(), "indicator lights") {
		t.Errorf("a nonsensical period: %v", err)
	}
	m.city.TimeZone = "Mars/Base"
	if _, err := NewBuilder(m).Build(t.Context(), kpi.At{}); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("an unknown time zone: %v", err)
	}
	m.city = nil
	if _, err := NewBuilder(m).Build(t.Context(), kpi.At{}); kpi.ErrorCode(err) != kpi.CodeUnready {
		t.Errorf("without a folder: %v", err)
	}
	b := NewBuilder(reader())
	<-b.turn // somebody else is reading
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Build(ctx, kpi.At{AsOf: date("2016-01-12")}); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting in vain: %v", err)
	}
}

func TestPublic(t *testing.T) {
	m := reader()
	m.datasets[0].Failed = &kpi.Load{ID: 9, Error: "line 7: 'John Doe' is no number"}
	m.datasets[0].Unplaced = []kpi.Unplaced{{Member: kpi.MemberNotRecorded, Rows: 3}, {Member: kpi.MemberNotRecognised, Name: "Chestnut Hill", Rows: 11},
		{Member: kpi.MemberNotRecognised, Name: "12 Elm Street", Rows: 1}, {Member: kpi.MemberNotRecognised, Name: "14 Elm Street", Rows: 2}}
	card := build(t, m, "2016-01-12")
	before, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	public, err := card.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal(public)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"days-to-close", "sick-days", "staff", "John Doe", "Elm Street"} {
		if bytes.Contains(after, []byte(secret)) {
			t.Errorf("%q is public", secret)
		}
		if !bytes.Contains(before, []byte(secret)) {
			t.Errorf("%q was not there to begin with", secret)
		}
	}
	if !bytes.Contains(after, []byte("A Name")) || !bytes.Contains(after, []byte("Chestnut Hill")) {
		t.Error("what is public is missing")
	}
	if len(public.Results) != 2 || len(public.Datasets) != 1 || public.Results[0].Indicator != &public.City.Indicators[0] || !reflect.DeepEqual(public.City.Indicators[0].PairedWith, []string{"lights"}) {
		t.Errorf("public %+v", public)
	}
	want := []kpi.Unplaced{{Member: kpi.MemberNotRecorded, Rows: 3}, {Member: kpi.MemberNotRecognised, Name: "Chestnut Hill", Rows: 11}, {Member: kpi.MemberNotRecognised, Rows: 3}}
	if got := public.Datasets[0].Unplaced; !reflect.DeepEqual(got, want) {
		t.Errorf("unplaced %+v", got)
	}
	if again, err := json.Marshal(card); err != nil || !bytes.Equal(before, again) {
		t.Error("publishing changed the scorecard")
	}
	if got := public.Tally("").Total(); got != 2 {
		t.Errorf("%d indicators counted", got)
	}
}

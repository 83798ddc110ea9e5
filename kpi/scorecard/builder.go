package scorecard

import (
	"context"
	"fmt"
	"time"

	"citystat/kpi"
)

// keep is the number of scorecards that a Builder remembers: those that pages ask for now, and a few days of the past.
const keep = 8

// attempts is how often a Builder starts anew when a load becomes live while it reads.
const attempts = 3

// Builder builds scorecards and remembers the last few. It may be used from several goroutines; one at a time reads.
type Builder struct {
	reader Reader
	words  WordsReader   // nil: nobody says anything
	turn   chan struct{} // holds one token: whoever has it reads
	built  []cached      // the most recently used last; guarded by turn
}

// cached is a scorecard under what it is a function of.
type cached struct {
	key  key
	card *Scorecard
}

// key identifies a scorecard, but for the state of its datasets and for its words: a load that fails changes that state, a commentary that is approved
// these words, and neither any number.
type key struct {
	asOf    kpi.Date
	version int64
	folder  int
}

// NewBuilder returns a builder over a reader.
func NewBuilder(r Reader, options ...Option) *Builder {
	b := &Builder{reader: r, turn: make(chan struct{}, 1)}
	for _, o := range options {
		o(b)
	}
	b.turn <- struct{}{}
	return b
}

// Build returns the scorecard at the clocks. The result is shared: nobody may change it. A zero as-of date means the one that the folder
// fixes; if it fixes none the caller has to say which day it is. The error is of code unready if loads keep becoming live while it reads.
func (b *Builder) Build(ctx context.Context, at kpi.At) (*Scorecard, error) {
	select {
	case <-b.turn:
		defer func() { b.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for range attempts {
		card, err := b.attempt(ctx, at)
		if card != nil || err != nil {
			return card, err
		}
	}
	return nil, kpi.Errorf(kpi.CodeUnready, "new data came in each of the %d times that the scorecard was read; try again", attempts)
}

// moment is what was visible when a scorecard was begun.
type moment struct {
	city    *kpi.City
	folder  int
	version int64
	liveAt  time.Time
}

func (b *Builder) moment(ctx context.Context, at kpi.At) (moment, error) {
	var m moment
	var err error
	if m.city, m.folder, err = b.reader.Definitions(ctx, at); err != nil {
		return m, fmt.Errorf("reading the definitions: %w", err)
	}
	if m.city == nil {
		return m, kpi.Errorf(kpi.CodeUnready, "no city folder has been read yet")
	}
	if m.version, m.liveAt, err = b.reader.Version(ctx, at); err != nil {
		return m, fmt.Errorf("reading the data version: %w", err)
	}
	return m, nil
}

// attempt builds a scorecard, or takes it from the cache. It returns nil if something became live meanwhile: what was read may then be of
// two versions.
func (b *Builder) attempt(ctx context.Context, at kpi.At) (*Scorecard, error) {
	m, err := b.moment(ctx, at)
	if err != nil {
		return nil, err
	}
	if at.AsOf.IsZero() {
		at.AsOf = m.city.AsOf
	}
	if at.AsOf.IsZero() {
		return nil, kpi.Errorf(kpi.CodeInvalid, "no as-of date was given, and the city folder fixes none")
	}
	datasets, err := b.reader.Datasets(ctx, m.city, at)
	if err != nil {
		return nil, fmt.Errorf("reading the state of the datasets: %w", err)
	}
	k := key{at.AsOf, m.version, m.folder}
	card := b.find(k)
	fresh := card == nil
	if fresh {
		if card, err = b.build(ctx, m, at, datasets); err != nil {
			return nil, err
		}
	}
	now, err := b.moment(ctx, at)
	if err != nil {
		return nil, err
	}
	if now.version != m.version || now.folder != m.folder {
		return nil, nil
	}
	if fresh {
		b.remember(cached{k, card})
	}
	said, err := b.say(ctx, card, at)
	if err != nil {
		return nil, err
	}
	said.Datasets = datasets
	return said, nil
}

// find returns the remembered scorecard, or nil, and moves it to the end of the list.
func (b *Builder) find(k key) *Scorecard {
	for i, c := range b.built {
		if c.key == k {
			b.built = append(append(b.built[:i:i], b.built[i+1:]...), c)
			return c.card
		}
	}
	return nil
}

// remember adds a scorecard and forgets the one that was not used for longest.
func (b *Builder) remember(c cached) {
	b.built = append(b.built, c)
	if len(b.built) > keep {
		b.built = append([]cached(nil), b.built[len(b.built)-keep:]...)
	}
}

// build reads the observations and assesses every indicator.
func (b *Builder) build(ctx context.Context, m moment, at kpi.At, datasets []kpi.DatasetState) (*Scorecard, error) {
	calendar, err := m.city.Calendar()
	if err != nil {
		return nil, err
	}
	observations, err := b.reader.Observations(ctx, m.city, at)
	if err != nil {
		return nil, fmt.Errorf("reading the observations: %w", err)
	}
	byIndicator := map[string][]kpi.Observation{}
	for _, o := range observations {
		byIndicator[o.Indicator] = append(byIndicator[o.Indicator], clean(o))
	}
	until := map[string]kpi.Date{}
	for _, d := range datasets {
		until[d.Dataset] = d.DataUntil
	}
	record, err := b.reader.Record(ctx, m.city, at)
	if err != nil {
		return nil, fmt.Errorf("reading changes and trust: %w", err)
	}
	card := &Scorecard{Changes: record.Changes, City: m.city, AsOf: at.AsOf, KnownAt: m.liveAt, Version: m.version, Folder: m.folder, Datasets: datasets, Results: make([]Result, 0, len(m.city.Indicators))}
	for n := range m.city.Indicators {
		i := &m.city.Indicators[n]
		s := subject{indicator: i, city: m.city, calendar: calendar, asOf: at.AsOf, until: until[i.Dataset]}
		r, err := s.result(byIndicator[i.ID])
		if err != nil {
			return nil, fmt.Errorf("indicator %s: %w", i.ID, err)
		}
		r.Checks = checks(&r, record.Trust)
		card.Results = append(card.Results, r)
	}
	card.Evaluations = evaluations(m.city, card.Results)
	return card, nil
}

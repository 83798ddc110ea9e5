package scorecard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

// spoken is what is said, by the clock.
type spoken struct {
	words map[time.Time]Words
	err   error
}

func (s *spoken) Words(_ context.Context, _ *kpi.City, at kpi.At) (Words, error) {
	return s.words[at.KnownAt], s.err
}

func TestWords(t *testing.T) {
	approved := func(id int64, indicator, period string) kpi.Commentary {
		return kpi.Commentary{Stamp: kpi.Stamp{ID: id}, Indicator: indicator, Period: period, State: kpi.CommentaryApproved}
	}
	draft := approved(9, "lights", "2015-05")
	draft.State = kpi.CommentaryDraft
	contest := func(id int64, period string, state kpi.ContestState) kpi.Contest {
		return kpi.Contest{Stamp: kpi.Stamp{ID: id}, Indicator: "lights", Period: period, State: state}
	}
	commitment := func(id int64, due, ended string, state kpi.CommitmentState) kpi.Commitment {
		c := kpi.Commitment{Stamp: kpi.Stamp{ID: id}, Due: date(due), State: state}
		if ended != "" {
			c.Ended = date(ended)
		}
		return c
	}
	past := time.Date(2015, 9, 1, 0, 0, 0, 0, time.UTC)
	s := &spoken{words: map[time.Time]Words{
		past: {Commentary: []kpi.Commentary{approved(1, "lights", "2015-05")}},
		{}: {
			Commentary: []kpi.Commentary{
				approved(1, "lights", "2015-05"), approved(2, "lights", "2015-11"), approved(3, "lights-on-time", "2015-11"), draft,
				approved(4, "lights", "2016-02"), approved(5, "gone", "2015-11"), approved(6, "lights", "no period"),
			},
			Contests: []kpi.Contest{contest(2, "2015-05", kpi.ContestOpen), contest(1, "2015-05", kpi.ContestOpen), contest(3, "2015-05", kpi.ContestUpheld), contest(4, "2016-02", kpi.ContestOpen)},
			Commitments: []kpi.Commitment{
				commitment(1, "2016-03-01", "", kpi.CommitmentOpen), commitment(2, "2015-03-01", "2015-01-11", kpi.CommitmentKept), commitment(3, "2015-03-01", "2015-01-12", kpi.CommitmentDropped),
				commitment(4, "2014-03-01", "", kpi.CommitmentDone),
			},
		},
	}}
	m := reader()
	b := NewBuilder(m, WithWords(s))
	told := func(at kpi.At) string {
		t.Helper()
		card, err := b.Build(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range card.Commentary {
			got = append(got, fmt.Sprintf("said %d", c.ID))
		}
		for _, c := range card.Contests {
			got = append(got, fmt.Sprintf("contested %d", c.ID))
		}
		for _, c := range card.Commitments {
			got = append(got, fmt.Sprintf("promised %d", c.ID))
		}
		return strings.Join(got, ", ")
	}
	now := kpi.At{AsOf: date("2016-01-12")}
	if got, want := told(now), "said 3, said 2, said 1, contested 1, contested 2, promised 4, promised 3, promised 1"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got := told(kpi.At{AsOf: now.AsOf, KnownAt: past}); got != "said 1" {
		t.Errorf("as known then: %s", got)
	}
	// New words need no number to be read again, and change no scorecard that somebody has.
	first, err := b.Build(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	reads := m.reads
	s.words[time.Time{}] = Words{Commentary: []kpi.Commentary{approved(7, "lights", "2015-12")}}
	if got := told(now); got != "said 7" || m.reads != reads || len(first.Commentary) != 3 || len(first.CommentaryOf("lights")) != 2 || len(first.ContestsOf("lights")) != 2 || first.ContestsOf("gone") != nil {
		t.Errorf("%s; %d reads", got, m.reads-reads)
	}
	if s.err = errors.New("the ledger is away"); true {
		if _, err := b.Build(t.Context(), now); !errors.Is(err, s.err) {
			t.Errorf("%v", err)
		}
	}
}

// TestPublicWords fills every field of what people type with its own name, and looks which of them the public gets: a field that somebody adds to a record
// is not public before it stands here.
func TestPublicWords(t *testing.T) {
	var said Words
	for _, public := range []bool{true, false} {
		for _, indicator := range []string{"lights", "sick-days"} { // the one is public, the other is not
			c, n, p := filled[kpi.Commentary](t), filled[kpi.Contest](t), filled[kpi.Commitment](t)
			c.Public, n.Public, p.Public = public, public, public
			c.Indicator, n.Indicator, p.Indicator = indicator, indicator, indicator
			p.Kind = kpi.CommitmentPromise
			said.Commentary, said.Contests, said.Commitments = append(said.Commentary, c), append(said.Contests, n), append(said.Commitments, p)
		}
	}
	request := filled[kpi.Commitment](t) // whatever it says of itself: what a meeting asks for is the staff's
	request.Kind, request.Public, request.Indicator = kpi.CommitmentRequest, true, "lights"
	said.Commitments = append(said.Commitments, request)
	card := build(t, reader(), "2016-01-12")
	card.Words = said
	p, err := card.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Commentary) != 1 || len(p.Contests) != 1 || len(p.Commitments) != 2 || p.Commitments[1].Indicator != "" {
		t.Fatalf("public are %+v", p.Words)
	}
	if m := p.Commitments[0].Moves[0]; !m.Chair || m.From.IsZero() || m.To.IsZero() || m.Reason != "" || m.By != "" {
		t.Errorf("public of a moved date: %+v", m)
	}
	for name, c := range map[string]struct {
		record any
		want   string
	}{
		"commentary": {p.Commentary[0], "Department Happened Lang Next Owner Period State Why"},
		"contest":    {p.Contests[0], "Department Period State"},
		"commitment": {p.Commitments[0], "Department Lang Owner State Text"},
	} {
		b, err := json.Marshal(c.record)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range regexp.MustCompile(`field-(\w+)`).FindAllStringSubmatch(string(b), -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if have := strings.Join(got, " "); have != c.want {
			t.Errorf("public of a %s: %s; want %s", name, have, c.want)
		}
		for _, key := range []string{"person", "founder", "by", "note", "help", "author", "value", "believed", "version"} {
			if regexp.MustCompile(`"` + key + `":[^0f]`).Match(b) {
				t.Errorf("public of a %s has %s: %s", name, key, b)
			}
		}
	}
}

// TestPublicMeetings: of a promise that was made in a meeting residents read in which, if they may read of the series; and of no other series do they read anything.
func TestPublicMeetings(t *testing.T) {
	day := date("2016-01-07")
	of := func(series string) kpi.Commitment {
		return kpi.Commitment{Text: "x", Public: true, State: kpi.CommitmentOpen, Due: day, Source: kpi.MeetingSource(series, day)}
	}
	elsewhere := of("open")
	elsewhere.Source = "commentary/12"
	card := build(t, reader(), "2016-01-12")
	city := *card.City
	city.Meetings = []kpi.MeetingSeries{{ID: "open", Public: true, Standing: []string{"lights", "sick-days"}}, {ID: "closed", Standing: []string{"lights"}}}
	card.City, card.Words = &city, Words{Commitments: []kpi.Commitment{of("open"), of("closed"), of("gone"), elsewhere}}
	p, err := card.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, c := range p.Commitments {
		sources = append(sources, c.Source)
	}
	if got := strings.Join(sources, ","); got != "meeting/open/2016-01-07,,," {
		t.Errorf("made in %s", got)
	}
	if m := p.City.Meetings; len(m) != 1 || m[0].ID != "open" || strings.Join(m[0].Standing, " ") != "lights" {
		t.Errorf("public series: %+v", m)
	}
	if len(city.Meetings) != 2 || len(city.Meetings[0].Standing) != 2 {
		t.Error("the city itself was changed")
	}
}

// filled returns a record in whose every text stands the name of its field, and in whose every number, 7.
func filled[T any](t *testing.T) T {
	t.Helper()
	var v T
	var fill func(reflect.Value, string)
	fill = func(f reflect.Value, name string) {
		switch f.Kind() {
		case reflect.String:
			f.SetString("field-" + name)
		case reflect.Int, reflect.Int64:
			f.SetInt(7)
		case reflect.Float64:
			f.SetFloat(7)
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
			fill(f.Elem(), name)
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			fill(f.Index(0), name)
		case reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
			key, value := reflect.New(f.Type().Key()).Elem(), reflect.New(f.Type().Elem()).Elem()
			fill(key, name)
			fill(value, name)
			f.SetMapIndex(key, value)
		case reflect.Struct:
			switch f.Interface().(type) {
			case time.Time:
				f.Set(reflect.ValueOf(time.Date(2016, 1, 2, 3, 4, 5, 0, time.UTC)))
			case kpi.Date:
				f.Set(reflect.ValueOf(date("2016-01-02")))
			default:
				for i := range f.NumField() {
					fill(f.Field(i), f.Type().Field(i).Name)
				}
			}
		default:
			t.Fatalf("%s is a %s, which this test cannot fill", name, f.Kind())
		}
	}
	fill(reflect.ValueOf(&v).Elem(), "")
	return v
}

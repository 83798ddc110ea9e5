package kpi

import "testing"

// A source that ends on a day knows nothing of what came after it: a period that begins later is never settled, and one that the source
// cuts is partial for ever.
func TestCompleteUntil(t *testing.T) {
	asOf := Date{2016, 1, 12}
	for _, c := range []struct {
		until, period    string
		partial, settled bool
	}{
		{"", "2015-12", false, true},
		{"", "2016-01", true, false},
		{"2015-12-31", "2015-12", false, true},
		{"2015-12-31", "2016-01", true, false},
		{"2015-12-30", "2015-12", true, false},
		{"2016-12-31", "2015-12", false, true},
		{"2016-12-31", "2016-01", true, false},
	} {
		p, err := Calendar{}.Parse(c.period)
		if err != nil {
			t.Fatal(err)
		}
		i := &Indicator{}
		if c.until != "" {
			if i.CompleteUntil, err = ParseDate(c.until); err != nil {
				t.Fatal(err)
			}
		}
		if i.Partial(p, asOf) != c.partial || i.Settled(p, asOf) != c.settled {
			t.Errorf("complete until %q, %s: partial %v, settled %v; want %v, %v", c.until, c.period, i.Partial(p, asOf), i.Settled(p, asOf), c.partial, c.settled)
		}
	}
}

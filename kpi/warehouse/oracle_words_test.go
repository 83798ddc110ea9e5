package warehouse

import (
	"math"
	"math/rand/v2"
	"time"

	"citystat/kpi"
)

// tri is a truth value of three: true, false, unknown.
type tri int

const (
	no tri = iota
	unknown
	yes
)

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

// condition is an expression of the folder and what it means.
type condition struct {
	src  string
	test func(*fact) tri
}

// amount is a number of the folder's language and what it means.
type amount struct {
	src   string
	value func(*fact) *float64
}

func compare[T any](p *T, test func(T) bool) tri {
	if p == nil {
		return unknown
	}
	return truth(test(*p))
}

func (w *world) atoms() []condition {
	local := func(v time.Time) kpi.Date { return kpi.DateOf(v.In(w.loc)) }
	return []condition{
		{"kind = 'a'", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" }) }},
		{"kind <> 'b'", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s != "b" }) }},
		{"kind in ('a', 'c')", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" || s == "c" }) }},
		{"kind is null", func(f *fact) tri { return truth(f.kind == "") }},
		{"lower(kind) not in ('b', 'c')", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" }) }},
		{"area = 'south'", func(f *fact) tri { return truth(f.area == "south") }},
		{"closed is not null", func(f *fact) tri { return truth(f.closed != nil) }},
		{"closed <= as_of", func(f *fact) tri { return compare(f.closed, func(v time.Time) bool { return !v.After(w.end()) }) }},
		{"closed < at", func(f *fact) tri {
			if f.closed == nil || f.at == nil {
				return unknown
			}
			return truth(f.closed.Before(*f.at))
		}},
		{"day > as_of", func(f *fact) tri { return compare(f.day, func(v kpi.Date) bool { return v.After(w.asOf) }) }},
		{"day between date '2015-02-01' and date '2015-04-15'", func(f *fact) tri {
			return compare(f.day, func(v kpi.Date) bool { return !v.Before(kpi.NewDate(2015, 2, 1)) && !v.After(kpi.NewDate(2015, 4, 15)) })
		}},
		{"date_of(at) <= date '2015-03-08'", func(f *fact) tri {
			return compare(f.at, func(v time.Time) bool { return !local(v).After(kpi.NewDate(2015, 3, 8)) })
		}},
		{"num > 2.5", func(f *fact) tri { return compare(f.num, func(v float64) bool { return v > 2.5 }) }},
		{"abs(num) not between 1 and 3", func(f *fact) tri {
			return compare(f.num, func(v float64) bool { return math.Abs(v) < 1 || math.Abs(v) > 3 })
		}},
		{"n / 2 >= 1.5", func(f *fact) tri { return compare(f.n, func(v int64) bool { return float64(v)/2 >= 1.5 }) }},
		{"num / n > 1", func(f *fact) tri { // division by zero is null
			if f.num == nil || f.n == nil || *f.n == 0 {
				return unknown
			}
			return truth(*f.num/float64(*f.n) > 1)
		}},
		{"workdays_between(at, closed) <= 3", func(f *fact) tri {
			if f.at == nil || f.closed == nil {
				return unknown
			}
			return truth(workedDays(w.work, local(*f.at), local(*f.closed)) <= 3)
		}},
		{"workdays_between(day, as_of) > 20", func(f *fact) tri {
			return compare(f.day, func(v kpi.Date) bool { return workedDays(w.work, v, w.asOf) > 20 })
		}},
		{"date_of(closed) <= add_workdays(date_of(at), n)", func(f *fact) tri {
			if f.at == nil || f.closed == nil || f.n == nil {
				return unknown
			}
			due := dueDay(w.work, local(*f.at), int(*f.n))
			return compare(due, func(v kpi.Date) bool { return !local(*f.closed).After(v) })
		}},
		{"add_workdays(day, 5) <= as_of", func(f *fact) tri {
			if f.day == nil {
				return unknown
			}
			return compare(dueDay(w.work, *f.day, 5), func(v kpi.Date) bool { return !v.After(w.asOf) })
		}},
		{"as_of between day and date '2015-04-01'", func(f *fact) tri {
			return min(truth(!w.asOf.After(kpi.NewDate(2015, 4, 1))), compare(f.day, func(v kpi.Date) bool { return !v.After(w.asOf) }))
		}},
		{"hours_between(at, as_of) > 700", func(f *fact) tri {
			return compare(f.at, func(v time.Time) bool { return float64(w.end().Sub(v).Microseconds())/3600e6 > 700 })
		}},
		{"date_of(closed) < as_of", func(f *fact) tri {
			return compare(f.closed, func(v time.Time) bool { return local(v).Before(w.asOf) })
		}},
		{"done <> as_of or as_of > closed", func(f *fact) tri {
			return max(compare(f.done, func(v kpi.Date) bool { return v != w.asOf }), compare(f.closed, func(v time.Time) bool { return w.end().After(v) }))
		}},
		{"flag = true", func(f *fact) tri { return compare(f.flag, func(v bool) bool { return v }) }},
		{"flag", func(f *fact) tri { return compare(f.flag, func(v bool) bool { return v }) }},
	}
}

// workedDays counts the working days of [from, to), one day after the other.
func workedDays(work func(kpi.Date) bool, from, to kpi.Date) int {
	if to.Before(from) {
		return -workedDays(work, to, from)
	}
	n := 0
	for d := from; d.Before(to); d = d.AddDays(1) {
		if work(d) {
			n++
		}
	}
	return n
}

// dueDay is the working day before which there are n from a day on, one day after the other; nil where there is no working day.
func dueDay(work func(kpi.Date) bool, from kpi.Date, n int) *kpi.Date {
	for d := range 4000 {
		if day := from.AddDays(d); work(day) {
			if n == 0 {
				return &day
			}
			n--
		}
	}
	return nil
}

func blank(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (w *world) amounts() []amount {
	return []amount{
		{"num", func(f *fact) *float64 { return f.num }},
		{"n", func(f *fact) *float64 {
			if f.n == nil {
				return nil
			}
			return ptr(float64(*f.n))
		}},
		{"days_between(at, closed)", func(f *fact) *float64 {
			if f.at == nil || f.closed == nil {
				return nil
			}
			return ptr(float64(f.closed.Sub(*f.at).Microseconds()) / (24 * 3600e6))
		}},
		{"hours_between(at, closed) * 2 - 1", func(f *fact) *float64 {
			if f.at == nil || f.closed == nil {
				return nil
			}
			return ptr(float64(f.closed.Sub(*f.at).Microseconds())/3600e6*2 - 1)
		}},
		{"days_between(at, as_of)", func(f *fact) *float64 {
			if f.at == nil {
				return nil
			}
			return ptr(float64(w.end().Sub(*f.at).Microseconds()) / (24 * 3600e6))
		}},
		{"-num / n", func(f *fact) *float64 {
			if f.num == nil || f.n == nil || *f.n == 0 {
				return nil
			}
			return ptr(-*f.num / float64(*f.n))
		}},
	}
}

// combine makes a random condition of atoms.
func combine(r *rand.Rand, list []condition, depth int) condition {
	if depth == 0 || r.IntN(3) == 0 {
		return list[r.IntN(len(list))]
	}
	a := combine(r, list, depth-1)
	switch r.IntN(3) {
	case 0:
		return condition{"not (" + a.src + ")", func(f *fact) tri { return yes - a.test(f) }}
	case 1:
		b := combine(r, list, depth-1)
		return condition{"(" + a.src + ") and (" + b.src + ")", func(f *fact) tri { return min(a.test(f), b.test(f)) }}
	}
	b := combine(r, list, depth-1)
	return condition{"(" + a.src + ") or (" + b.src + ")", func(f *fact) tri { return max(a.test(f), b.test(f)) }}
}

package warehouse

import (
	"fmt"
	"slices"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// clock is how what an indicator counts depends on the as-of day. Where as_of stands on one side of a comparison a new day changes the answer for
// those rows alone whose other side lies between the old day and the new one; where it stands elsewhere, as in days_between(opened, as_of), it may
// change it for every row.
type clock struct {
	met  []meeting
	free bool // as_of stands elsewhere too
}

// meeting is an expression that as_of is compared with, as a day or as an instant.
type meeting struct {
	with expr.Node
	as   expr.Type
}

func (p *plan) clock() clock {
	var c clock
	for _, n := range append([]expr.Node{p.where, p.of, p.per}, p.when...) {
		if n != nil {
			c.read(n)
		}
	}
	if p.span != nil { // a case is open until as_of, and begins before it
		for _, col := range []*kpi.Column{p.span.from, p.span.to} {
			c.met = append(c.met, meeting{&expr.Column{Name: col.Name}, exprType(col.Type)})
		}
	}
	return c
}

// read looks for as_of.
func (c *clock) read(n expr.Node) {
	switch n := n.(type) {
	case *expr.AsOf:
		c.free = true
	case *expr.IsNull:
		if _, is := n.X.(*expr.AsOf); !is { // as_of is never null
			c.read(n.X)
		}
	case *expr.Between:
		c.compared(n.X, n.Lo)
		c.compared(n.X, n.Hi)
	case *expr.Binary:
		switch n.Op {
		case "=", "<>", "<", "<=", ">", ">=":
			c.compared(n.L, n.R)
		default:
			c.read(n.L)
			c.read(n.R)
		}
	case *expr.Not:
		c.read(n.X)
	default:
		c.free = c.free || expr.UsesAsOf(n)
	}
}

// compared reads a comparison.
func (c *clock) compared(a, b expr.Node) {
	x, isA := a.(*expr.AsOf)
	y, isB := b.(*expr.AsOf)
	switch {
	case isA && isB: // always the same
	case isA && !expr.UsesAsOf(b):
		c.met = append(c.met, meeting{b, x.Type})
	case isB && !expr.UsesAsOf(a):
		c.met = append(c.met, meeting{a, y.Type})
	default:
		c.read(a)
		c.read(b)
	}
}

// interval is the time between two as-of days, in either order.
type interval struct{ first, last asOf }

func between(a, b asOf) interval {
	if b.day.Before(a.day) {
		a, b = b, a
	}
	return interval{a, b}
}

// affected lists the SQL conditions under one of which a row may be counted in another way on one of the days than on the other: something that as_of is
// compared with lies between them, or the row's date does, or that lies in a period that has begun on one of them alone.
func (v interval) affected(s scope, cal kpi.Calendar, groups []*group) ([]string, error) {
	var list []string
	add := func(condition string) {
		if !slices.Contains(list, condition) {
			list = append(list, condition)
		}
	}
	for _, g := range groups {
		for _, p := range g.plans {
			for _, m := range p.clock().met {
				x, err := s.compile(m.with)
				if err != nil {
					return nil, err
				}
				add(v.holds(s, x, m.as))
			}
		}
		dated, err := v.dated(s, cal, g)
		if err != nil {
			return nil, err
		}
		for _, condition := range dated {
			add(condition)
		}
	}
	return list, nil
}

// dated lists the conditions on a row's date: it lies after one day and not after the other, or in a period that begins after one day alone.
func (v interval) dated(s scope, cal kpi.Calendar, g *group) ([]string, error) {
	date := s.table + quoteName(g.date.Name)
	old, err := cal.Period(g.kind, v.first.day)
	if err != nil {
		return nil, err
	}
	end, err := cal.Period(g.kind, v.last.day)
	if err != nil {
		return nil, err
	}
	if g.date.Type == kpi.TypeDate {
		list := []string{fmt.Sprintf("(%[1]s > %[2]s AND %[1]s <= %[3]s)", date, s.date(v.first.day), s.date(v.last.day))}
		if old.ID != end.ID {
			list = append(list, fmt.Sprintf("(%[1]s > %[2]s AND %[1]s <= %[3]s)", date, s.date(old.Last), s.date(end.Last)))
		}
		return list, nil
	}
	list := []string{fmt.Sprintf("(%[1]s > %[2]s AND %[1]s <= %[3]s)", date, s.timestamp(v.first.last), s.timestamp(v.last.last))}
	if old.ID != end.ID {
		list = append(list, fmt.Sprintf("(%[1]s >= %[2]s AND %[1]s < %[3]s)", date, s.timestamp(old.To), s.timestamp(end.To)))
	}
	return list, nil
}

// holds is the SQL condition that x lies in the interval.
func (v interval) holds(s scope, x string, as expr.Type) string {
	if as == expr.Date {
		return fmt.Sprintf("(%s BETWEEN %s AND %s)", x, s.date(v.first.day), s.date(v.last.day))
	}
	return fmt.Sprintf("(%s BETWEEN %s AND %s)", x, s.timestamp(v.first.last), s.timestamp(v.last.last))
}

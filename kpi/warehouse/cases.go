package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// OpenCases lists the rows behind an indicator that have begun and not ended by the end of a day, as known at a data version. A row is one of them if it takes
// part in the measure and is left out by no other reason than that it is not ended or not yet due; what it is known by are the columns of its key.
//
// Which column says that a case has ended follows from the measure: the end of a duration, the later time in a call of days_between, hours_between or
// workdays_between, the earlier side of a deadline (closed <= due), or what may be null or later than the day (closed is null or closed > as_of). It began
// by the other of the two times, of this or another measure of the dataset, by what the folder compares that column with (closed < opened), or else by the date
// of the measure. What it must have ended by is the deadline of the measure, or of another of the dataset with the same end. Where that finds no two columns there is nothing to list, and the
// answer says so. It fails with a *RereadError as Observe does.
func (db *DB) OpenCases(ctx context.Context, city *kpi.City, asOf kpi.Date, version int64, q kpi.CaseQuery) (kpi.OpenCases, error) {
	out := kpi.OpenCases{AsOf: asOf}
	ind := city.Indicator(q.Indicator)
	if ind == nil {
		return out, kpi.Errorf(kpi.CodeNotFound, "the city has no indicator %q", q.Indicator)
	}
	d := city.Dataset(ind.Dataset)
	if d == nil {
		return out, nil // computed from others
	}
	err := db.read(ctx, func(t *tx) error {
		o, plans, err := t.observerOf(ctx, city, d, asOf, version)
		if err != nil || o == nil {
			return err
		}
		at := slices.IndexFunc(plans, func(p *plan) bool { return p.ind.ID == ind.ID })
		if at < 0 {
			return nil
		}
		life, err := lifeOf(d, plans[at], plans)
		if err != nil || life == nil {
			return err
		}
		out.Begin, out.End, out.Key, out.Placed = life.begin.Name, life.end.Name, d.Key, len(districtColumns(d)) > 0
		out.Due = life.says()
		return o.openCases(ctx, plans[at], life, q, &out)
	})
	if err != nil {
		return kpi.OpenCases{}, fmt.Errorf("open cases of %s as of %s at version %d: %w", q.Indicator, asOf, version, err)
	}
	return out, nil
}

// HasCases reports whether anything says which rows behind an indicator are open, as [DB.OpenCases] finds it. It reads no rows.
func HasCases(city *kpi.City, indicator string) bool {
	ind := city.Indicator(indicator)
	if ind == nil || city.Dataset(ind.Dataset) == nil {
		return false
	}
	d := city.Dataset(ind.Dataset)
	plans, err := newPlans(d, indicatorsOf(city, d.ID))
	if err != nil {
		return false
	}
	at := slices.IndexFunc(plans, func(p *plan) bool { return p.ind.ID == indicator })
	life, err := lifeOf(d, plans[at], plans)
	return err == nil && life != nil
}

// openCases runs the one scan.
func (o *observer) openCases(ctx context.Context, p *plan, l *life, q kpi.CaseQuery, out *kpi.OpenCases) error {
	s := o.scope()
	conditions, err := p.takesPart(s)
	if err != nil {
		return err
	}
	begin, end := s.table+quoteName(l.begin.Name), s.table+quoteName(l.end.Name)
	conditions = append(conditions, fmt.Sprintf("%s <= %s", begin, s.end(l.begin)), fmt.Sprintf("(%s IS NULL OR %s > %s)", end, end, s.end(l.end)))
	due, err := l.dueIn(s)
	if err != nil {
		return err
	}
	district := "''"
	if names := districtColumns(o.dataset); len(names) > 0 {
		district = s.table + quoteName(names[0])
		if q.District != "" {
			conditions = append(conditions, district+" = "+s.text(q.District))
		}
	} else if q.District != "" {
		return nil
	}
	columns := []string{fmt.Sprintf("CAST(%s AS TIMESTAMP) AS opened", begin), due + " AS due", district + " AS district"}
	order := []string{"opened"}
	for i, k := range o.dataset.Key {
		columns, order = append(columns, fmt.Sprintf("coalesce(CAST(%s AS VARCHAR), '') AS k%d", s.table+quoteName(k), i)), append(order, fmt.Sprintf("k%d", i))
	}
	overdue := l.overdue(s)
	rows := s.withSteps(placed(o.dataset, o.rows(s, nil, everything), o.table))
	s.printf("SELECT *, %[1]s AS overdue, count(*) OVER () AS n, count(*) FILTER (%[1]s) OVER () AS late FROM (SELECT %[2]s FROM %[3]s AS r WHERE %[4]s) ORDER BY overdue DESC, %[5]s LIMIT %[6]s",
		overdue, strings.Join(columns, ", "), rows, strings.Join(conditions, " AND "), strings.Join(order, ", "), s.bind(int64(max(q.Limit, 0)), "BIGINT"))
	return o.tx.query(ctx, func(scan func(...any) error) error { return o.scanCase(scan, l, out) }, s.String(), s.args...)
}

// overdue is the SQL for whether a due date has passed: a day when it is over, a moment when the day that is judged ends after it.
func (l *life) overdue(s scope) string {
	passed := ""
	if l.dueType(s.dataset) == expr.Date { // what is bound must be used
		passed = "CAST(" + s.date(s.asOf.day) + " AS TIMESTAMP)"
	} else {
		passed = s.timestamp(s.asOf.last)
	}
	return "coalesce(due < " + passed + ", false)"
}

// scanCase reads one row.
func (o *observer) scanCase(scan func(...any) error, l *life, out *kpi.OpenCases) error {
	var c kpi.OpenCase
	var opened, due sql.NullTime
	keys := make([]string, len(o.dataset.Key))
	dest := []any{&opened, &due, &c.District}
	for i := range keys {
		dest = append(dest, &keys[i])
	}
	if err := scan(append(dest, &c.Overdue, &out.Open, &out.Overdue)...); err != nil {
		return err
	}
	c.Key = map[string]string{}
	for i, k := range o.dataset.Key {
		c.Key[k] = keys[i]
	}
	c.Opened = o.cityDay(opened, exprType(l.begin.Type))
	c.Due = o.cityDay(due, l.dueType(o.dataset))
	c.Days = o.asOf.day.Sub(c.Opened)
	out.List = append(out.List, c)
	return nil
}

// cityDay is the day of a date, or of a moment in the city.
func (o *observer) cityDay(t sql.NullTime, as expr.Type) kpi.Date {
	switch {
	case !t.Valid:
		return kpi.Date{}
	case as == expr.Date:
		return kpi.DateOf(t.Time.UTC())
	}
	return kpi.DateOf(t.Time.In(o.calendar.Location))
}

// waiting are the reasons for leaving a row out that say that it is open, or that nobody promised a date: such a row is still behind the number.
var waiting = []string{kpi.ReasonNoDueDate, kpi.ReasonNotYetDue, kpi.ReasonNotYetClosed, kpi.ReasonNoValue}

// takesPart is the SQL for which rows are behind the number, open or not.
func (p *plan) takesPart(s scope) ([]string, error) {
	var list []string
	if p.where != nil {
		where, err := s.compile(p.where)
		if err != nil {
			return nil, err
		}
		list = append(list, where)
	}
	for i, n := range p.when {
		if slices.Contains(waiting, p.reasons[i]) {
			continue
		}
		when, err := s.compile(n)
		if err != nil {
			return nil, err
		}
		list = append(list, "NOT coalesce("+when+", false)")
	}
	return list, nil
}

// life says how a dataset tells that a case has begun, must end and has ended.
type life struct {
	begin, end *kpi.Column
	due        expr.Node // what says when it must have ended; nil: nothing, or
	within     *promise  // so long after it began
}

// dueIn is the SQL for when a case must have ended, as a timestamp; null where nothing says.
func (l *life) dueIn(s scope) (string, error) {
	if l.due != nil {
		due, err := s.compile(l.due)
		return "CAST(" + due + " AS TIMESTAMP)", err
	}
	k, ok := l.allowed()
	if !ok {
		return "NULL::TIMESTAMP", nil
	}
	begin := fmt.Sprintf("CAST(%s AS TIMESTAMP)", s.table+quoteName(l.begin.Name))
	switch l.within.unit {
	case kpi.Hours:
		k *= microsecondsInHour
	case kpi.Days:
		k *= microsecondsInDay
	}
	return begin + " + to_microseconds(" + s.bind(int64(math.Round(k)), "BIGINT") + ")", nil
}

// allowed is how long a case may last, in elapsed time. Working days give no moment.
func (l *life) allowed() (float64, bool) {
	if l.within == nil || l.within.unit == kpi.WorkingDays {
		return 0, false
	}
	k, ok := constant(l.within.may)
	return k, ok && math.Abs(k) < 1e5
}

// says is what says when a case must have ended, as an expression; "" if nothing does.
func (l *life) says() string {
	if l.due != nil {
		return expr.String(l.due)
	}
	if _, ok := l.allowed(); ok {
		return expr.String(l.within.took) + " <= " + expr.String(l.within.may)
	}
	return ""
}

// dueType is the type of what says when a case must end.
func (l *life) dueType(d *kpi.Dataset) expr.Type {
	if l.due == nil {
		return exprType(l.begin.Type)
	}
	return nodeType(l.due, d)
}

// lifeOf finds how the rows of an indicator begin and end; nil if nothing says. all are the indicators of the dataset.
func lifeOf(d *kpi.Dataset, p *plan, all []*plan) (*life, error) {
	begin, end, due := p.times(d)
	if end == nil || slices.ContainsFunc(all, func(other *plan) bool { u := other.promise(d); return u != nil && isColumn(u.due, end) }) {
		return nil, nil
	}
	for _, other := range all {
		b, e, u := other.times(d)
		if e == nil || e.Name != end.Name {
			continue
		}
		if begin == nil {
			begin = b
		}
		if due == nil {
			due = u
		}
	}
	var err error
	if begin == nil {
		if begin, err = beginning(d, p, end, due); err != nil || begin == nil {
			return nil, err
		}
	}
	if isColumn(due, end) || isColumn(due, begin) || begin.Name == end.Name {
		return nil, nil
	}
	l := &life{begin: begin, end: end, due: due}
	if u := p.promise(d); u != nil && u.took != nil && isColumn(u.took.(*expr.Call).Args[0], begin) {
		l.due, l.within = nil, u // what the measure itself promises comes first
	}
	return l, nil
}

// times are the columns in which a case begins and ends, and what says when it must end, as far as one measure tells.
func (p *plan) times(d *kpi.Dataset) (begin, end *kpi.Column, due expr.Node) {
	if p.span != nil {
		return p.span.from, p.span.to, nil
	}
	if promise := p.promise(d); promise != nil && promise.done != nil {
		if end = timeColumn(d, promise.done); end != nil && timeColumn(d, promise.due) != nil {
			due = promise.due
		}
	}
	if p.of != nil && end == nil {
		expr.Walk(p.of, func(n expr.Node) {
			if call, ok := n.(*expr.Call); ok && end == nil && units[call.Name] != "" {
				begin, end = timeColumn(d, call.Args[0]), timeColumn(d, call.Args[1])
			}
		})
		if begin == nil {
			end = nil // the time since something that no column says
		}
	}
	if end == nil && p.where != nil {
		end = openEnded(d, p.where)
	}
	for i, n := range p.when {
		if end == nil && p.reasons[i] != kpi.ReasonNoDueDate && p.reasons[i] != kpi.ReasonNotYetDue {
			end = openEnded(d, n)
		}
	}
	return begin, end, due
}

// openEnded is the column of which a condition says that it may be null or later than the day that is judged; nil if there is none.
func openEnded(d *kpi.Dataset, n expr.Node) *kpi.Column {
	b, ok := n.(*expr.Binary)
	if !ok {
		return nil
	}
	if b.Op == "or" {
		for _, sides := range [][2]expr.Node{{b.L, b.R}, {b.R, b.L}} {
			null, isNull := sides[0].(*expr.IsNull)
			if !isNull || null.Negated {
				continue
			}
			for _, c := range comparisons(sides[1]) {
				if _, today := c.less.(*expr.AsOf); today && expr.String(null.X) == expr.String(c.more) {
					return timeColumn(d, c.more)
				}
			}
		}
	}
	if c := openEnded(d, b.L); c != nil {
		return c
	}
	return openEnded(d, b.R)
}

// beginning finds the column in which a case begins: what the folder compares its end with, or that with its due date, or the date of the measure.
func beginning(d *kpi.Dataset, p *plan, end *kpi.Column, due expr.Node) (*kpi.Column, error) {
	list := append([]expr.Node{p.where}, p.when...)
	for _, c := range d.Checks {
		if c.Kind != kpi.CheckRow {
			continue
		}
		n, err := parse(d, "check "+c.ID, c.Expr, expr.Boolean)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	for _, with := range []expr.Node{&expr.Column{Name: end.Name}, due} {
		for _, n := range list {
			if c := comparedWith(d, n, with); c != nil && c.Name != end.Name && !isColumn(due, c) {
				return c, nil
			}
		}
	}
	if p.date.Name == end.Name || isColumn(due, p.date) {
		return nil, nil
	}
	return p.date, nil
}

// comparedWith is the time column that a condition compares another with; nil if it compares none.
func comparedWith(d *kpi.Dataset, n, with expr.Node) *kpi.Column {
	if n == nil || with == nil {
		return nil
	}
	for _, c := range comparisons(n) {
		for _, sides := range [][2]expr.Node{{c.less, c.more}, {c.more, c.less}} {
			if expr.String(sides[0]) == expr.String(with) {
				if found := timeColumn(d, sides[1]); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// timeColumn is the column of dates or moments that a node is, by itself or as the day of a moment; nil if it is none.
func timeColumn(d *kpi.Dataset, n expr.Node) *kpi.Column {
	if call, ok := n.(*expr.Call); ok && call.Name == "date_of" && len(call.Args) == 1 {
		n = call.Args[0]
	}
	c, ok := n.(*expr.Column)
	if !ok {
		return nil
	}
	found := column(d, c.Name)
	if found == nil || found.Type != kpi.TypeDate && found.Type != kpi.TypeTimestamp {
		return nil
	}
	return found
}

// isColumn reports whether a node is a column.
func isColumn(n expr.Node, c *kpi.Column) bool {
	if n == nil {
		return false
	}
	names := expr.Columns(n)
	return len(names) == 1 && names[0] == c.Name
}

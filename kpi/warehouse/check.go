package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// check is a check of the dataset, ready to be asked. implied is true for the check that the folder need not write: that the key is
// unique.
type check struct {
	kpi.Check
	n       int // its place, from 1
	node    expr.Node
	implied bool
	absent  string // of kind exists: the condition under which a staged row breaks it, once it is known
}

// parseChecks reads the checks. Without a unique key rows could not be followed from load to load, so a doubled key fails the load
// unless a check sets the later rows aside.
func parseChecks(d *kpi.Dataset) ([]check, error) {
	var list []check
	covered := false
	for i, c := range d.Checks {
		k := check{Check: c, n: len(d.Columns) + i + 1}
		switch c.Kind {
		case kpi.CheckRow:
			node, err := parse(d, fmt.Sprintf("dataset %s: check %s", d.ID, c.ID), c.Expr, expr.Boolean)
			if err != nil {
				return nil, err
			}
			k.node = node
		case kpi.CheckUnique, kpi.CheckNotNull:
			if len(c.Columns) == 0 {
				return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: the check %q names no column", d.ID, c.Rule)
			}
			covered = covered || c.Kind == kpi.CheckUnique && c.Else != kpi.ElseWarn && sameColumns(c.Columns, d.Key)
		case kpi.CheckExists, kpi.CheckFresh:
			if err := checkOne(d, c); err != nil {
				return nil, err
			}
		default:
			return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: the check %q is of the unknown kind %q", d.ID, c.Rule, c.Kind)
		}
		list = append(list, k)
	}
	if !covered {
		rule := "unique " + strings.Join(d.Key, ", ")
		list = append(list, check{Check: kpi.Check{ID: "key", Rule: rule, Kind: kpi.CheckUnique, Columns: d.Key, Else: kpi.ElseFail}, n: len(d.Columns) + len(d.Checks) + 1, implied: true})
	}
	return list, nil
}

// checkOne refuses a check of one column that cannot be asked.
func checkOne(d *kpi.Dataset, c kpi.Check) error {
	wrong := func(what string) error {
		return kpi.Errorf(kpi.CodeInvalid, "dataset %s: the check %q %s", d.ID, c.Rule, what)
	}
	if len(c.Columns) != 1 {
		return wrong("must name one column")
	}
	if c.Kind == kpi.CheckExists {
		if c.InDataset == "" || c.InColumn == "" {
			return wrong("must name the dataset and the column in which it looks")
		}
		return nil
	}
	switch t := column(d, c.Columns[0]).Type; {
	case t != kpi.TypeDate && t != kpi.TypeTimestamp:
		return wrong("asks for days, and " + c.Columns[0] + " holds none")
	case c.Within < 0:
		return wrong("must allow 0 days or more")
	case c.Else == kpi.ElseReject:
		return wrong("speaks of the whole delivery and cannot reject a row; write else: fail or else: warn")
	}
	return nil
}

func sameColumns(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// code is what stands in _fault for a row that the check sets aside.
func (c *check) code() int { return c.n * faultKinds }

func (c *check) explain(d *kpi.Dataset) fault {
	f := fault{code: c.code(), reason: RejectCheck, detail: fmt.Sprintf("the row breaks the check %q; correct it at the source", c.Rule)}
	if c.Kind == kpi.CheckUnique {
		f.reason, f.detail = RejectDuplicate, fmt.Sprintf("a row with the same %s came before; the first one counts, correct the others at the source", strings.Join(c.Columns, ", "))
	}
	if c.Kind == kpi.CheckExists {
		f.detail = fmt.Sprintf("the row breaks the check %q: no visible row of %s has this value in %s; correct it at the source, or load %s first if it is new there", c.Rule, c.InDataset, c.InColumn, c.InDataset)
	}
	if len(c.Columns) == 1 {
		f.column = column(d, c.Columns[0]).From
	}
	return f
}

// rowScope is what checks that look at one row are compiled in.
func (l *loader) rowScope(s *statement) (scope, error) {
	zone, err := zoneOf(l.in.City, l.dataset, nil)
	return newScope(s, l.in.City, l.dataset, l.asOf, zone, "r."), err
}

// broken is the condition, over staged rows, under which a row breaks a check that looks at one row.
func (l *loader) broken(s scope, c *check) (string, error) {
	if c.Kind == kpi.CheckNotNull {
		blank := make([]string, len(c.Columns))
		for i, name := range c.Columns {
			blank[i] = quoteName(keptName(column(l.dataset, name))) + " IS NULL"
		}
		return "(" + strings.Join(blank, " OR ") + ")", nil
	}
	sql, err := s.compile(c.node)
	if err != nil {
		return "", err
	}
	return "NOT " + sql, nil // null where the expression is null, and then it is not broken
}

// checkRows asks all checks that look at one row, in one scan.
func (l *loader) checkRows(ctx context.Context) error {
	s, err := l.rowScope(&statement{})
	if err != nil {
		return err
	}
	var counts []string
	var asked []*check
	for i := range l.checks {
		c := &l.checks[i]
		if c.Kind != kpi.CheckRow && c.Kind != kpi.CheckNotNull {
			continue
		}
		broken, err := l.broken(s, c)
		if err != nil {
			return err
		}
		counts, asked = append(counts, fmt.Sprintf("count(*) FILTER (%s)", broken)), append(asked, c)
	}
	if len(asked) == 0 {
		return nil
	}
	s.printf("SELECT %s FROM %s AS r WHERE _fault IS NULL", strings.Join(counts, ", "), s.withSteps(l.stagedRows(slices.ContainsFunc(asked, l.asksDistrict))))
	failed := make([]int64, len(asked))
	dest := make([]any, len(asked))
	for i := range failed {
		dest[i] = &failed[i]
	}
	if err := l.tx.row(ctx, s.statement, dest...); err != nil {
		return err
	}
	for i, c := range asked {
		if err := l.conclude(ctx, c, failed[i]); err != nil {
			return err
		}
	}
	return nil
}

// asksDistrict reports whether a check reads a district.
func (l *loader) asksDistrict(c *check) bool {
	names := c.Columns
	if c.node != nil {
		names = expr.Columns(c.node)
	}
	return slices.ContainsFunc(names, func(name string) bool { return column(l.dataset, name).Type == kpi.TypeDistrict })
}

// conclude notes how a check went and sets rows aside if it says so.
func (l *loader) conclude(ctx context.Context, c *check, failed int64) error {
	if !c.implied || failed > 0 {
		l.out.Checks = append(l.out.Checks, kpi.CheckResult{Check: c.Check, Failed: failed})
	}
	if failed == 0 || c.Else != kpi.ElseReject {
		return nil
	}
	s := &statement{}
	rows, err := l.breaking(s, c, "_row")
	if err != nil {
		return err
	}
	table, also := stageTable, ""
	if l.direct {
		table, also = quoteName(l.table), fmt.Sprintf(", _to = %d", l.in.Load.ID)
	}
	if c.Kind == kpi.CheckExists { // the value that nobody knows is what people look for
		also += fmt.Sprintf(", _raw = left(CAST(%s AS VARCHAR), 250)", quoteName(keptName(column(l.dataset, c.Columns[0]))))
	}
	s.printf("UPDATE %s SET _fault = %d%s WHERE rowid IN (%s)", table, c.code(), also, rows)
	_, err = l.tx.run(ctx, s)
	return err
}

// breaking is the SQL query for the rows that break a check. Of rows that are doubled the first, by file and line, does not.
func (l *loader) breaking(s *statement, c *check, columns string) (string, error) {
	if c.Kind == kpi.CheckExists {
		return fmt.Sprintf("SELECT %s FROM %s AS staged WHERE _fault IS NULL AND %s", columns, l.stagedRows(l.asksDistrict(c)), c.absent), nil
	}
	if c.Kind != kpi.CheckUnique {
		sc, err := l.rowScope(s)
		if err != nil {
			return "", err
		}
		broken, err := l.broken(sc, c)
		return fmt.Sprintf("SELECT %s FROM %s AS r WHERE _fault IS NULL AND %s", columns, sc.withSteps(l.stagedRows(true)), broken), err
	}
	same, named := l.sameness(c)
	return fmt.Sprintf("SELECT %[1]s FROM (SELECT *, row_number() OVER (PARTITION BY %[2]s ORDER BY _file, _line) AS _place FROM %[3]s WHERE _fault IS NULL AND %[4]s) WHERE _place > 1",
		columns, same, l.stagedRows(true), named), nil
}

// sameness is the SQL for what must be the same in two rows for a unique check to call them doubled, and the condition that none of it is
// blank. Two spellings of a district are the same.
func (l *loader) sameness(c *check) (columns, notBlank string) {
	var list, conditions []string
	for _, name := range c.Columns {
		q := quoteName(name)
		if column(l.dataset, name).Type == kpi.TypeDistrict {
			raw := quoteName(rawName(name))
			q = fmt.Sprintf("CASE WHEN %[1]s = '%[2]s' THEN %[3]s WHEN %[3]s IS NOT NULL THEN %[1]s END", q, kpi.MemberNotRecognised, raw)
		}
		list, conditions = append(list, q), append(conditions, "("+q+") IS NOT NULL")
	}
	return strings.Join(list, ", "), strings.Join(conditions, " AND ")
}

// checkUnique asks the checks for doubled rows, among those that the others left. A row in which one of the columns is blank is like no
// other row.
func (l *loader) checkUnique(ctx context.Context) error {
	for i := range l.checks {
		c := &l.checks[i]
		if c.Kind != kpi.CheckUnique {
			continue
		}
		same, named := l.sameness(c)
		s := &statement{}
		s.printf("SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (SELECT count(*) AS n FROM %s WHERE _fault IS NULL AND %s GROUP BY %s HAVING count(*) > 1)",
			l.stagedRows(l.asksDistrict(c)), named, same)
		var failed int64
		if err := l.tx.row(ctx, s, &failed); err != nil {
			return err
		}
		if err := l.conclude(ctx, c, failed); err != nil {
			return err
		}
	}
	return nil
}

// settleChecks fails the load if a check says so, naming every such check with its first lines.
func (l *loader) settleChecks(ctx context.Context) error {
	l.sortResults()
	var failures []string
	mend := "write else: reject or else: warn"
	for _, r := range l.out.Checks {
		if r.Failed == 0 || r.Check.Else != kpi.ElseFail {
			continue
		}
		c := &l.checks[l.place(r)]
		if c.implied { // rows without an identity of their own could not be followed from load to load
			mend = fmt.Sprintf("set the later rows aside with {rule: %s, else: reject}", c.Rule)
		}
		lines, err := l.firstLines(ctx, c)
		if err != nil {
			return err
		}
		failures = append(failures, fmt.Sprintf("the check %q is broken by %d rows, first in %s", r.Check.Rule, r.Failed, lines))
	}
	if len(failures) > 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s; correct the source, or %s", strings.Join(failures, "; "), mend)
	}
	return nil
}

// place is the place of a result's check in the folder.
func (l *loader) place(r kpi.CheckResult) int {
	return slices.IndexFunc(l.checks, func(c check) bool { return c.ID == r.Check.ID && c.Rule == r.Check.Rule })
}

// sortResults puts the results into the order of the folder.
func (l *loader) sortResults() {
	slices.SortStableFunc(l.out.Checks, func(a, b kpi.CheckResult) int { return l.place(a) - l.place(b) })
}

// firstLines names the first three rows that break a check.
func (l *loader) firstLines(ctx context.Context, c *check) (string, error) {
	s := &statement{}
	rows, err := l.breaking(s, c, "_file, _line")
	if err != nil {
		return "", err
	}
	s.printf("%s ORDER BY _file, _line LIMIT 3", rows)
	var lines []string
	err = l.tx.query(ctx, func(scan func(...any) error) error {
		var file int
		var line int64
		err := scan(&file, &line)
		lines = append(lines, fmt.Sprintf("%s line %d", l.in.Load.Spool[file].Source, line))
		return err
	}, s.String(), s.args...)
	return strings.Join(lines, ", "), err
}

// leastRows is how many rows there must be. An empty file is never good data; what the program records itself begins empty, and so does what people
// type: that says nothing against anybody.
func leastRows(d *kpi.Dataset) int64 {
	if (d.Source.Kind == kpi.SourceLedger || d.Source.Kind == kpi.SourceEntry) && d.Expect.MinRows <= 1 {
		return 0
	}
	return int64(max(d.Expect.MinRows, 1))
}

// checkLimits compares the load with what a healthy one looks like.
func (l *loader) checkLimits(ctx context.Context) error {
	c, d := l.out.Counts, l.dataset
	var faults []string
	say := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	e := l.extent()
	if n := leastRows(d); e.now < n {
		say("%d rows %s and at least %d are expected (expect.min_rows)", e.now, e.are, n)
	}
	if n := int64(d.Limits.Count); n > 0 && c.Rejected > n {
		say("%d of %d rows were rejected and the limit is %d (limits.rejects)", c.Rejected, c.Read, n)
	}
	if share := d.Limits.Share; share > 0 && float64(c.Rejected) > share*float64(c.Read) {
		say("%d of %d rows were rejected (%.3g %%) and the limit is %.4g %% (limits.share)", c.Rejected, c.Read, 100*float64(c.Rejected)/float64(c.Read), 100*share)
	}
	if most := d.Expect.RowsChangeAtMost; e.before > 0 && most > 0 {
		if change := float64(e.now-e.before) / float64(e.before); max(change, -change) > most {
			say("%d rows %s and %d %s (%+.3g %%); they may change by %.4g %% (expect.rows_change_at_most)", e.now, e.are, e.before, e.were, 100*change, 100*most)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	why, err := l.commonFaults(ctx)
	if err != nil {
		return err
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s%s; look at the source, or change the bound in the folder if this is right", strings.Join(faults, "; "), why)
}

// commonFaults names the most frequent reasons for which rows were refused.
func (l *loader) commonFaults(ctx context.Context) (string, error) {
	meaning := map[int]fault{}
	for _, f := range l.explain() {
		meaning[f.code] = f
	}
	var list []string
	err := l.tx.query(ctx, func(scan func(...any) error) error {
		var code int
		var n int64
		err := scan(&code, &n)
		f, ok := meaning[code]
		if !ok {
			return errors.Join(err, fmt.Errorf("a row was refused for the unknown reason %d", code))
		}
		list = append(list, strings.TrimSuffix(fmt.Sprintf("%d × %s in %s", n, f.reason, f.column), " in "))
		return err
	}, "SELECT _fault, count(*) AS n FROM "+l.staged()+" WHERE _fault IS NOT NULL GROUP BY _fault ORDER BY n DESC, _fault LIMIT 3")
	if len(list) > 0 {
		return "; most often " + strings.Join(list, ", "), err
	}
	return "", err
}

package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"citystat/kpi"
)

// stageTable holds the rows of a load while they are checked, in a load that follows another. The rows of a first load, or of one that is read in
// a new way, go straight into the row table: there is nothing to compare them with.
//
// Either has _file, _line, every declared column typed (a district as the source writes it), and for a refused row _fault with _raw, the field
// as it came. _twice has a bit for each wall-clock time in an hour that clocks show twice, and for each text out of which hidden characters were
// taken (see mark).
const stageTable = "temp.main.stage"

// staging is the reading of a dataset's rows.
type staging struct {
	*loader
	files   *files
	readers []*reader
}

// zoneOf is the zone of the wall-clock times in a column: its own, or the dataset's, or the city's.
func zoneOf(city *kpi.City, d *kpi.Dataset, c *kpi.Column) (*time.Location, error) {
	name := city.TimeZone
	if d.TimeZone != "" {
		name = d.TimeZone
	}
	if c != nil && c.TimeZone != "" {
		name = c.TimeZone
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("dataset %s: time zone %q is unknown; write an IANA name such as America/New_York", d.ID, name), Err: err}
	}
	return loc, nil
}

// newReaders makes a reader for every column. A blank is refused where the column says so, and in the key: a row without an identity
// could not be followed from load to load.
func (l *loader) newReaders() ([]*reader, error) {
	var list []*reader
	for i := range l.dataset.Columns {
		c := &l.dataset.Columns[i]
		zone, err := zoneOf(l.in.City, l.dataset, c)
		if err != nil {
			return nil, err
		}
		must := c.EmptyIs == "reject" || slices.Contains(l.dataset.Key, c.Name)
		r := &reader{col: c, n: i + 1, zone: zone, must: must}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("dataset %s: %w", l.dataset.ID, err)
		}
		list = append(list, r)
	}
	return list, nil
}

// stage reads the canonical copies. In parallel first if that can be right; once more serially if DuckDB then fails or comes to another count than
// the connector.
func (l *loader) stage(ctx context.Context) error {
	files, err := l.tx.db.surveyFiles(l.in)
	if err != nil {
		return err
	}
	if l.readers, err = l.newReaders(); err != nil {
		return err
	}
	for _, r := range l.readers {
		r.ascii = !files.beyond
	}
	st := &staging{loader: l, files: files, readers: l.readers}
	if files.plain {
		if err = st.read(ctx, true); err == nil {
			return nil
		} else if ctx.Err() != nil || l.tx.db.ready() != nil {
			return err
		}
		l.tx.db.log.WarnContext(ctx, "reading in parallel failed; reading serially", "dataset", l.dataset.ID, "error", err)
		if err = l.tx.restart(ctx); err != nil {
			return err
		}
	}
	return st.read(ctx, false)
}

func (st *staging) read(ctx context.Context, parallel bool) error {
	if err := st.chooseTable(ctx); err != nil {
		return err
	}
	s, err := st.statement(parallel)
	if err != nil {
		return err
	}
	if _, err = st.tx.run(ctx, s); err != nil {
		return st.readError(err)
	}
	return st.verify(ctx, parallel)
}

// readError makes a message for people of DuckDB's. A wrong format is the one mistake of a folder that only DuckDB can see.
func (st *staging) readError(err error) error {
	var e *duckdb.Error
	if !errors.As(err, &e) {
		return err
	}
	what := "the canonical copies cannot be read"
	if strings.Contains(e.Msg, "strptime") || strings.Contains(e.Msg, "format specifier") {
		what = "the format of a date or timestamp column is wrong; write it with %Y %m %d %H %I %M %S %p %z"
	}
	return st.tx.fail(&kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("dataset %s: %s", st.dataset.ID, what), Err: err})
}

// verify compares what DuckDB read with what the connector wrote.
func (st *staging) verify(ctx context.Context, parallel bool) error {
	s := &statement{}
	s.printf("SELECT count(*), coalesce(sum(_line), 0)::BIGINT FROM %s", st.staged())
	var rows, lines int64
	if err := st.tx.row(ctx, s, &rows, &lines); err != nil {
		return err
	}
	if rows != st.files.rows {
		return st.tx.fail(kpi.Errorf(kpi.CodeInternal, "dataset %s: %d rows are in the canonical copies and %d were read; the load is not trusted", st.dataset.ID, st.files.rows, rows))
	}
	if parallel && lines != st.files.lineSum {
		return st.tx.fail(kpi.Errorf(kpi.CodeInternal, "dataset %s: the rows that were read are not those of the canonical copies (their line numbers differ); the load is not trusted", st.dataset.ID))
	}
	st.rows = rows
	return nil
}

// statement reads, types and keeps the rows, in layers: text, trimmed, after lists of values, parsed, in UTC, with its first fault.
func (st *staging) statement(parallel bool) (*statement, error) {
	s := &statement{}
	for _, r := range st.readers {
		r.statement = s
	}
	from, err := st.source(s, parallel)
	if err != nil {
		return nil, err
	}
	from = st.layer(from, "", "g", (*reader).mixed, (*reader).odd)
	from = st.layer(from, "", "b", (*reader).marked, (*reader).stripped)
	from = st.layer(from, "", "k", (*reader).prepared, (*reader).trimmed)
	lists := st.joins(func(r *reader) string {
		if !r.listed() {
			return ""
		}
		return fmt.Sprintf(" LEFT JOIN %s AS m%d ON %s = m%d.theirs", r.valuesTable(), r.n, r.name("k"), r.n)
	})
	from = st.layer(from, lists, "s", (*reader).listed, (*reader).mapped)
	from = st.layer(from, "", "r", (*reader).decorated, (*reader).plainNumber)
	from = st.layer(from, "", "q", (*reader).readOnce, (*reader).direct)
	from = st.layer(from, "", "p", always, (*reader).parsed)
	from = st.layer(from, "", "i", (*reader).instants, (*reader).instant)
	zones := map[string]string{}
	offsets := st.joins(func(r *reader) string {
		if !r.naive() {
			return ""
		}
		name := r.zone.String()
		if zones[name] == "" {
			zones[name] = zoneTable(s, r.zone)
		}
		p := r.name("p")
		return fmt.Sprintf(" LEFT JOIN %[1]s AS j%[2]d ON %[3]s = j%[2]d.bucket AND %[4]s >= j%[2]d.a AND %[4]s < j%[2]d.b", zones[name], r.n, bucketOf(p, bucket), p)
	})
	from = st.layer(from, offsets, "z", (*reader).naive, func(r *reader) string { return fmt.Sprintf("j%d.v", r.n) })
	from = st.layer(from, "", "v", always, (*reader).value)
	st.last(s, from)
	return s, nil
}

func always(*reader) bool { return true }

// layer selects everything that is there and, for the columns that have it, one more name.
func (st *staging) layer(from, joins, name string, has func(*reader) bool, expression func(*reader) string) string {
	var more strings.Builder
	for _, r := range st.readers {
		if has(r) {
			fmt.Fprintf(&more, ", %s AS %s", expression(r), r.name(name))
		}
	}
	if more.Len() == 0 {
		return from
	}
	return fmt.Sprintf("(SELECT base.*%s FROM %s AS base%s)", more.String(), from, joins)
}

func (st *staging) joins(clause func(*reader) string) string {
	var joins strings.Builder
	for _, r := range st.readers {
		joins.WriteString(clause(r))
	}
	return joins.String()
}

// source reads the files, each group of equal headers by its own order of columns. DuckDB is told everything and guesses nothing.
func (st *staging) source(s *statement, parallel bool) (string, error) {
	var union []string
	for _, group := range st.files.sameHeader() {
		header := st.files.surveys[group[0]].header
		names := make([]string, len(group))
		for i, f := range group {
			names[i] = st.files.names[f]
		}
		columns := []string{"'c0': 'BIGINT'"}
		for i := range header[1:] {
			columns = append(columns, fmt.Sprintf("'c%d': 'VARCHAR'", i+1))
		}
		var fields strings.Builder
		for _, r := range st.readers {
			i, err := headerIndex(header, r.col.From)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&fields, ", CAST(c%d AS VARCHAR) AS %s", i, r.name("t")) // c0 is a number
		}
		union = append(union, fmt.Sprintf(`SELECT %s AS _file, c0 AS _line%s FROM read_csv(%s, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\n', nullstr = '', strict_mode = true, null_padding = false, ignore_errors = false, parallel = %v, columns = {%s}%s)`,
			fileNumber(group), fields.String(), s.bind(names, "VARCHAR[]"), parallel, strings.Join(columns, ", "), st.lineSize(parallel)))
	}
	return "(" + strings.Join(union, " UNION ALL ") + ")", nil
}

// fileNumber is the SQL for the number of a row's file among all files of the load.
func fileNumber(group []int) string {
	if len(group) == 1 {
		return fmt.Sprintf("%d::INTEGER", group[0])
	}
	if last := len(group) - 1; group[last]-group[0] == last {
		return fmt.Sprintf("(file_index + %d)::INTEGER", group[0])
	}
	numbers := make([]string, len(group))
	for i, f := range group {
		numbers[i] = fmt.Sprint(f)
	}
	return fmt.Sprintf("([%s])[file_index::BIGINT + 1]", strings.Join(numbers, ", "))
}

// lineSize raises DuckDB's bound on the length of a record (2 MB) where one may be longer.
func (st *staging) lineSize(parallel bool) string {
	if parallel && st.files.longest < 1_900_000 {
		return ""
	}
	return ", max_line_size = 33554432, buffer_size = 67108864" // otherwise DuckDB takes sixteen lines at once, more than the memory that it may have
}

// last selects what is kept: the typed values under their names, and the first fault with the field as it came, at most 1 kB of it.
func (st *staging) last(s *statement, from string) {
	var names []string
	var sound []string
	var values, faults, raws, twice, bits strings.Builder
	for _, m := range st.marks() {
		fmt.Fprintf(&twice, " OR %s", m.suspected())
		fmt.Fprintf(&bits, " | CASE WHEN %s THEN %d ELSE 0 END", m.noted(), int64(1)<<m.bit)
	}
	for _, r := range st.readers {
		names = append(names, keptName(r.col))
		fmt.Fprintf(&values, ", %s AS %s", r.name("v"), quoteName(keptName(r.col)))
		if c := r.sound(); c != "" {
			sound = append(sound, c)
		}
		for _, f := range r.faults() {
			faults.WriteString(" " + f)
		}
		t := r.name("t")
		fmt.Fprintf(&raws, " WHEN %d THEN CASE WHEN strlen(%s) <= 1000 THEN %s ELSE left(%s, 250) END", r.n, t, t, t)
	}
	// There is always a fault to look for: a key must not be blank.
	fault := fmt.Sprintf("CASE WHEN NOT (%s) THEN CASE%s END END", strings.Join(sound, " AND "), faults.String())
	shown := "CASE WHEN false" + twice.String() + " THEN 0::BIGINT" + bits.String() + " END"
	into, opened := "CREATE TEMP TABLE stage AS", ""
	if st.direct {
		into = fmt.Sprintf("INSERT INTO %s (_file, _line, _fault, _raw, _twice, _from, _to, %s)", quoteName(st.table), quoteNames("", names))
		opened = fmt.Sprintf(", %[1]d AS _from, CASE WHEN _fault IS NOT NULL THEN %[1]d END AS _to", st.in.Load.ID)
	}
	s.printf(`%s SELECT _file, _line, _fault, CASE WHEN _fault IS NOT NULL THEN CASE _fault // %d%s END END AS _raw, _twice%s, %s
		FROM (SELECT _file, _line%s, %s AS _fault, %s AS _twice%s FROM %s)`,
		into, faultKinds, raws.String(), opened, quoteNames("", names), values.String(), fault, shown, st.texts(), from)
}

// keptName is the name under which a column's values are kept: a district as the source writes it.
func keptName(c *kpi.Column) string {
	if c.Type == kpi.TypeDistrict {
		return rawName(c.Name)
	}
	return c.Name
}

// texts lists the columns of layer t.
func (st *staging) texts() string {
	var b strings.Builder
	for _, r := range st.readers {
		b.WriteString(", " + r.name("t"))
	}
	return b.String()
}

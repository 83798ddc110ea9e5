package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi/evidence"
)

// ExportOptions say how a ledger is exported.
type ExportOptions struct {
	Addresses bool                                      // of residents who wait for an answer, too
	Cell      func(string) string                       // what is text in a cell of CSV, made so that no spreadsheet takes it for a formula
	Create    func(name string) (io.WriteCloser, error) // begins the next file; one at a time
}

// Export writes everything that people typed and that was published, from the file of a ledger of this schema which nobody writes to, such as a [Copy]: a
// file of JSON lines and one of CSV for each table, papers by their kind with every revision, and README.txt, which says what each column is. What would let
// somebody in is left out: hashes of passwords and links, and sessions.
//
// JSON lines hold everything as it is. In CSV whole folders, definitions and publications are left out, because no cell holds them.
func Export(ctx context.Context, path string, o ExportOptions) (rows map[string]int64, err error) {
	db := &DB{path: path}
	pool, err := sql.Open("sqlite", dsn(path, "mode=ro", "_txlock=deferred"))
	if err != nil {
		return nil, db.fail("export", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	x := &export{ExportOptions: o, rows: map[string]int64{}}
	err = inTx(ctx, pool, func(tx *sql.Tx) error { return x.all(ctx, tx, path) })
	return x.rows, db.fail("export", err)
}

// export is one on its way.
type export struct {
	ExportOptions
	rows  map[string]int64 // by file, without its ending
	files []exportFile     // for README.txt
}

// exportFile is what README.txt says of one.
type exportFile struct {
	name, about string
	columns     []exportColumn
}

// exportTable is a table as it is exported.
type exportTable struct {
	name, about string
	order       string // columns by which it is sorted
	columns     []exportColumn
	skip        bool // nothing of it is exported
	addresses   bool // only if addresses are wanted
}

// columnKind says how a column is stored.
type columnKind int

const (
	isText columnKind = iota
	isNumber
	isBool
	isTime // nanoseconds
	isJSON // text
	isBody // JSON that is compressed; not in CSV
	isHex  // bytes
	isSecret
)

// exportColumn is a column as it is exported.
type exportColumn struct {
	name  string
	kind  columnKind
	about string
}

func (x *export) all(ctx context.Context, tx *sql.Tx, path string) error {
	for _, t := range exportTables {
		if t.skip || t.addresses && !x.Addresses {
			continue
		}
		if err := x.table(ctx, tx, t.name, t, "", nil); err != nil {
			return err
		}
	}
	var kinds []string
	err := each(ctx, tx, func(scan scanFunc) error {
		var kind string
		err := scan(&kind)
		kinds = append(kinds, kind)
		return err
	}, `/* Export */ SELECT DISTINCT kind FROM paper ORDER BY kind`)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if err := x.papers(ctx, tx, kind); err != nil {
			return err
		}
	}
	if err := x.evidence(ctx, tx); err != nil {
		return err
	}
	return x.readme(ctx, tx)
}

// evidence writes each file of evidence as it is kept. One is read at a time.
func (x *export) evidence(ctx context.Context, tx *sql.Tx) error {
	names := map[int64]string{}
	err := each(ctx, tx, func(scan scanFunc) error {
		var id int64
		var kind string
		err := scan(&id, &kind)
		names[id] = fmt.Sprintf("evidence/%d%s", id, evidence.Ending(kind))
		return err
	}, `/* Export */ SELECT e.id, e.type FROM evidence e JOIN evidence_bytes b ON b.evidence = e.id`)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		var body []byte
		if err := tx.QueryRowContext(ctx, `/* Export */ SELECT body FROM evidence_bytes WHERE evidence = ?`, id).Scan(&body); err != nil {
			return err
		}
		err := x.file(names[id], func(w io.Writer) error {
			_, err := w.Write(body)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// shown are the columns of a table that are exported.
func (t *exportTable) shown(inCSV bool) []exportColumn {
	var list []exportColumn
	for _, c := range t.columns {
		if c.kind != isSecret && (c.kind != isBody || !inCSV) {
			list = append(list, c)
		}
	}
	return list
}

// table writes the two files of a table.
func (x *export) table(ctx context.Context, tx *sql.Tx, file string, t exportTable, where string, arg []any) error {
	columns := t.shown(false)
	x.files = append(x.files, exportFile{file, t.about, columns})
	query := func(columns []exportColumn) string {
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = quoted(c.name)
		}
		return `/* Export */ SELECT ` + strings.Join(names, ", ") + ` FROM ` + quoted(t.name) + where + ` ORDER BY ` + t.order
	}
	err := x.file(file+".jsonl", func(w io.Writer) error {
		return each(ctx, tx, func(scan scanFunc) error {
			values, err := scanned(scan, columns)
			if err != nil {
				return err
			}
			x.rows[file]++
			return writeLine(w, columns, values)
		}, query(columns), arg...)
	})
	if err != nil {
		return err
	}
	columns = t.shown(true)
	return x.csv(file, header(columns), func(write func([]string) error) error {
		return each(ctx, tx, func(scan scanFunc) error {
			values, err := scanned(scan, columns)
			if err != nil {
				return err
			}
			record := make([]string, len(columns))
			for i, c := range columns {
				record[i] = x.cell(c, values[i])
			}
			return write(record)
		}, query(columns), arg...)
	})
}

// papers writes the two files of a kind of paper: the lines hold the paper as it was kept, the table has a column for each of its fields.
func (x *export) papers(ctx context.Context, tx *sql.Tx, kind string) error {
	file := "papers/" + kind
	x.files = append(x.files, exportFile{file, "Papers of the kind " + kind + ", every revision of each; what changed from one to the next is what somebody did.", paperColumns})
	where := ` WHERE kind = ?`
	const columns = `kind, id, revision, at, person, name, state, subject, department, body`
	query := `/* Export */ SELECT ` + columns + ` FROM paper` + where + ` ORDER BY id, revision`
	err := x.file(file+".jsonl", func(w io.Writer) error {
		return each(ctx, tx, func(scan scanFunc) error {
			values, err := scanned(scan, paperColumns)
			if err != nil {
				return err
			}
			x.rows[file]++
			return writeLine(w, paperColumns, values)
		}, query, kind)
	})
	if err != nil {
		return err
	}
	fields, err := fieldsOf(ctx, tx, kind)
	if err != nil {
		return err
	}
	own := paperColumns[:len(paperColumns)-1]
	return x.csv(file, append(header(own), fields...), func(write func([]string) error) error {
		return each(ctx, tx, func(scan scanFunc) error {
			values, err := scanned(scan, paperColumns)
			if err != nil {
				return err
			}
			var body map[string]json.RawMessage
			if err := json.Unmarshal(values[len(own)].(json.RawMessage), &body); err != nil {
				return fmt.Errorf("a %s cannot be read: %w", kind, err)
			}
			record := make([]string, 0, len(own)+len(fields))
			for i, c := range own {
				record = append(record, x.cell(c, values[i]))
			}
			for _, f := range fields {
				record = append(record, x.field(body[f]))
			}
			return write(record)
		}, query, kind)
	})
}

// fieldsOf lists the fields that papers of a kind have beside those that are columns of their table.
func fieldsOf(ctx context.Context, tx *sql.Tx, kind string) (list []string, err error) {
	err = each(ctx, tx, func(scan scanFunc) error {
		var name string
		err := scan(&name)
		for _, c := range paperColumns {
			if c.name == name || name == "by" { // by is the column name
				return err
			}
		}
		list = append(list, name)
		return err
	}, `/* Export */ SELECT DISTINCT f.key FROM paper, json_each(paper.body) f WHERE kind = ? ORDER BY f.key`, kind)
	return list, err
}

// field writes a field of a paper into a cell: a text as it is, anything else as JSON.
func (x *export) field(raw json.RawMessage) string {
	var text string
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte("null")):
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return x.Cell(text)
	}
	return string(raw) // begins with a digit, a sign before a digit, a bracket or a letter of true, false
}

// file writes one file.
func (x *export) file(name string, fn func(io.Writer) error) error {
	w, err := x.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(fn(w), w.Close())
}

// csv writes one file of CSV after RFC 4180.
func (x *export) csv(file string, header []string, rows func(write func([]string) error) error) error {
	return x.file(file+".csv", func(w io.Writer) error {
		c := csv.NewWriter(w)
		c.UseCRLF = true
		err := c.Write(header)
		if err == nil {
			err = rows(c.Write)
		}
		c.Flush()
		return errors.Join(err, c.Error())
	})
}

func header(columns []exportColumn) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return list
}

// scanned reads a row: nil, string, int64, bool, time.Time or json.RawMessage.
func scanned(scan scanFunc, columns []exportColumn) ([]any, error) {
	raw, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range raw {
		into[i] = &raw[i]
	}
	if err := scan(into...); err != nil {
		return nil, err
	}
	for i, c := range columns {
		v, err := valueOf(c.kind, raw[i])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		raw[i] = v
	}
	return raw, nil
}

// valueOf is what a column holds, as it is written.
func valueOf(kind columnKind, v any) (any, error) {
	switch is := v.(type) {
	case nil:
		return nil, nil
	case int64:
		switch kind {
		case isTime:
			return timeOf(is), nil
		case isBool:
			return is != 0, nil
		case isNumber:
			return is, nil
		}
	case float64:
		if kind == isNumber {
			return is, nil
		}
	case string:
		switch kind {
		case isJSON:
			return json.RawMessage(is), nil
		case isText:
			return is, nil
		}
	case []byte:
		switch kind {
		case isHex:
			return hex.EncodeToString(is), nil
		case isBody:
			text, err := decompress(is)
			return json.RawMessage(text), err
		}
	}
	return nil, fmt.Errorf("holds %T, which it should not", v)
}

// writeLine writes a row as an object in the order of its columns.
func writeLine(w io.Writer, columns []exportColumn, values []any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, c := range columns {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(strconv.Quote(c.name))
		b.WriteByte(':')
		var err error
		if raw, ok := values[i].(json.RawMessage); ok {
			err = json.Compact(&b, raw)
		} else if err = enc.Encode(values[i]); err == nil {
			b.Truncate(b.Len() - 1) // the end of the line, which is not there yet
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

// cell writes a value into a cell.
func (x *export) cell(c exportColumn, v any) string {
	switch is := v.(type) {
	case nil:
		return ""
	case time.Time:
		return is.Format(time.RFC3339Nano)
	case json.RawMessage:
		return x.Cell(string(is))
	case string:
		if c.kind == isText {
			return x.Cell(is)
		}
		return is
	}
	return fmt.Sprint(v)
}

// readme writes what the files are.
func (x *export) readme(ctx context.Context, tx *sql.Tx) error {
	var city sql.NullString
	if err := tx.QueryRowContext(ctx, `/* Export */ SELECT max(id) FROM city`).Scan(&city); err != nil {
		return err
	}
	return x.file("README.txt", func(w io.Writer) error {
		var b strings.Builder
		fmt.Fprintf(&b, exportIntro, city.String)
		if !x.Addresses {
			b.WriteString("\nThe e-mail addresses of residents who wait for an answer are left out too; they are exported with --addresses.\n")
		}
		for _, f := range x.files {
			fmt.Fprintf(&b, "\n%s.jsonl, %s.csv (%d rows)\n  %s\n", f.name, f.name, x.rows[f.name], f.about)
			for _, c := range f.columns {
				fmt.Fprintf(&b, "    %-12s %s%s\n", c.name, c.about, map[columnKind]string{isBody: " (in the lines alone)", isTime: " (time)", isJSON: " (JSON)"}[c.kind])
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

const exportIntro = `Everything that people typed into CityStat, and everything that it published, for the city %q.

Each table is here twice. NAME.jsonl has one JSON object a line, exactly as it is kept. NAME.csv is the same for spreadsheets (UTF-8, RFC 4180, times as in
the lines); a text that a spreadsheet would take for a formula has an apostrophe before it there, ends of lines within a text are CR LF, and what no cell
can hold is in the lines alone. Times are RFC 3339 in UTC; days are yyyy-mm-dd. Bytes are written in hexadecimal. Papers are in the directory papers, a file
a kind; in papers/KIND.csv the fields of the paper stand behind the columns that are listed here, lists and objects as JSON. Files
of evidence are in the directory evidence, each as it is kept and named by its id in evidence.csv.

Left out is what would let somebody in: the hashes of passwords and of links, and sessions. The rows of the datasets are not in the ledger: they are in the
sources that the city folder names, and in the kept copies of a backup.
`

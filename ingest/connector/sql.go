package connector

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	mssql "github.com/microsoft/go-mssqldb"

	"citystat/kpi"
)

// SQL reads the answer to one query of a database: PostgreSQL, MySQL or MariaDB, SQL Server, Oracle. The transaction is read-only where the
// database knows such a thing (SQL Server does not: give it an account that may only read). Rows are streamed.
//
// Values are written as text: numbers with all their digits, times of a zone in UTC with a Z, wall-clock times without one, booleans as
// true and false, no value as a blank. A column of bytes cannot be declared.
//
// # Deliveries of changes
//
// The query holds, between double brackets, the condition that is left out when everything is fetched, and in it ${cursor} for the
// greatest value of the source's cursor column that was seen:
//
//	SELECT id, opened, closed, changed_at FROM permits [[WHERE changed_at >= ${cursor}]]
//
// With >= a row that was changed in the same instant as the last one is not lost; rows that come again as they were change nothing.
type SQL struct{}

// Read asks the query. Its errors name the database's host and never the account, the password or the query's values.
func (SQL) Read(ctx context.Context, req Request) (Result, error) {
	if req.Network == nil {
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s asks a database, and no network is set up", req.Dataset.ID)
	}
	ctx, cancel := req.Network.within(ctx, req.Dataset.Source.Timeout)
	defer cancel()
	q, err := openQuery(ctx, req)
	if err != nil {
		return Result{}, err
	}
	f, err := q.read(ctx)
	if err = errors.Join(err, q.db.Close()); err != nil {
		return Result{}, errors.Join(err, removeCopies([]File{f}))
	}
	q.result.Files = []File{f}
	return q.finish(), nil
}

// sqlQuery is a query on its way.
type sqlQuery struct {
	*delivery
	db     *sql.DB
	engine engine
	name   string // host and database
	cursor greatest
}

// engine is a kind of database.
type engine struct {
	name     string
	readOnly bool                                                               // it knows read-only transactions
	bind     func(n int) string                                                 // placeholder n, from 1
	open     func(ctx context.Context, dsn string, n *Network) (*sql.DB, error) // with the network's dialer and trust
	plain    func(column *sql.ColumnType) (dateOnly, zoned bool)                // what a time means
	options  []string                                                           // of a connection that are taken, in lower case
}

// The options of a connection that are taken. Drivers know many more: files that they read or write on this machine (keys, wallets,
// services, traces with passwords in them), sockets, hosts beside the declared one, privileges, and certificates that nobody checks.
var (
	postgresOptions  = []string{"sslmode", "connect_timeout", "search_path", "statement_timeout", "lock_timeout", "target_session_attrs", "channel_binding"}
	mysqlOptions     = []string{"tls"}
	sqlserverOptions = []string{"database", "encrypt", "connection timeout", "dial timeout", "keepalive", "packet size"}
	oracleOptions    = []string{"sid", "service name", "instance name", "ssl", "encryption", "data integrity", "timeout", "connection timeout", "prefetch_rows", "lob fetch", "language", "territory", "charset"}
)

// option returns an option of a connection that is not taken, "" if there is none.
func (e engine) option(u *url.URL) string {
	for name := range u.Query() {
		if !slices.Contains(e.options, strings.ToLower(name)) {
			return name
		}
	}
	return ""
}

// engines are the databases by the scheme of their connection.
var engines = map[string]engine{
	"postgres":   {"PostgreSQL", true, func(n int) string { return "$" + strconv.Itoa(n) }, openPostgres, timeKind, postgresOptions},
	"postgresql": {"PostgreSQL", true, func(n int) string { return "$" + strconv.Itoa(n) }, openPostgres, timeKind, postgresOptions},
	"mysql":      {"MySQL", true, func(int) string { return "?" }, openMySQL, timeKind, mysqlOptions},
	"mariadb":    {"MariaDB", true, func(int) string { return "?" }, openMySQL, timeKind, mysqlOptions},
	"sqlserver":  {"SQL Server", false, func(n int) string { return "@p" + strconv.Itoa(n) }, openSQLServer, timeKind, sqlserverOptions},
	"oracle": {"Oracle", true, func(n int) string { return ":" + strconv.Itoa(n) }, openOracle, func(c *sql.ColumnType) (bool, bool) {
		_, zoned := timeKind(c)
		return false, zoned // a DATE of Oracle has a time of day
	}, oracleOptions},
}

// timeKind tells by the name of a column's type whether a time is a day, and whether it is an instant rather than what a clock on a wall
// shows.
func timeKind(c *sql.ColumnType) (dateOnly, zoned bool) {
	name := strings.ToUpper(c.DatabaseTypeName())
	zoned = strings.Contains(name, "TZ") || strings.Contains(name, "OFFSET") || strings.Contains(name, "TIME ZONE")
	return name == "DATE", zoned
}

func openQuery(ctx context.Context, req Request) (*sqlQuery, error) {
	src := &req.Dataset.Source
	dsn, err := req.Network.secret("connection", src.Connection)
	if err != nil {
		return nil, inDataset(req, err)
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" { // the error would show the password
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: what %s holds is no connection; write postgres://user:password@host:5432/database (or mysql, sqlserver, oracle)", req.Dataset.ID, src.Connection)
	}
	e, ok := engines[strings.ToLower(u.Scheme)]
	if !ok {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: what %s holds is a connection of kind %q; postgres, mysql, mariadb, sqlserver and oracle are known", req.Dataset.ID, src.Connection, u.Scheme)
	}
	if option := e.option(u); option != "" {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: the option %.60q of what %s holds is not taken; a connection to %s may have %s", req.Dataset.ID, option, src.Connection, e.name, strings.Join(e.options, ", "))
	}
	q := &sqlQuery{delivery: newDelivery(req), engine: e, name: e.name + " at " + u.Hostname() + u.Path}
	if q.db, err = e.open(ctx, dsn, req.Network); err != nil {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: what %s holds cannot be understood as a connection to %s; look at its options", req.Dataset.ID, src.Connection, e.name)
	}
	q.db.SetMaxOpenConns(1)
	return q, nil
}

// read asks and copies the rows.
func (q *sqlQuery) read(ctx context.Context) (f File, err error) {
	text, args, err := q.text()
	if err != nil {
		return File{}, err
	}
	tx, err := q.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: q.engine.readOnly})
	if err != nil {
		return File{}, q.fail(ctx, "cannot be reached", err)
	}
	defer tx.Rollback() // nothing was written
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return File{}, q.fail(ctx, "refuses the query", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if f, err = q.copy(ctx, rows); err != nil {
		return f, err
	}
	f.SourceHash, f.Fetch = f.Copy, kpi.Fetch{At: q.req.Network.now(), URL: q.name}
	if q.req.Dataset.Source.Delivers == kpi.DeliversChanges {
		q.result.Cursor, err = q.cursor.text(q.req.Previous.Cursor)
	}
	return f, err
}

// text is the query with its parameter.
func (q *sqlQuery) text() (string, []any, error) {
	src := &q.req.Dataset.Source
	if src.Delivers != kpi.DeliversChanges {
		return src.Query, nil, nil
	}
	after, err := parseCursor(q.req.Previous.Cursor)
	if err != nil {
		return "", nil, inDataset(q.req, err)
	}
	q.result.Changes = after != nil
	text := optional(src.Query, after != nil)
	var args []any
	for strings.Contains(text, cursorMark) {
		if after == nil {
			return "", nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: the query uses %s outside of [[ ]], and there is no value for it when everything is fetched; put the whole condition between [[ and ]]", q.req.Dataset.ID, cursorMark)
		}
		args = append(args, after)
		text = strings.Replace(text, cursorMark, q.engine.bind(len(args)), 1)
	}
	return text, args, nil
}

const cursorMark = "${cursor}"

// optional keeps or leaves out the parts between double brackets that hold the cursor. Other double brackets, as of arrays, are left alone.
func optional(text string, keep bool) string {
	var out strings.Builder
	for {
		open := strings.Index(text, "[[")
		if open < 0 {
			break
		}
		length := strings.Index(text[open:], "]]")
		if length < 0 {
			break
		}
		inside := text[open+2 : open+length]
		out.WriteString(text[:open])
		switch {
		case !strings.Contains(inside, cursorMark):
			out.WriteString(text[open : open+length+2])
		case keep:
			out.WriteString(inside)
		}
		text = text[open+length+2:]
	}
	out.WriteString(text)
	return out.String()
}

// copy writes the rows of the answer.
func (q *sqlQuery) copy(ctx context.Context, rows *sql.Rows) (File, error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return File{}, q.fail(ctx, "does not say what its columns are", err)
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name()
	}
	r, err := q.newRecords(ctx, q.name, names)
	if err != nil {
		return File{}, err
	}
	if err := q.rows(ctx, rows, columns, r); err != nil {
		return File{}, errors.Join(err, r.discard())
	}
	return r.finish(q.result.Changes)
}

func (q *sqlQuery) rows(ctx context.Context, rows *sql.Rows, columns []*sql.ColumnType, r *records) error {
	src := &q.req.Dataset.Source
	cursor := -1
	for i, c := range columns {
		if src.Delivers == kpi.DeliversChanges && strings.EqualFold(c.Name(), src.Cursor) {
			cursor = i
		}
	}
	if src.Delivers == kpi.DeliversChanges && cursor < 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s: the query does not select the cursor column %q", q.name, src.Cursor)
	}
	values, fields := make([]any, len(columns)), make([]string, len(columns))
	into := make([]any, len(columns))
	for i := range into {
		into[i] = &values[i]
	}
	var line int64
	for rows.Next() {
		line++
		if err := rows.Scan(into...); err != nil {
			return q.fail(ctx, fmt.Sprintf("row %d cannot be read", line), err)
		}
		for i, v := range values {
			var err error
			if fields[i], err = q.field(columns[i], v); err != nil {
				return err
			}
		}
		if cursor >= 0 {
			if err := q.cursor.see(values[cursor]); err != nil {
				return kpi.Errorf(kpi.CodeInvalid, "%s row %d: the cursor column %q: %v", q.name, line, src.Cursor, err)
			}
		}
		if err := r.row(line, fields); err != nil {
			return err
		}
		if q.req.Progress != nil && line%10_000 == 0 {
			q.req.Progress(kpi.Progress{Dataset: q.req.Dataset.ID, Step: kpi.StepFetch, Done: line, Unit: "rows"})
		}
	}
	if err := rows.Err(); err != nil {
		return q.fail(ctx, fmt.Sprintf("broke off after row %d", line), err)
	}
	return nil
}

// field writes a value as text.
func (q *sqlQuery) field(c *sql.ColumnType, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		switch name := strings.ToUpper(c.DatabaseTypeName()); {
		case name == "UNIQUEIDENTIFIER" && len(v) == 16:
			var id mssql.UniqueIdentifier
			err := id.Scan(v)
			return strings.ToLower(id.String()), err
		case !utf8.Valid(v) || strings.Contains(name, "BLOB") || strings.Contains(name, "BINARY") || name == "BYTEA" || name == "RAW" || name == "IMAGE":
			if kept(q.req.Dataset, c.Name()) {
				return "", kpi.Errorf(kpi.CodeInvalid, "%s: the column %q holds bytes (%s) and no text; leave it out or turn it into text in the query", q.name, c.Name(), name)
			}
			return "", nil
		}
		return string(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case time.Time:
		return q.time(c, v), nil
	}
	return fmt.Sprint(v), nil
}

func (q *sqlQuery) time(c *sql.ColumnType, t time.Time) string {
	switch day, zoned := q.engine.plain(c); {
	case day:
		return t.Format(time.DateOnly)
	case zoned:
		return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	}
	return t.Format("2006-01-02 15:04:05.999999")
}

// kept reports whether a source column is declared and not dropped.
func kept(ds *kpi.Dataset, name string) bool {
	for _, n := range declared(ds) {
		if fold(n) == fold(name) {
			return true
		}
	}
	return false
}

// fail says what went wrong with the database. The words of a driver may name the account, and those of a database may quote values of
// rows: only what a code says is passed on.
func (q *sqlQuery) fail(ctx context.Context, what string, err error) error {
	if cause := context.Cause(ctx); ctx.Err() != nil {
		if errors.Is(cause, errTotal) {
			return kpi.Errorf(kpi.CodeUnready, "%s did not answer in time; raise source: timeout, or make the query quicker", q.name)
		}
		return cause
	}
	var told *kpi.Error
	if errors.As(err, &told) {
		return &kpi.Error{Code: told.Code, Message: q.name + " " + what + ": " + told.Message}
	}
	code, why := explain(err)
	return kpi.Errorf(code, "%s %s%s; the last good data stay", q.name, what, why)
}

package connector

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"citystat/kpi"
)

// postgres is a server of the test's own.
type postgres struct {
	port string
	db   *sql.DB // as its superuser
}

// pgProgram finds a program of PostgreSQL: Debian keeps those of the server out of the path.
func pgProgram(t *testing.T, name string) string {
	t.Helper()
	places, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if len(places) > 0 {
		return places[len(places)-1]
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not on this machine; the gate installs PostgreSQL so that this is tested", name)
	}
	t.Skipf("no PostgreSQL found: %s is not on this machine", name)
	return ""
}

// startPostgres makes a cluster in a temporary directory and starts it on a free port of the loopback. PostgreSQL refuses to run as root,
// so it gets another account then.
func startPostgres(t *testing.T) postgres {
	t.Helper()
	initdb, server := pgProgram(t, "initdb"), pgProgram(t, "postgres")
	dir, err := os.MkdirTemp("", "citystat-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		account, err := user.Lookup("postgres")
		if err != nil {
			account, err = user.Lookup("nobody")
		}
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.ParseUint(account.Uid, 10, 32)
		gid, _ := strconv.ParseUint(account.Gid, 10, 32)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.Dir, c.SysProcAttr, c.Env = dir, attr, []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
		return c
	}
	data, pw := filepath.Join(dir, "data"), filepath.Join(dir, "pw")
	if err := os.WriteFile(pw, []byte("owner-secret\n"), 0o644); err != nil { //nolint:gosec // read by another account, in a directory of its own
		t.Fatal(err)
	}
	if out, err := run(initdb, "-D", data, "-U", "owner", "-A", "scram-sha-256", "--pwfile", pw, "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := run(server, "-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir, "-c", "fsync=off", "-c", "timezone=America/Bogota")
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGINT)
		_ = c.Wait()
	})
	db, err := sql.Open("pgx", fmt.Sprintf("postgres://owner:owner-secret@127.0.0.1:%s/postgres?sslmode=disable", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) { // it says nothing when it is ready
		if err = db.Ping(); err == nil {
			return postgres{port, db}
		}
		if time.Now().After(deadline) {
			t.Fatalf("PostgreSQL does not answer: %v\n%s", err, said.String())
		}
	}
}

func (p postgres) exec(t *testing.T, text string) {
	t.Helper()
	if _, err := p.db.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// request asks the server as the account reader.
func (p postgres) request(t *testing.T, src kpi.Source, columns ...string) Request {
	t.Helper()
	secrets := map[string]string{"CITY_DB": fmt.Sprintf("postgres://reader:reader-secret@127.0.0.1:%s/postgres?sslmode=disable", p.port)}
	n, err := NewNetwork(NetworkOptions{Network: kpi.Network{AllowHosts: []string{"127.0.0.1:" + p.port}}, Secrets: func(ref kpi.SecretRef) (string, error) { return secrets[strings.Trim(string(ref), "${}")], nil }})
	if err != nil {
		t.Fatal(err)
	}
	src.Kind, src.Connection = kpi.SourceSQL, "${CITY_DB}"
	ds := &kpi.Dataset{ID: "permits", Source: src}
	for _, c := range columns {
		ds.Columns = append(ds.Columns, kpi.Column{Name: c, From: c, Type: kpi.TypeText})
	}
	return Request{Dataset: ds, Dir: t.TempDir(), Network: n}
}

// lines returns the copy of a delivery of one file.
func lines(t *testing.T, r Result) []string {
	t.Helper()
	if len(r.Files) != 1 {
		t.Fatalf("%d files", len(r.Files))
	}
	b, err := os.ReadFile(r.Files[0].Plain)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

func TestSQLPostgres(t *testing.T) {
	p := startPostgres(t)
	p.exec(t, `CREATE ROLE reader LOGIN PASSWORD 'reader-secret';
		CREATE TABLE permits (id int PRIMARY KEY, fee numeric(20,4), share double precision, opened date, changed_at timestamptz, wall timestamp, done boolean, note text, seal bytea, owner_name text, u uuid, j jsonb, tags text[]);
		GRANT SELECT ON permits TO reader;
		CREATE TABLE hidden (id int);
		INSERT INTO permits VALUES
			(1, 12345678901234.5678, 0.1, '2026-01-31', '2026-03-01 10:00:00-05', '2026-03-08 02:30:00.25', true, 'a, "b"'||chr(10)||'ñ', '\xdead', 'MARKED-PERSON', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{"a":1}', '{x,y}'),
			(2, NULL, NULL, NULL, '2026-03-01 10:00:01-05', NULL, false, '', NULL, NULL, NULL, NULL, NULL),
			(3, -0.5, 1e300, '0099-01-01', '2026-03-02 00:00:00+00', '1999-12-31 23:59:59', NULL, '🚧', NULL, NULL, NULL, NULL, NULL);`)

	t.Run("values", func(t *testing.T) {
		req := p.request(t, kpi.Source{Query: "SELECT * FROM permits ORDER BY id"}, "id", "fee", "share", "opened", "changed_at", "wall", "done", "note", "u", "j", "tags")
		req.Dataset.Drop = []string{"owner_name"}
		r, err := SQL{}.Read(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"_line,id,fee,share,opened,changed_at,wall,done,note,u,j,tags",
			`1,1,12345678901234.5678,0.1,2026-01-31,2026-03-01T15:00:00Z,2026-03-08 02:30:00.25,true,"a, ""b""`, `ñ",a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,"{""a"": 1}","{x,y}"`,
			"2,2,,,,2026-03-01T15:00:01Z,,false,,,,",
			"3,3,-0.5000,1e+300,0099-01-01,2026-03-02T00:00:00Z,1999-12-31 23:59:59,,🚧,,,",
		}
		if got := lines(t, r); !reflect.DeepEqual(got, want) {
			t.Errorf("the copy is\n%s\nand should be\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if r.Read != 3 || r.Changes || r.Cursor != "" || !slices.Equal(r.Files[0].Undeclared, []string{"seal"}) {
			t.Errorf("read %d, changes %v, cursor %q, undeclared %q", r.Read, r.Changes, r.Cursor, r.Files[0].Undeclared)
		}
		if f := r.Files[0]; f.Source != "PostgreSQL at 127.0.0.1/postgres" || f.Fetch.At.IsZero() || f.SourceHash == "" {
			t.Errorf("the facts are %+v", f.SpoolFile)
		}
	})

	t.Run("changes", func(t *testing.T) {
		src := kpi.Source{Query: "SELECT id, note, changed_at FROM permits [[WHERE changed_at > ${cursor}]] ORDER BY id", Delivers: kpi.DeliversChanges, Cursor: "changed_at"}
		req := p.request(t, src, "id", "note")
		r, err := SQL{}.Read(t.Context(), req)
		if err != nil || r.Changes || r.Read != 3 || r.Cursor != "t:2026-03-02T00:00:00Z" {
			t.Fatalf("the first delivery: %+v, %v", r, err)
		}
		req.Previous = kpi.Load{ID: 1, Cursor: r.Cursor}
		if r, err = (SQL{}).Read(t.Context(), req); err != nil || !r.Changes || r.Read != 0 || r.Cursor != req.Previous.Cursor {
			t.Fatalf("without changes: %+v, %v", r, err)
		}
		p.exec(t, "UPDATE permits SET note = 'new', changed_at = '2026-03-03 00:00:00.000001+00' WHERE id = 1")
		if r, err = (SQL{}).Read(t.Context(), req); err != nil || !r.Changes || r.Cursor != "t:2026-03-03T00:00:00.000001Z" {
			t.Fatalf("after one change: %+v, %v", r, err)
		}
		if got := lines(t, r); !slices.Equal(got, []string{"_line,id,note", "1,1,new"}) {
			t.Errorf("the copy is %q", got)
		}
	})

	for name, c := range map[string]struct {
		src     kpi.Source
		columns []string
		code    kpi.Code
		says    string
	}{
		"no table":      {kpi.Source{Query: "SELECT * FROM nowhere"}, []string{"id"}, kpi.CodeInvalid, "42P01: there is no such table"},
		"not allowed":   {kpi.Source{Query: "SELECT * FROM hidden"}, []string{"id"}, kpi.CodeInvalid, "42501: the account may not read this"},
		"writes":        {kpi.Source{Query: "WITH d AS (DELETE FROM permits RETURNING id) SELECT id FROM d"}, []string{"id"}, kpi.CodeInvalid, "SQLSTATE"},
		"function":      {kpi.Source{Query: "SELECT nextval('s') AS id"}, []string{"id"}, kpi.CodeInvalid, "SQLSTATE"},
		"two":           {kpi.Source{Query: "SELECT 1 AS id; SELECT 2"}, []string{"id"}, kpi.CodeInvalid, "SQLSTATE 42601"},
		"fails midway":  {kpi.Source{Query: "SELECT id, 1/(id-3) AS x FROM permits ORDER BY id"}, []string{"id", "x"}, kpi.CodeInvalid, "SQLSTATE 22012"},
		"lacks column":  {kpi.Source{Query: "SELECT id, note AS notes FROM permits"}, []string{"id", "note"}, kpi.CodeInvalid, `column "note" is missing; the header has "notes": renamed?`},
		"bytes":         {kpi.Source{Query: "SELECT id, seal FROM permits"}, []string{"id", "seal"}, kpi.CodeInvalid, `"seal" holds bytes (BYTEA)`},
		"too slow":      {kpi.Source{Query: "SELECT pg_sleep(20)::text AS id", Timeout: 300 * time.Millisecond}, []string{"id"}, kpi.CodeUnready, "did not answer in time"},
		"no rows":       {kpi.Source{Query: "SELECT id FROM permits WHERE false"}, []string{"id"}, kpi.CodeInvalid, "has no rows"},
		"no cursor":     {kpi.Source{Query: "SELECT id FROM permits", Delivers: kpi.DeliversChanges, Cursor: "changed_at"}, []string{"id"}, kpi.CodeInvalid, `does not select the cursor column "changed_at"`},
		"bare cursor":   {kpi.Source{Query: "SELECT id FROM permits WHERE changed_at > ${cursor}", Delivers: kpi.DeliversChanges, Cursor: "changed_at"}, []string{"id"}, kpi.CodeInvalid, "put the whole condition between [[ and ]]"},
		"broken cursor": {kpi.Source{Query: "SELECT id, done AS c FROM permits", Delivers: kpi.DeliversChanges, Cursor: "c"}, []string{"id"}, kpi.CodeInvalid, "a bool cannot be compared"},
	} {
		t.Run(name, func(t *testing.T) {
			req := p.request(t, c.src, c.columns...)
			_, err := SQL{}.Read(t.Context(), req)
			if kpi.ErrorCode(err) != c.code || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("the error is (%s) %v, and should be %s and say %q", kpi.ErrorCode(err), err, c.code, c.says)
			}
			for _, secret := range []string{"reader-secret", "reader:", "MARKED"} {
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the error shows %q: %v", secret, err)
				}
			}
			if left, _ := os.ReadDir(req.Dir); len(left) > 0 {
				t.Errorf("%d files are left", len(left))
			}
		})
	}

	t.Run("wrong password", func(t *testing.T) {
		p.exec(t, "ALTER ROLE reader PASSWORD 'other'")
		_, err := SQL{}.Read(t.Context(), p.request(t, kpi.Source{Query: "SELECT id FROM permits"}, "id"))
		if !strings.Contains(fmt.Sprint(err), "28P01: the password is wrong") || strings.Contains(fmt.Sprint(err), "reader") {
			t.Errorf("the error is %v", err)
		}
	})

	t.Run("cancelled", func(t *testing.T) {
		p.exec(t, "ALTER ROLE reader PASSWORD 'reader-secret'")
		req := p.request(t, kpi.Source{Query: "SELECT generate_series(1, 100000000)::text AS id"}, "id")
		ctx, cancel := context.WithCancel(t.Context())
		req.Progress = func(pr kpi.Progress) {
			if pr.Done >= 20_000 {
				cancel()
			}
		}
		if _, err := (SQL{}).Read(ctx, req); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		if left, _ := os.ReadDir(req.Dir); len(left) > 0 {
			t.Errorf("%d files are left", len(left))
		}
	})

	t.Run("server gone", func(t *testing.T) {
		req := p.request(t, kpi.Source{Query: "SELECT generate_series(1, 100000000)::text AS id"}, "id")
		once := false
		req.Progress = func(kpi.Progress) {
			if !once {
				once = true
				p.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
			}
		}
		_, err := SQL{}.Read(t.Context(), req)
		if err == nil || !strings.Contains(err.Error(), "broke off after row") {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestSQLNotAllowed(t *testing.T) {
	n, err := NewNetwork(NetworkOptions{Secrets: func(kpi.SecretRef) (string, error) { return "postgres://a:MARKED@127.0.0.1:5432/x", nil }})
	if err != nil {
		t.Fatal(err)
	}
	ds := &kpi.Dataset{ID: "d", Source: kpi.Source{Kind: kpi.SourceSQL, Connection: "${X}", Query: "SELECT 1 AS a"}, Columns: []kpi.Column{{Name: "a", From: "a", Type: kpi.TypeText}}}
	_, err = SQL{}.Read(t.Context(), Request{Dataset: ds, Dir: t.TempDir(), Network: n})
	if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(fmt.Sprint(err), "allow_hosts") || strings.Contains(fmt.Sprint(err), "MARKED") {
		t.Errorf("a database on the loopback answers %v", err)
	}
}

// TestSQLTime gives up on a database that takes the connection and never says a word, though its source names no timeout.
func TestSQLTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for scheme := range engines {
		n := newNetwork(t, NetworkOptions{
			Network: kpi.Network{AllowHosts: []string{l.Addr().String()}}, Pace: Pace{Total: 100 * time.Millisecond},
			Secrets: func(kpi.SecretRef) (string, error) { return scheme + "://u:MARKED@" + l.Addr().String() + "/x", nil },
		})
		ds := &kpi.Dataset{ID: "d", Source: kpi.Source{Kind: kpi.SourceSQL, Connection: "${X}", Query: "SELECT 1 AS a"}, Columns: []kpi.Column{{Name: "a", From: "a", Type: kpi.TypeText}}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err = SQL{}.Read(ctx, Request{Dataset: ds, Dir: t.TempDir(), Network: n})
		if kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(fmt.Sprint(err), "did not answer in time") || ctx.Err() != nil {
			t.Errorf("%s: the error is %v", scheme, err)
		}
		cancel()
	}
}

// TestSQLConnections makes sure that every kind of connection is understood, reaches for the right host through the guard, and that a
// wrong one shows no secret.
func TestSQLConnections(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://u:MARKED@db.city.example/x":                            "5432",
		"postgresql://u:MARKED@db.city.example:6000/x?sslmode=disable":     "6000",
		"mysql://u:MARKED@db.city.example/x":                               "3306",
		"mariadb://u:MARKED@db.city.example:3307/x?tls=true":               "3307",
		"sqlserver://u:MARKED@db.city.example?database=x":                  "1433",
		"oracle://u:MARKED@db.city.example:1521/x":                         "1521",
		"mysql://u:MARKED@db.city.example/x?tls=skip-verify":               "cannot be understood",
		"sqlserver://u:MARKED@db.city.example?TrustServerCertificate=true": `"TrustServerCertificate"`,
		"sqlserver://u:MARKED@db.city.example?certificate=/etc/passwd":     `"certificate"`,
		"postgres://u:MARKED@db.city.example/x?host=/run/postgresql":       `"host"`,
		"postgres://u:MARKED@db.city.example/x?service=other":              `"service"`,
		"postgres://u:MARKED@db.city.example/x?sslkey=/root/.ssh/id":       `"sslkey"`,
		"postgres://u:MARKED@db.city.example/x?sslmode=require":            "5432",
		"mysql://u:MARKED@db.city.example/x?allowAllFiles=true":            `"allowAllFiles"`,
		"oracle://u:MARKED@db.city.example:1521/x?TRACE+FILE=/tmp/trace":   `"TRACE FILE"`,
		"oracle://u:MARKED@db.city.example:1521/x?ssl+verify=false":        `"ssl verify"`,
		"oracle://u:MARKED@db.city.example:1521/x?SSL=true":                "1521",
		"sqlite:///x":          "no connection",
		"mongodb://u:MARKED@h": `kind "mongodb"`,
		"u:MARKED@tcp(h)/x":    "no connection",
	} {
		var reached []string
		n, err := NewNetwork(NetworkOptions{
			Network: kpi.Network{AllowHosts: []string{"db.city.example", "db.city.example:6000", "db.city.example:3307"}},
			Secrets: func(kpi.SecretRef) (string, error) { return dsn, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		n.guard.resolver = nowhere{}
		n.guard.connect = func(_ context.Context, address string, _ func(netip.AddrPort) error) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(address)
			reached = append(reached, port)
			return nil, errors.New("no route for MARKED")
		}
		ds := &kpi.Dataset{ID: "d", Source: kpi.Source{Kind: kpi.SourceSQL, Connection: "${X}", Query: "SELECT 1 AS a"}, Columns: []kpi.Column{{Name: "a", From: "a", Type: kpi.TypeText}}}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, err = SQL{}.Read(ctx, Request{Dataset: ds, Dir: t.TempDir(), Network: n})
		cancel()
		if err == nil || strings.Contains(err.Error(), "MARKED") {
			t.Errorf("%s: the error is %v", dsn, err)
		}
		if !slices.Contains(reached, want) && !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: reached for %q and said %v; should be %s", dsn, reached, err, want)
		}
	}
}

func TestSQLOptional(t *testing.T) {
	for _, c := range []struct{ in, without, with string }{
		{"SELECT 1", "SELECT 1", "SELECT 1"},
		{"SELECT a [[WHERE b > ${cursor}]] ORDER BY b", "SELECT a  ORDER BY b", "SELECT a WHERE b > ${cursor} ORDER BY b"},
		{"SELECT ARRAY[[1,2],[3,4]]", "SELECT ARRAY[[1,2],[3,4]]", "SELECT ARRAY[[1,2],[3,4]]"},
		{"SELECT [[x", "SELECT [[x", "SELECT [[x"},
	} {
		if got := optional(c.in, false); got != c.without {
			t.Errorf("without a cursor %q is %q", c.in, got)
		}
		if got := optional(c.in, true); got != c.with {
			t.Errorf("with a cursor %q is %q", c.in, got)
		}
	}
}

// FuzzCursor makes sure that what is written down is read again.
func FuzzCursor(f *testing.F) {
	f.Add("s:x")
	f.Add("n:-5")
	f.Add("t:2026-01-01T00:00:00Z")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseCursor(s)
		if err != nil || v == nil {
			return
		}
		g := greatest{}
		if err := g.see(v); err != nil {
			t.Fatal(err)
		}
		text, err := g.text("")
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseCursor(text)
		if at, ok := v.(time.Time); ok && err == nil && at.Equal(again.(time.Time)) {
			return
		}
		if err != nil || again != v {
			t.Errorf("%q became %q and is %v, %v", s, text, again, err)
		}
	})
}

// nowhere resolves every name to a public address.
type nowhere struct{}

func (nowhere) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
}

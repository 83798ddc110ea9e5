package connector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	ora "github.com/sijms/go-ora/v2"
	oranet "github.com/sijms/go-ora/v2/network"

	"citystat/kpi"
)

// guardedDialer lets the drivers reach what the network allows, by the name of the host. What they have reached ends with the delivery: not
// every driver looks up while it waits for a server that says nothing.
type guardedDialer func(ctx context.Context, network, address string) (net.Conn, error)

func (n *Network) dialerFor(delivery context.Context) guardedDialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := n.DialContext(ctx, network, address)
		if err == nil {
			context.AfterFunc(delivery, func() { conn.Close() }) //nolint:errcheck // it is closed already, or nobody wants it any more
		}
		return conn, err
	}
}

// DialContext dials.
func (d guardedDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

// HostName tells the driver of SQL Server to leave the resolution of names to the dialer.
func (d guardedDialer) HostName() string { return "" }

func openPostgres(ctx context.Context, dsn string, n *Network) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.DialFunc = pgconn.DialFunc(n.dialerFor(ctx))
	cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // the guard resolves
	trust(cfg.TLSConfig, n)
	for _, f := range cfg.Fallbacks {
		trust(f.TLSConfig, n)
	}
	if u, err := url.Parse(dsn); err == nil && u.Query().Get("sslmode") == "require" && cfg.TLSConfig != nil { // the driver would take any certificate
		cfg.TLSConfig.InsecureSkipVerify, cfg.TLSConfig.ServerName = false, cfg.Host
	}
	cfg.RuntimeParams["application_name"] = "citystat"
	cfg.RuntimeParams["default_transaction_read_only"] = "on"
	cfg.RuntimeParams["timezone"] = "UTC"
	return stdlib.OpenDB(*cfg), nil
}

// trust adds the city's certificate authorities.
func trust(c *tls.Config, n *Network) {
	if c != nil && c.RootCAs == nil {
		c.RootCAs = n.roots
	}
}

func openMySQL(ctx context.Context, dsn string, n *Network) (*sql.DB, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	cfg := mysql.NewConfig()
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	if u.Port() == "" {
		cfg.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	cfg.DialFunc = n.dialerFor(ctx)
	cfg.Logger = noLog{}
	switch mode := u.Query().Get("tls"); mode {
	case "", "false":
	case "true":
		cfg.TLS = &tls.Config{ServerName: u.Hostname(), RootCAs: n.roots, MinVersion: tls.VersionTLS12}
	default: // skip-verify and preferred are no safe ways
		return nil, fmt.Errorf("tls=%s is not taken; write tls=true", mode)
	}
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// noLog keeps the driver from writing to standard error what may hold secrets; its errors come back as errors too.
type noLog struct{}

// Print does nothing.
func (noLog) Print(...any) {}

func openSQLServer(ctx context.Context, dsn string, n *Network) (*sql.DB, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	cfg, err := msdsn.Parse(dsn)
	if err != nil {
		return nil, err
	}
	if cfg.TLSConfig != nil { // the driver trusts whoever answers, unless it is told not to
		cfg.TLSConfig.InsecureSkipVerify, cfg.TLSConfig.ServerName = false, u.Hostname()
		trust(cfg.TLSConfig, n)
	}
	cfg.ReadOnlyIntent = true
	cfg.AppName = "citystat"
	c := mssql.NewConnectorConfig(cfg)
	c.Dialer = n.dialerFor(ctx)
	return sql.OpenDB(c), nil
}

func openOracle(ctx context.Context, dsn string, n *Network) (*sql.DB, error) {
	c, ok := ora.NewConnector(dsn).(*ora.OracleConnector)
	if !ok {
		return nil, errors.New("the driver of Oracle has changed")
	}
	c.Dialer(n.dialerFor(ctx))
	c.WithTLSConfig(&tls.Config{RootCAs: n.roots, MinVersion: tls.VersionTLS12})
	return sql.OpenDB(c), nil
}

// explain gives the code of what a database said, and whether waiting may help. A connection that could not be made or broke may be there
// again later; what the database refuses it will refuse again.
func explain(err error) (code kpi.Code, why string) {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	var ms mssql.Error
	var oe *oranet.OracleError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var no *refusal
	switch {
	case errors.As(err, &no):
		return kpi.CodeInvalid, ": " + no.Error()
	case errors.As(err, &pg):
		return kpi.CodeInvalid, fmt.Sprintf(" (SQLSTATE %s%s)", pg.Code, meaning(pg.Code))
	case errors.As(err, &my):
		return kpi.CodeInvalid, fmt.Sprintf(" (error %d)", my.Number)
	case errors.As(err, &ms):
		return kpi.CodeInvalid, fmt.Sprintf(" (error %d)", ms.Number)
	case errors.As(err, &oe):
		return kpi.CodeInvalid, fmt.Sprintf(" (ORA-%05d)", oe.ErrCode)
	case errors.As(err, &cert), errors.As(err, &unknown):
		return kpi.CodeInvalid, " (its certificate is not trusted; name the city's authority with network: ca)"
	}
	return kpi.CodeUnready, ""
}

// meaning says in words what the commonest codes of PostgreSQL mean.
func meaning(state string) string {
	words := map[string]string{
		"28P01": "the password is wrong", "28000": "the account is refused", "3D000": "there is no such database", "42501": "the account may not read this",
		"42P01": "there is no such table", "42703": "there is no such column", "42601": "the query is no correct SQL", "25006": "the query wants to write", "57014": "the database ended the query",
	}
	if w := words[state]; w != "" {
		return ": " + w
	}
	return ""
}

// greatest is the greatest value of the cursor column: a time, a whole number or a text.
type greatest struct{ v any }

// see looks at one more value.
func (g *greatest) see(v any) error {
	switch x := v.(type) {
	case nil:
		return nil // such a row comes again only when everything is fetched
	case []byte:
		v = string(x)
	case int64, string, time.Time:
	default:
		return fmt.Errorf("a %T cannot be compared; select a time, a whole number or a text", v)
	}
	if g.v == nil {
		g.v = v
		return nil
	}
	more := false
	switch x := v.(type) {
	case int64:
		was, ok := g.v.(int64)
		if !ok {
			return errMixed
		}
		more = x > was
	case string:
		was, ok := g.v.(string)
		if !ok {
			return errMixed
		}
		more = x > was
	case time.Time:
		was, ok := g.v.(time.Time)
		if !ok {
			return errMixed
		}
		more = x.After(was)
	}
	if more {
		g.v = v
	}
	return nil
}

var errMixed = errors.New("its values are not all of one type")

// text writes the value down for the next delivery; before stays if nothing came.
func (g *greatest) text(before string) (string, error) {
	switch x := g.v.(type) {
	case nil:
		return before, nil
	case int64:
		return "n:" + strconv.FormatInt(x, 10), nil
	case string:
		return "s:" + x, nil
	case time.Time:
		return "t:" + x.Format(time.RFC3339Nano), nil
	}
	return "", fmt.Errorf("a cursor of type %T", g.v)
}

// parseCursor reads what text wrote; nil if there was nothing.
func parseCursor(s string) (any, error) {
	kind, rest, ok := strings.Cut(s, ":")
	switch {
	case s == "":
		return nil, nil
	case ok && kind == "s":
		return rest, nil
	case ok && kind == "n":
		if n, err := strconv.ParseInt(rest, 10, 64); err == nil {
			return n, nil
		}
	case ok && kind == "t":
		if t, err := time.Parse(time.RFC3339Nano, rest); err == nil {
			return t, nil
		}
	}
	return nil, kpi.Errorf(kpi.CodeInvalid, "the mark up to which changes were fetched, %q, cannot be read; fetch everything once", s)
}

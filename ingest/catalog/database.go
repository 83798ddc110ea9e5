package catalog

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"citystat/kpi"
)

var (
	cursorName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$#]{0,127}$`)
	socrataName = regexp.MustCompile(`^:?[a-z_][a-z0-9_]{0,127}$`)
	ledgerTable = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	beginsQuery = regexp.MustCompile(`(?i)^(SELECT|WITH)\b`)
	inText      = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]{0,99}\}`)
	references  = regexp.MustCompile(`\$\{[^}]*\}?`)
)

// cursorMark is what stands in a query for the greatest value of the cursor that has been delivered.
const cursorMark = "${cursor}"

// readTable reads a source that the program itself records.
func (ds *dataset) readTable(s object) {
	n, table := s.raw("table", required)
	if n == nil {
		return
	}
	if ds.d.Source.Table = table; !ledgerTable.MatchString(table) {
		ds.bad(n, "write "+s.shape.line("table"), "%s cannot be the name of a table", short(table))
	}
}

// readDatabase reads a source that a database keeps.
func (ds *dataset) readDatabase(s object) {
	src := &ds.d.Source
	src.Connection = ds.connection(s)
	n, query := s.raw("query", required)
	src.Query = strings.TrimSpace(query)
	ds.readDelivers(s)
	if n != nil {
		ds.query(s, n)
	}
	ds.readBounds(s)
}

// connection reads which database is asked: a secret as a whole, or an address with a reference in the place of the password.
func (ds *dataset) connection(s object) kpi.SecretRef {
	n := s.get("connection", required)
	if n == nil || n.kind != scalar || !strings.Contains(n.text, "://") {
		return ds.secret(s, "connection", required)
	}
	for _, f := range secretsIn(n.text) {
		if f.length > 0 && !reference.MatchString(n.text[f.at:f.at+f.length]) {
			ds.add(SeverityError, n.at(f.at), f.message, `write "${NAME}" in its place; a secret never stands in the folder`)
			return ""
		}
	}
	if !inText.MatchString(n.text) {
		ds.bad(n, `write the password as "${NAME}", such as connection: "postgres://citystat:${PERMITS_PASSWORD}@db.city.internal/permits"`, "the connection refers to no secret")
		return ""
	}
	u, err := url.Parse(inText.ReplaceAllString(n.text, "x"))
	ports := map[string]string{"postgres": "5432", "postgresql": "5432", "mysql": "3306", "mariadb": "3306", "sqlserver": "1433", "oracle": "1521"}
	switch {
	case err != nil || u.Hostname() == "" || ports[u.Scheme] == "":
		ds.bad(n, `write it as postgres://, mysql://, sqlserver:// or oracle://, with user, host and database, such as "postgres://citystat:${PERMITS_PASSWORD}@db.city.internal/permits"`, "the connection is no address of a database")
		return ""
	case !strings.Contains(inText.ReplaceAllString(afterUser(n.text), ""), u.Host): // the host is in a secret too
	case !ds.allows(u, ports[u.Scheme]):
		ds.bad(n, fmt.Sprintf("allow it in city.yaml with network: {allow_hosts: [%s]}", strconv.Quote(u.Host)), "the host %s of the database is not allowed by name", short(u.Host))
	}
	return kpi.SecretRef(n.text)
}

// afterUser returns what follows the user and password of an address.
func afterUser(s string) string { return s[strings.LastIndexByte(s[:indexAny(s, "?#")], '@')+1:] }

// query checks what can be said about a query without its database: that it is one question, and no order.
func (ds *dataset) query(s object, n *node) {
	src := &ds.d.Source
	if !beginsQuery.MatchString(src.Query) {
		ds.bad(n, "write one SELECT, or WITH … SELECT; the program only reads", "the query begins with neither SELECT nor WITH")
		return
	}
	if at := strings.IndexByte(n.text, ';'); at >= 0 {
		ds.add(SeverityError, n.at(at), "a semicolon ends the statement", "leave it out; a query is one statement")
	}
	changes, found := src.Delivers == kpi.DeliversChanges, false
	for _, m := range references.FindAllStringIndex(n.text, -1) {
		mark := n.text[m[0]:m[1]]
		found = found || mark == cursorMark
		switch {
		case mark != cursorMark:
			ds.add(SeverityError, n.at(m[0]), short(mark)+" stands in the query, where only "+cursorMark+" is known", "write the value; secrets belong into connection")
		case !changes:
			ds.add(SeverityError, n.at(m[0]), cursorMark+" is for a source that delivers changes", "add delivers: changes and cursor: changed_at, or leave the condition out")
		case m[0] > 0 && n.text[m[0]-1] == '\'':
			ds.add(SeverityError, n.at(m[0]), cursorMark+" stands in quotes", "take the quotes away; the value is handed to the database as a value")
		case !bracketed(n.text, m[0]):
			ds.add(SeverityError, n.at(m[0]), "there is no value for "+cursorMark+" when everything is fetched", "put the whole condition between [[ and ]]; it is left out then")
		}
	}
	if changes && !found && src.Cursor != "" {
		ds.bad(n, "add [[WHERE "+src.Cursor+" >= "+cursorMark+"]]", "the source delivers changes, and its query does not ask for them")
	}
}

// bracketed reports whether a place of a query lies between double brackets.
func bracketed(query string, at int) bool {
	open := strings.LastIndex(query[:at], "[[")
	return open >= 0 && !strings.Contains(query[open:at], "]]") && strings.Contains(query[at:], "]]")
}

// readDelivers reads whether a delivery holds everything or what has changed, and by which column that is known.
func (ds *dataset) readDelivers(s object) {
	src := &ds.d.Source
	src.Delivers = oneOf(s, "delivers", optional, "", []string{kpi.DeliversAll, kpi.DeliversChanges})
	if src.Delivers != kpi.DeliversChanges {
		if n := s.key["cursor"]; n != nil && (src.Delivers != "" || s.key["delivers"] == nil && !s.misspelt("delivers")) {
			ds.bad(n, "add delivers: changes, or leave it out", `"cursor" is for a source that delivers changes`)
		}
		src.Delivers = "" // all, as if nothing were said
		return
	}
	portal := src.Kind == kpi.SourceSocrata
	n, cursor := s.raw("cursor", need(!portal))
	names := cursorName
	if portal {
		names = socrataName
	}
	switch {
	case n == nil && portal && s.key["cursor"] == nil:
		src.Cursor = ":updated_at"
	case n == nil:
	case !names.MatchString(cursor):
		ds.bad(n, "write the name of one column, such as "+either(portal, "cursor: :updated_at", s.shape.line("cursor")), "%s is no name of a column", short(cursor))
	default:
		src.Cursor = cursor
	}
}

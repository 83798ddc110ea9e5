package connector

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
)

// portalServer holds rows and answers as three kinds of portal document it. A fault is what goes wrong with one request, by its number
// among those for rows.
type portalServer struct {
	*httptest.Server
	mu      sync.Mutex
	rows    []map[string]any // with id, name, opened, district, note
	updated int64            // rowsUpdatedAt, lastEditDate
	most    int              // rows of a page, whatever is asked for
	pages   bool             // ArcGIS: supportsPagination
	asked   []*http.Request  // every request
	fault   func(s *portalServer, n int, w http.ResponseWriter) bool
	n       int    // requests for rows
	fileURL string // of the file behind the resource
}

func newPortalServer(t *testing.T, rows int) *portalServer {
	t.Helper()
	s := &portalServer{updated: 1_790_000_000, most: 100_000, pages: true}
	for i := range rows {
		s.add(i + 1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/views/abcd-1234.json", s.socrataView)
	mux.HandleFunc("GET /resource/abcd-1234.json", s.socrataRows)
	mux.HandleFunc("GET /api/3/action/datastore_search", s.ckanSearch)
	mux.HandleFunc("GET /api/3/action/resource_show", s.ckanResource)
	mux.HandleFunc("GET /files/rows.csv", s.file)
	mux.HandleFunc("GET /rest/FeatureServer/0", s.arcgisLayer)
	mux.HandleFunc("GET /rest/FeatureServer/0/query", s.arcgisQuery)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	s.fileURL = s.URL + "/files/rows.csv"
	return s
}

func (s *portalServer) add(id int) {
	s.rows = append(s.rows, map[string]any{
		"id": id, "name": fmt.Sprintf("Row %d, \"ñ\"", id), "opened": time.Date(2026, 3, 1, 12, 0, id, 0, time.UTC), "district": nil, "note": "MARKED-PERSON",
	})
}

// broken lets the fault have its way with a request for rows.
func (s *portalServer) broken(w http.ResponseWriter) bool {
	s.n++
	return s.fault != nil && s.fault(s, s.n, w)
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

func (s *portalServer) socrataView(w http.ResponseWriter, _ *http.Request) {
	columns := []map[string]any{}
	for _, name := range []string{"id", "name", "opened", "district", "note", ":@computed_region_x"} {
		columns = append(columns, map[string]any{"fieldName": name, "dataTypeName": "text"})
	}
	answerJSON(w, map[string]any{"id": "abcd-1234", "rowsUpdatedAt": s.updated, "columns": columns})
}

var newer = regexp.MustCompile(`^:updated_at >= '([^']*)'$`)

func (s *portalServer) socrataRows(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var rows []map[string]any
	for _, row := range s.rows {
		at := row["opened"].(time.Time).Format("2006-01-02T15:04:05.000Z")
		if m := newer.FindStringSubmatch(q.Get("$where")); m != nil && at < m[1] {
			continue
		}
		if q.Get("$where") == "id > 3" && row["id"].(int) <= 3 {
			continue
		}
		out := map[string]any{}
		for _, name := range strings.Split(q.Get("$select"), ",") {
			switch name {
			case ":id":
				out[name] = fmt.Sprintf("row-%06d", row["id"])
			case ":updated_at":
				out[name] = at
			case "opened":
				out[name] = row["opened"].(time.Time).Format("2006-01-02T15:04:05.000")
			case "id":
				out[name] = strconv.Itoa(row["id"].(int)) // numbers are texts in SODA
			default:
				if v := row[name]; v != nil { // what is null is left out
					out[name] = v
				}
			}
		}
		rows = append(rows, out)
	}
	if strings.HasPrefix(q.Get("$select"), "count(") {
		answerJSON(w, []map[string]any{{"count": strconv.Itoa(len(rows))}})
		return
	}
	if s.broken(w) {
		return
	}
	limit := 1000 // the default of the API
	if v := q.Get("$limit"); v != "" {
		limit, _ = strconv.Atoi(v)
	}
	if q.Get("$order") != ":id" { // pages without an order are in any
		slices.Reverse(rows)
	}
	answerJSON(w, cutRows(rows, q.Get("$offset"), min(limit, s.most)))
}

func cutRows(rows []map[string]any, offset string, limit int) []map[string]any {
	from, _ := strconv.Atoi(offset)
	from = min(from, len(rows))
	return append([]map[string]any{}, rows[from:min(from+limit, len(rows))]...)
}

func (s *portalServer) ckanSearch(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("limit") != "0" && s.broken(w) {
		return
	}
	if q.Get("resource_id") != "res-1" {
		w.WriteHeader(http.StatusNotFound)
		answerJSON(w, map[string]any{"success": false, "error": map[string]any{"__type": "Not Found Error", "message": "Not found: Resource"}})
		return
	}
	var rows []map[string]any
	for i, row := range s.rows {
		out := map[string]any{"_id": i + 1}
		for _, name := range strings.Split(q.Get("fields"), ",") {
			switch v := row[name].(type) {
			case time.Time:
				out[name] = v.Format("2006-01-02T15:04:05")
			default:
				if name != "_id" && name != "" {
					out[name] = v
				}
			}
		}
		rows = append(rows, out)
	}
	limit, _ := strconv.Atoi(q.Get("limit"))
	fields := []map[string]any{}
	for _, name := range []string{"_id", "id", "name", "opened", "district", "note"} {
		fields = append(fields, map[string]any{"id": name, "type": "text"})
	}
	answerJSON(w, map[string]any{"success": true, "result": map[string]any{"fields": fields, "records": cutRows(rows, q.Get("offset"), min(limit, s.most)), "total": len(rows), "limit": min(limit, s.most)}})
}

func (s *portalServer) ckanResource(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, map[string]any{"success": true, "result": map[string]any{"id": "res-1", "url": s.fileURL, "format": "CSV", "datastore_active": false}})
}

func (s *portalServer) file(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, "id,name\n1,one\n2,two\n")
}

func (s *portalServer) arcgisLayer(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, map[string]any{
		"name": "Rows", "maxRecordCount": s.most, "objectIdField": "OBJECTID", "advancedQueryCapabilities": map[string]any{"supportsPagination": s.pages},
		"editingInfo": map[string]any{"lastEditDate": s.updated * 1000},
		"fields": []map[string]any{
			{"name": "OBJECTID", "type": "esriFieldTypeOID"}, {"name": "id", "type": "esriFieldTypeInteger"}, {"name": "name", "type": "esriFieldTypeString"},
			{"name": "opened", "type": "esriFieldTypeDate"}, {"name": "note", "type": "esriFieldTypeString"},
		},
	})
}

func (s *portalServer) arcgisQuery(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case q.Get("where") == "" && q.Get("objectIds") == "":
		answerJSON(w, map[string]any{"error": map[string]any{"code": 400, "message": "Unable to complete operation.", "details": []string{"'where' clause is missing"}}})
		return
	case q.Get("returnCountOnly") == "true":
		answerJSON(w, map[string]any{"count": len(s.rows)})
		return
	case q.Get("returnIdsOnly") == "true":
		ids := []int{}
		for _, row := range s.rows {
			ids = append(ids, 1000+row["id"].(int))
		}
		answerJSON(w, map[string]any{"objectIdFieldName": "OBJECTID", "objectIds": ids})
		return
	}
	if s.broken(w) {
		return
	}
	wanted := strings.Split(q.Get("objectIds"), ",")
	var rows []map[string]any
	for _, row := range s.rows {
		oid := 1000 + row["id"].(int)
		if wanted[0] != "" && !slices.Contains(wanted, strconv.Itoa(oid)) {
			continue
		}
		attributes := map[string]any{}
		for _, name := range strings.Split(q.Get("outFields"), ",") {
			switch v := row[name].(type) {
			case time.Time:
				attributes[name] = v.UnixMilli()
			default:
				attributes[name] = v
			}
		}
		attributes["OBJECTID"] = oid
		feature := map[string]any{"attributes": attributes}
		if q.Get("returnGeometry") == "true" {
			feature["geometry"] = map[string]any{"x": float64(row["id"].(int)), "y": 0}
		}
		rows = append(rows, feature)
	}
	limit := s.most
	if n, err := strconv.Atoi(q.Get("resultRecordCount")); err == nil {
		limit = min(limit, n)
	}
	page := cutRows(rows, q.Get("resultOffset"), limit)
	from, _ := strconv.Atoi(q.Get("resultOffset"))
	answerJSON(w, map[string]any{"features": page, "exceededTransferLimit": from+len(page) < len(rows)})
}

// reading is a kind of portal as a test asks it.
type reading struct {
	name string
	read interface{ Connector }
	src  func(s *portalServer) kpi.Source
}

// Connector is what all kinds have in common.
type Connector = reader

var portals = []reading{
	{"socrata", struct{ Connector }{Socrata{}}, func(s *portalServer) kpi.Source {
		return kpi.Source{Kind: kpi.SourceSocrata, URL: s.URL, Resource: "abcd-1234"}
	}},
	{"ckan", struct{ Connector }{CKAN{}}, func(s *portalServer) kpi.Source {
		return kpi.Source{Kind: kpi.SourceCKAN, URL: s.URL + "/", Resource: "res-1"}
	}},
	{"arcgis", struct{ Connector }{ArcGIS{}}, func(s *portalServer) kpi.Source {
		return kpi.Source{Kind: kpi.SourceArcGIS, URL: s.URL + "/rest/FeatureServer/0"}
	}},
}

// ask asks a portal for id, name and opened. Waiting is short.
func (s *portalServer) request(t *testing.T, src kpi.Source, columns ...string) Request {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewNetwork(NetworkOptions{
		Network: kpi.Network{AllowHosts: []string{u.Host}}, Pace: Pace{First: time.Millisecond, Cap: 5 * time.Millisecond, RetryAfter: 3 * time.Second, Attempts: 4},
		Secrets: func(kpi.SecretRef) (string, error) { return "MARKED-TOKEN", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	if len(columns) == 0 {
		columns = []string{"id", "name", "opened"}
	}
	ds := &kpi.Dataset{ID: "rows", Source: src}
	for _, c := range columns {
		ds.Columns = append(ds.Columns, kpi.Column{Name: strings.TrimPrefix(c, ":"), From: c, Type: kpi.TypeText})
	}
	return Request{Dataset: ds, Dir: t.TempDir(), Network: n}
}

func TestPortals(t *testing.T) {
	for _, p := range portals {
		t.Run(p.name, func(t *testing.T) {
			s := newPortalServer(t, 25)
			s.most = 10
			src := p.src(s)
			src.Token = "${TOKEN}"
			r, err := p.read.Read(t.Context(), s.request(t, src))
			if err != nil {
				t.Fatal(err)
			}
			got := lines(t, r)
			if len(got) != 26 || r.Read != 25 || len(r.Rejects) != 0 {
				t.Fatalf("%d lines, read %d", len(got), r.Read)
			}
			opened := map[string]string{"socrata": "2026-03-01T12:00:07.000", "ckan": "2026-03-01T12:00:07", "arcgis": "2026-03-01T12:00:07Z"}[p.name]
			if want := `7,7,"Row 7, ""ñ""",` + opened; got[7] != want {
				t.Errorf("row 7 is %s and should be %s", got[7], want)
			}
			undeclared := map[string][]string{"socrata": {"district", "note"}, "ckan": {"district", "note"}, "arcgis": {"note"}}[p.name]
			if f := r.Files[0]; !slices.Equal(f.Undeclared, undeclared) || f.Fetch.At.IsZero() || !strings.HasPrefix(f.Fetch.URL, s.URL) {
				t.Errorf("the facts are %+v", f.SpoolFile)
			}
			for _, a := range s.asked {
				if strings.Contains(a.URL.String(), "MARKED") || strings.Contains(a.URL.RawQuery, "note") {
					t.Errorf("%s was asked for", a.URL)
				}
				if !strings.Contains(fmt.Sprint(a.Header), "MARKED-TOKEN") {
					t.Errorf("%s was asked for without the token", a.URL)
				}
			}
			again, err := p.read.Read(t.Context(), s.request(t, src))
			if err != nil || again.SourceHash != r.SourceHash {
				t.Errorf("the same rows have the hash %s and then %s (%v)", r.SourceHash, again.SourceHash, err)
			}
		})
	}
}

// TestPortalFaults lets one thing go wrong with the second page. What passes is asked for again and all rows come; what does not pass fails,
// and leaves nothing behind.
func TestPortalFaults(t *testing.T) {
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `[{"attributes":`)
	}
	status := func(code int, header ...string) func(*portalServer, http.ResponseWriter) {
		return func(_ *portalServer, w http.ResponseWriter) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprint(w, "<html>busy MARKED-TOKEN</html>")
		}
	}
	for name, c := range map[string]struct {
		does   func(*portalServer, http.ResponseWriter)
		always bool     // not only once
		says   string   // "": all rows come
		code   kpi.Code // of the error
		only   string   // the portal that knows such an answer
		rows   int      // that come, if not 25
	}{
		"429 once":       {does: status(429, "Retry-After", "1")},
		"503 once":       {does: status(503)},
		"500 always":     {does: status(500), always: true, says: "500", code: kpi.CodeUnready},
		"429 for a day":  {does: status(429, "Retry-After", "86400"), always: true, says: "429", code: kpi.CodeUnready},
		"401":            {does: status(401), always: true, says: "401", code: kpi.CodeInvalid},
		"cut off once":   {does: func(_ *portalServer, w http.ResponseWriter) { cut(w) }},
		"cut off always": {does: func(_ *portalServer, w http.ResponseWriter) { cut(w) }, always: true, says: "", code: kpi.CodeUnready},
		"reset once":     {does: func(*portalServer, http.ResponseWriter) { panic(http.ErrAbortHandler) }},
		"login page":     {does: func(_ *portalServer, w http.ResponseWriter) { fmt.Fprint(w, "<!DOCTYPE html><title>Log in</title>") }, always: true, says: "JSON", code: kpi.CodeInvalid},
		"an empty page":  {does: func(_ *portalServer, w http.ResponseWriter) { answerJSON(w, []any{}) }, only: "socrata"},
		"success false": {does: func(_ *portalServer, w http.ResponseWriter) {
			answerJSON(w, map[string]any{"success": false, "error": map[string]any{"__type": "Search Error", "message": "no"}})
		}, always: true, says: "Search Error", code: kpi.CodeInvalid, only: "ckan"},
		"error object": {does: func(_ *portalServer, w http.ResponseWriter) {
			answerJSON(w, map[string]any{"error": map[string]any{"code": 498, "message": "Invalid token."}})
		}, always: true, says: "error 498: Invalid token.", code: kpi.CodeInvalid, only: "arcgis"},
		"busy error object": {does: func(_ *portalServer, w http.ResponseWriter) {
			answerJSON(w, map[string]any{"error": map[string]any{"code": 504, "message": "Timed out."}})
		}, always: true, says: "error 504", code: kpi.CodeUnready, only: "arcgis"},
		"a row more": {does: func(s *portalServer, _ http.ResponseWriter) { s.add(26); s.updated++ }, rows: 26},
		"a row less": {does: func(s *portalServer, _ http.ResponseWriter) { s.rows = s.rows[1:]; s.updated++ }, rows: 24},
	} {
		for _, p := range portals {
			if c.only != "" && c.only != p.name {
				continue
			}
			t.Run(p.name+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newPortalServer(t, 25)
				s.most = 10
				s.fault = func(s *portalServer, n int, w http.ResponseWriter) bool {
					if n != 2 && !(c.always && n > 2) {
						return false
					}
					c.does(s, w)
					return !strings.HasPrefix(name, "a row") // those are answered, with other rows
				}
				req := s.request(t, p.src(s))
				r, err := p.read.Read(t.Context(), req)
				if c.code == "" {
					rows := max(c.rows, 25)
					if c.rows != 0 {
						rows = c.rows
					}
					if err != nil {
						t.Fatal(err)
					}
					if got := lines(t, r); len(got) != rows+1 || r.Read != int64(rows) {
						t.Errorf("%d rows came, %d were read, and there are %d", len(got)-1, r.Read, rows)
					}
					return
				}
				if kpi.ErrorCode(err) != c.code || !strings.Contains(fmt.Sprint(err), c.says) {
					t.Errorf("the error is (%s) %v, and should be %s and say %q", kpi.ErrorCode(err), err, c.code, c.says)
				}
				if strings.Contains(fmt.Sprint(err), "MARKED") {
					t.Errorf("the error shows a secret: %v", err)
				}
				if left, _ := os.ReadDir(req.Dir); len(left) > 0 {
					t.Errorf("%d files are left", len(left))
				}
			})
		}
	}
}

// TestPortalNeverStill gives up on rows that change during every attempt.
func TestPortalNeverStill(t *testing.T) {
	for _, p := range portals {
		s := newPortalServer(t, 25)
		s.most = 10
		s.fault = func(s *portalServer, n int, _ http.ResponseWriter) bool {
			s.add(100 + n)
			s.updated++
			return false
		}
		req := s.request(t, p.src(s))
		_, err := p.read.Read(t.Context(), req)
		if kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(fmt.Sprint(err), "changed while they were fetched, 3 times") {
			t.Errorf("%s: the error is %v", p.name, err)
		}
		if left, _ := os.ReadDir(req.Dir); len(left) > 0 {
			t.Errorf("%s: %d files are left", p.name, len(left))
		}
	}
}

func TestSocrataChanges(t *testing.T) {
	s := newPortalServer(t, 25)
	src := kpi.Source{Kind: kpi.SourceSocrata, URL: s.URL, Resource: "abcd-1234", Delivers: kpi.DeliversChanges}
	req := s.request(t, src)
	r, err := Socrata{}.Read(t.Context(), req)
	if err != nil || r.Changes || r.Read != 25 || r.Cursor != "2026-03-01T12:00:25.000Z" {
		t.Fatalf("the first delivery: changes %v, read %d, cursor %q, %v", r.Changes, r.Read, r.Cursor, err)
	}
	s.rows[2]["name"], s.rows[2]["opened"] = "changed", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	req.Previous = kpi.Load{ID: 1, Cursor: r.Cursor}
	if r, err = (Socrata{}).Read(t.Context(), req); err != nil || !r.Changes || r.Cursor != "2026-03-02T00:00:00.000Z" {
		t.Fatalf("the second: changes %v, cursor %q, %v", r.Changes, r.Cursor, err)
	}
	if got := lines(t, r); len(got) != 3 || !strings.Contains(got[1], "3,changed,") || !strings.Contains(got[2], "25,") {
		t.Errorf("the copy is %q", got)
	}
	req.Previous.Cursor = "2026-04-01T00:00:00.000Z"
	if r, err = (Socrata{}).Read(t.Context(), req); err != nil || !r.Changes || r.Read != 0 || r.Cursor != req.Previous.Cursor {
		t.Errorf("without changes: %+v, %v", r, err)
	}
}

func TestSocrataFilter(t *testing.T) {
	s := newPortalServer(t, 25)
	r, err := Socrata{}.Read(t.Context(), s.request(t, kpi.Source{URL: s.URL, Resource: "abcd-1234", Filter: "id > 3"}, "id", ":id", ":updated_at"))
	if err != nil || r.Read != 22 {
		t.Fatalf("read %d, %v", r.Read, err)
	}
	if got := lines(t, r); got[0] != "_line,id,:id,:updated_at" || got[1] != "1,4,row-000004,2026-03-01T12:00:04.000Z" {
		t.Errorf("the copy is %q", got[:2])
	}
}

func TestPortalDrift(t *testing.T) {
	for _, p := range portals {
		s := newPortalServer(t, 3)
		_, err := p.read.Read(t.Context(), s.request(t, p.src(s), "id", "names"))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(fmt.Sprint(err), `column "names" is missing; the header has "name": renamed?`) {
			t.Errorf("%s: the error is %v", p.name, err)
		}
		if s.n > 0 {
			t.Errorf("%s: rows were asked for all the same", p.name)
		}
	}
}

func TestCKANFile(t *testing.T) {
	s := newPortalServer(t, 1)
	r, err := CKAN{}.Read(t.Context(), s.request(t, kpi.Source{Kind: kpi.SourceCKAN, URL: s.URL, Resource: "res-1", Format: kpi.SourceCSV}, "id", "name"))
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(t, r); !slices.Equal(got, []string{"_line,id,name", "2,1,one", "3,2,two"}) || r.Files[0].Source != s.URL+"/files/rows.csv" {
		t.Errorf("the copy of %s is %q", r.Files[0].Source, got)
	}
}

// TestPortalFlood bounds what a portal may say in one answer: more rows than were asked for are refused before they fill the memory.
func TestPortalFlood(t *testing.T) {
	for _, p := range portals {
		s := newPortalServer(t, 25)
		s.fault = func(_ *portalServer, _ int, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/json")
			before, after := map[string][2]string{"socrata": {"[", "]"}, "ckan": {`{"success":true,"result":{"total":25,"records":[`, "]}}"}, "arcgis": {`{"features":[`, "]}"}}[p.name][0],
				map[string][2]string{"socrata": {"[", "]"}, "ckan": {"", "]}}"}, "arcgis": {"", "]}"}}[p.name][1]
			fmt.Fprint(w, before, strings.Repeat("{},", 200_000), "{}", after)
			return true
		}
		_, err := p.read.Read(t.Context(), s.request(t, p.src(s)))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(fmt.Sprint(err), "more rows than were asked for") {
			t.Errorf("%s: the error is %v", p.name, err)
		}
	}
}

// TestCKANFileElsewhere follows a portal to the file of another host, which gets nothing that opens the portal, and to nothing that is no
// address of the web.
func TestCKANFileElsewhere(t *testing.T) {
	portal := newPortalServer(t, 1)
	var told http.Header
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) {
		told = r.Header
		write(t, w, "id,name\n1,one\n")
	})
	for _, c := range []struct{ file, refused string }{
		{elsewhere.URL + "/rows.csv", ""},
		{"", "keeps no file"}, {"data/rows.csv", "keeps no file"}, {"file:///etc/passwd", "keeps no file"}, {"sftp://files.example.org/rows.csv", "keeps no file"},
		{"http://169.254.169.254/latest", "not encrypted"}, {"https://169.254.169.254/latest", "link-local"}, {"https://localhost/x", "this machine"},
	} {
		portal.fileURL = c.file
		src := kpi.Source{
			Kind: kpi.SourceCKAN, URL: portal.URL, Resource: "res-1", Format: kpi.SourceCSV, User: "citystat", Password: "${PASSWORD}",
			Headers: map[string]kpi.SecretRef{"X-Api-Key": "${KEY}"},
		}
		req := portal.request(t, src, "id", "name")
		req.Network.guard.allowed[elsewhere.Listener.Addr().String()] = true
		_, err := CKAN{}.Read(t.Context(), req)
		if c.refused == "" && err != nil || c.refused != "" && !strings.Contains(fmt.Sprint(err), c.refused) {
			t.Errorf("%q: %v", c.file, err)
		}
	}
	if told == nil || told.Get("Authorization") != "" || told.Get("X-Api-Key") != "" {
		t.Errorf("the other host was told %v", told)
	}
}

func TestArcGISByID(t *testing.T) {
	s := newPortalServer(t, 1200)
	s.pages = false
	src := kpi.Source{Kind: kpi.SourceArcGIS, URL: s.URL + "/rest/FeatureServer/0", Geometry: "district"}
	req := s.request(t, src, "id", "district")
	req.Place = func(x, y float64) string {
		if x <= 600 && y == 0 {
			return "west"
		}
		return ""
	}
	r, err := ArcGIS{}.Read(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, r)
	if len(got) != 1201 || got[600] != "600,600,west" || got[601] != "601,601," {
		t.Errorf("%d lines, of which %q", len(got), got[600:602])
	}
	req.Place = nil
	if _, err = (ArcGIS{}).Read(t.Context(), req); !strings.Contains(fmt.Sprint(err), "there is no map") {
		t.Errorf("without a map the error is %v", err)
	}
}

func TestCentroid(t *testing.T) {
	for _, c := range []struct {
		ring [][2]float64
		x, y float64
	}{
		{[][2]float64{{0, 0}, {4, 0}, {4, 2}, {0, 2}, {0, 0}}, 2, 1},
		{[][2]float64{{0, 0}, {3, 0}, {0, 3}}, 1, 1},
		{[][2]float64{{1, 1}, {3, 3}}, 2, 2}, // encloses nothing
	} {
		if x, y := centroid(c.ring); x != c.x || y != c.y {
			t.Errorf("the centre of %v is %v, %v", c.ring, x, y)
		}
	}
}

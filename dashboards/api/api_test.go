package api_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"citystat/dashboards/api"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test ./dashboards/api -update, and read the difference", err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// server answers with the API alone; an error becomes a status by its code and nothing else.
func server(card func() *scorecard.Scorecard) http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := map[kpi.Code]int{kpi.CodeNotFound: 404, kpi.CodeInvalid: 400, kpi.CodeUnready: 503}[kpi.ErrorCode(err)]
		if status == 0 {
			status = 500
		}
		if err := c.String(status, err.Error()); err != nil {
			panic(err)
		}
	}
	api.New(func(context.Context) (*scorecard.Scorecard, error) { return card(), nil }, bundle(), drawing).Register(e)
	return e
}

// bundle is the words of all languages, read once.
var bundle = sync.OnceValue(func() *i18n.Bundle {
	b, err := i18n.New()
	if err != nil {
		panic(err)
	}
	return b
})

func fixed(card *scorecard.Scorecard) func() *scorecard.Scorecard {
	return func() *scorecard.Scorecard { return card }
}

func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestDocumentsAreAsPromised(t *testing.T) {
	h := server(fixed(scorecardtest.Normal()))
	one := server(fixed(scorecardtest.One()))
	for _, c := range []struct {
		from         http.Handler
		path, golden string
	}{
		{h, "/api/v1/indicators", "list.golden.json"},
		{one, "/api/v1/indicators/street-lights-on-time", "one.golden.json"},
		{one, "/indicators/street-lights-on-time.csv", "one.golden.csv"},
		{h, "/api/v1/indicators/visits-per-request?period=2026-01&dimension=", "range.golden.json"},
		{h, "/api/v1/indicators/graffiti-on-time?period=2026-01&member=not-recorded", "no-data.golden.json"},
		{h, "/indicators/eviction-help.csv", "definition-changed.golden.csv"},
		{server(fixed(scorecardtest.Empty())), "/api/v1/indicators/permit-days", "empty.golden.json"},
	} {
		t.Run(c.golden, func(t *testing.T) {
			w := ask(c.from, http.MethodGet, c.path)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", c.path, w.Code, w.Body)
			}
			golden(t, c.golden, w.Body.Bytes())
		})
	}
}

func TestTheFileIsTheDocument(t *testing.T) {
	h := server(fixed(scorecardtest.Normal()))
	for _, r := range scorecardtest.Normal().Results {
		doc := ask(h, http.MethodGet, "/api/v1/indicators/"+r.Indicator.ID)
		file := ask(h, http.MethodGet, "/indicators/"+r.Indicator.ID+".json")
		if doc.Code != http.StatusOK || !bytes.Equal(doc.Body.Bytes(), file.Body.Bytes()) {
			t.Errorf("%s: document and file differ (%d, %d)", r.Indicator.ID, doc.Code, file.Code)
		}
	}
}

// row is what JSON and CSV must both say of one observation, digit by digit.
type row struct{ numerator, denominator, value, rows, excluded string }

func TestCSVHasTheNumbersOfTheDocument(t *testing.T) {
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "hostile": scorecardtest.Hostile(), "one": scorecardtest.One(), "empty": scorecardtest.Empty()} {
		t.Run(name, func(t *testing.T) {
			h := server(fixed(card))
			for _, r := range card.Results {
				id := r.Indicator.ID
				want := fromJSON(t, ask(h, http.MethodGet, "/api/v1/indicators/"+id).Body.Bytes())
				got := fromCSV(t, ask(h, http.MethodGet, "/indicators/"+id+".csv").Body)
				if d := cmp.Diff(want, got, cmp.AllowUnexported(row{})); d != "" {
					t.Errorf("%s (-json +csv):\n%s", id, d)
				}
			}
		})
	}
}

// fromJSON reads the numbers as they are written, without making them floats.
func fromJSON(t *testing.T, b []byte) map[string]row {
	t.Helper()
	type obs struct {
		Period, Dimension, Member             string
		Numerator, Denominator, Value, Excess json.Number
		Rows                                  json.Number
		Excluded                              map[string]int64
		Suppressed                            string
	}
	var doc struct {
		Total        *obs
		Members      []struct{ Total *obs }
		Observations []obs
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]row{}
	add := func(o *obs) {
		if o == nil {
			return
		}
		var n int64
		for _, k := range o.Excluded {
			n += k
		}
		numbers := row{o.Numerator.String(), o.Denominator.String(), o.Value.String(), o.Rows.String(), strconv.FormatInt(n, 10)}
		if o.Excluded == nil { // not told, which is no 0
			numbers.excluded = ""
		}
		if o.Suppressed != "" {
			numbers = row{}
		}
		out[o.Period+"/"+o.Dimension+"/"+o.Member] = numbers
	}
	add(doc.Total)
	for _, m := range doc.Members {
		add(m.Total)
	}
	for i := range doc.Observations {
		add(&doc.Observations[i])
	}
	return out
}

func fromCSV(t *testing.T, r io.Reader) map[string]row {
	t.Helper()
	records, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range records[0] {
		col[name] = i
	}
	out := map[string]row{}
	for _, rec := range records[1:] {
		f := func(name string) string { return rec[col[name]] }
		out[f("period")+"/"+f("dimension")+"/"+f("member")] = row{f("numerator"), f("denominator"), f("value"), f("rows"), f("excluded")}
	}
	return out
}

func TestFiltersNarrowTheObservationsOnly(t *testing.T) {
	card := scorecardtest.Normal()
	h := server(fixed(card))
	get := func(query string) api.Indicator {
		t.Helper()
		var doc api.Indicator
		w := ask(h, http.MethodGet, "/api/v1/indicators/street-lights-on-time"+query)
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %v", query, w.Code, err)
		}
		return doc
	}
	all := get("")
	for query, want := range map[string]int{
		"":                                     24 * 11,
		"?period=2025-06":                      11,
		"?period=2025-06&dimension=":           1,
		"?dimension=district":                  24 * 10,
		"?member=old-harbor":                   24,
		"?member=old-harbor&period=2025-06":    1,
		"?dimension=district&member=":          0,
		"?period=1999-01":                      0,
		"?utm_source=somewhere&period=2025-06": 11,
	} {
		doc := get(query)
		if len(doc.Observations) != want {
			t.Errorf("%q: %d observations, want %d", query, len(doc.Observations), want)
		}
		doc.Observations = all.Observations
		if d := cmp.Diff(all, doc, cmp.AllowUnexported(api.Indicator{})); d != "" {
			t.Errorf("%q changed more than the observations:\n%s", query, d)
		}
	}
	for _, query := range []string{"?period=yesterday", "?period=", "?member=Old%20Harbor", "?dimension=..%2f", "?period=2025-06%00"} {
		if w := ask(h, http.MethodGet, "/api/v1/indicators/street-lights-on-time"+query); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d, want 400", query, w.Code)
		}
	}
}

func TestWhatIsNotPublishedDoesNotExist(t *testing.T) {
	card := scorecardtest.Normal()
	secret := &card.Results[2]
	secret.Indicator.Public = false
	h := server(fixed(card))
	if list := ask(h, http.MethodGet, "/api/v1/indicators").Body.String(); strings.Contains(list, secret.Indicator.ID) {
		t.Error("the list names an indicator that is not public")
	}
	for _, form := range []string{"/api/v1/indicators/ID", "/indicators/ID.csv", "/indicators/ID.json", "/indicators/ID.xlsx", "/indicators/ID.parquet", "/indicators/ID.svg"} {
		var answers []string
		for _, id := range []string{secret.Indicator.ID, "no-such-indicator", "UPPER", "a%2fb", "%00", strings.Repeat("a", 65), "x.y"} {
			w := ask(h, http.MethodGet, strings.Replace(form, "ID", id, 1))
			var b strings.Builder
			if err := w.Header().Write(&b); err != nil {
				t.Fatal(err)
			}
			answers = append(answers, strconv.Itoa(w.Code)+b.String()+w.Body.String())
		}
		for _, a := range answers {
			if !strings.HasPrefix(a, "404") || a != answers[0] {
				t.Errorf("%s: the answers differ or are not 404: %q", form, answers)
				break
			}
		}
	}
	for _, path := range []string{"/indicators/street-lights-on-time", "/indicators/street-lights-on-time.", "/indicators/street-lights-on-time.xls", "/indicators/street-lights-on-time.csv.exe", "/indicators/.csv"} {
		if w := ask(h, http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestTagsFollowTheContent(t *testing.T) {
	card := scorecardtest.Normal()
	h := server(func() *scorecard.Scorecard { return card })
	const path = "/api/v1/indicators/street-lights-on-time"
	first := ask(h, http.MethodGet, path).Header().Get("ETag")
	if !strings.HasPrefix(first, `"7-`) {
		t.Errorf("ETag %s does not name publication 7", first)
	}
	again := ask(h, http.MethodGet, path, "If-None-Match", first)
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("asked again: %d with %d bytes", again.Code, again.Body.Len())
	}
	if narrow := ask(h, http.MethodGet, path+"?period=2025-06").Header().Get("ETag"); narrow == first {
		t.Error("a narrowed document has the tag of the whole one")
	}
	next := scorecardtest.Normal()
	next.Number = 8
	*next.Result("street-lights-on-time").Series[3].Observation.Value++
	card = next
	w := ask(h, http.MethodGet, path, "If-None-Match", first)
	if w.Code != http.StatusOK || w.Header().Get("ETag") == first {
		t.Errorf("after the next publication: %d, ETag %s", w.Code, w.Header().Get("ETag"))
	}
	csv := ask(h, http.MethodGet, "/indicators/street-lights-on-time.csv", "Accept-Encoding", "gzip")
	if csv.Header().Get("Content-Encoding") != "gzip" || !strings.HasSuffix(csv.Header().Get("ETag"), `-gz"`) {
		t.Errorf("compressed: %v", csv.Header())
	}
}

func TestOtherSitesMayRead(t *testing.T) {
	h := server(fixed(scorecardtest.Normal()))
	for _, path := range []string{"/api/v1/indicators", "/api/v1/indicators/permit-days", "/indicators/permit-days.csv", "/api/v1/indicators/none"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
			w := ask(h, method, path, "Origin", "https://elsewhere.example")
			if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s: %v", method, path, w.Header())
			}
		}
		get, head := ask(h, http.MethodGet, path), ask(h, http.MethodHead, path)
		if head.Code != get.Code || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v, GET: %d %v", path, head.Code, head.Header(), get.Code, get.Header())
		}
	}
	if w := ask(h, http.MethodOptions, "/api/v1/indicators", "Access-Control-Request-Method", "GET"); w.Code != http.StatusNoContent ||
		w.Header().Get("Access-Control-Allow-Methods") != "GET, HEAD" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
}

func TestHostileTextsStayText(t *testing.T) {
	h := server(fixed(scorecardtest.Hostile()))
	id := scorecardtest.Hostile().Results[0].Indicator.ID
	doc := ask(h, http.MethodGet, "/api/v1/indicators/"+id).Body.Bytes()
	if bytes.ContainsAny(doc, "<>&") {
		t.Error("the document holds a bare <, > or &: it could not stand in a page")
	}
	var back api.Indicator
	if err := json.Unmarshal(doc, &back); err != nil {
		t.Fatal(err)
	}
	if want := scorecardtest.Hostile().Results[0].Indicator.Name.String(kpi.English); back.Name["en"] != want {
		t.Errorf("name %q, want %q", back.Name["en"], want)
	}
	records, err := csv.NewReader(ask(h, http.MethodGet, "/indicators/"+id+".csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for _, rec := range records[1:] {
		name := rec[4]
		if name != "" {
			names++
		}
		if strings.ContainsAny(name[:min(1, len(name))], "=+-@\t\r") {
			t.Fatalf("%q would run as a formula", name)
		}
	}
	if names == 0 {
		t.Error("no member has a name")
	}
}

func TestNumbersThatAreNoneAreNeverWritten(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		card := scorecardtest.One()
		card.Results[0].Series[0].Observation.Value = &bad
		h := server(fixed(card))
		for _, path := range []string{"/api/v1/indicators/street-lights-on-time", "/indicators/street-lights-on-time.csv"} {
			if w := ask(h, http.MethodGet, path); w.Code != http.StatusInternalServerError {
				t.Errorf("%s with %v: %d %s", path, bad, w.Code, w.Body)
			}
		}
	}
}

func TestBeforeTheFirstPublication(t *testing.T) {
	if w := ask(server(fixed(nil)), http.MethodGet, "/api/v1/indicators"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
	e := echo.New()
	var seen error
	e.HTTPErrorHandler = func(err error, _ echo.Context) { seen = err }
	broken := errors.New("the disk is gone")
	api.New(func(context.Context) (*scorecard.Scorecard, error) { return nil, broken }, bundle(), drawing).Register(e)
	ask(e, http.MethodGet, "/api/v1/indicators")
	if !errors.Is(seen, broken) {
		t.Errorf("the error %v was lost: %v", broken, seen)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("2025-06", "district", "old-harbor")
	f.Add("", "", "\x00")
	h := server(fixed(scorecardtest.One()))
	f.Fuzz(func(t *testing.T, period, dimension, member string) {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/indicators/street-lights-on-time", nil)
		q := r.URL.Query()
		q.Set("period", period)
		q.Set("dimension", dimension)
		q.Set("member", member)
		r.URL.RawQuery = q.Encode()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%q %q %q: %d", period, dimension, member, w.Code)
		}
	})
}

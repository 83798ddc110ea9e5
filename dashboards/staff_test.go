package dashboards

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// staffServer is a server with staff pages, and the office behind them.
func staffServer(t *testing.T, o Options) (*Server, *scorecardtest.Staff) {
	t.Helper()
	office := scorecardtest.NewStaff()
	o.Staff = office
	if o.Published == nil {
		o.Published = published(scorecardtest.Normal())
	}
	return newServer(t, o), office
}

// visit is a request as the guard sees it.
type visit struct {
	local, peer, host, proto string
	header                   http.Header
	method                   string
}

// here is a visit by somebody who sits at this machine.
func here() visit {
	return visit{local: "127.0.0.1:8080", peer: "127.0.0.1:40312", host: "localhost:8080", proto: "HTTP/1.1", method: http.MethodGet, header: http.Header{}}
}

// answer is what the server answers to a visit.
func (v visit) answer(s http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(v.method, path, nil)
	r.RemoteAddr, r.Host, r.Proto, r.Header = v.peer, v.host, v.proto, v.header
	r.ProtoMajor, r.ProtoMinor, _ = http.ParseHTTPVersion(v.proto)
	if v.local != "" {
		a := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(v.local))
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, a))
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// A proxy on this machine may pass strangers on without a word (nginx from 1.29.7 on speaks HTTP/1.1 and asks for the loopback address): to
// the server they look like somebody who sits here. Without the key staff pages do not exist for them either.
func TestStaffKey(t *testing.T) {
	const key = "K3Y-of-this-machine"
	s, office := staffServer(t, Options{StaffKey: key})
	none := newServer(t, Options{Published: published(scorecardtest.Normal())})
	known := here()
	for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
		for path, unknown := range staffPaths {
			for _, cookie := range []string{"", "wrong", key + "x"} {
				v := here()
				v.method = method
				if v.header.Set("Cookie", s.staffCookie()+"="+cookie); cookie == "" {
					v.header.Del("Cookie")
				}
				if got, want := whole(t, v.answer(s, path)), whole(t, v.answer(s, unknown)); got != want {
					t.Errorf("%s %s with the cookie %q is told apart from an address that does not exist:\n%.600s\n%.600s", method, path, cookie, got, want)
				}
			}
		}
	}
	if got, want := whole(t, known.answer(s, "/en/")), whole(t, known.answer(none, "/en/")); got != want {
		t.Error("a public page tells a stranger of staff pages")
	}
	if w := known.answer(s, "/staff/data?key=wrong"); w.Code != http.StatusNotFound {
		t.Errorf("a wrong key is answered with %d", w.Code)
	}
	far := here()
	far.peer = "192.0.2.9:999"
	if w := far.answer(s, "/staff/data?key="+key); w.Code != http.StatusNotFound || len(w.Result().Cookies()) > 0 {
		t.Errorf("the key from elsewhere is answered with %d", w.Code)
	}
	if len(office.Asked()) > 0 {
		t.Errorf("%v was set off", office.Asked())
	}
	w := known.answer(s, "/staff/data?key="+key)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/staff/data" || len(cookies) != 1 {
		t.Fatalf("the key is answered with %d, %v", w.Code, w.Header())
	}
	if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || !strings.Contains(w.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("the cookie is %v, %v", c, w.Header())
	}
	known.header.Set("Cookie", cookies[0].Name+"="+cookies[0].Value)
	if w := known.answer(s, "/staff/data"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), key) {
		t.Errorf("with the cookie: %d", w.Code)
	}
	if at := s.StaffAddress(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}); at != "http://localhost:8080/staff?key="+key {
		t.Errorf("the address is %s", at)
	}
}

// whole is an answer to the last byte, without what differs between two answers to the same question.
func whole(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	h := w.Header().Clone()
	h.Del("X-Request-Id")
	var b strings.Builder
	fmt.Fprintln(&b, w.Code)
	if err := h.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String() + w.Body.String()
}

// staffPaths are addresses of everything that only staff may ask for, each with an address of the same form that nobody knows.
var staffPaths = map[string]string{
	"/staff": "/stuff", "/staff/": "/stuff/", "/staff/data": "/stuff/data", "/staff/data?lang=es": "/stuff/data?lang=es",
	"/staff/data/service-requests/rejects": "/stuff/data/service-requests/rejects", "/staff/data/service-requests/rejects.csv": "/stuff/data/x/rejects.csv",
	"/staff/data/events": "/stuff/data/events", "/staff/data/service-requests/load": "/stuff/data/x/load", "/staff/none": "/stuff/none",
	"/staff/feedback": "/stuff/feedback", "/staff/feedback?state=closed": "/stuff/feedback?state=closed", "/staff/feedback.csv": "/stuff/feedback.csv",
	"/staff/indicators/potholes-days": "/stuff/indicators/potholes-days", "/staff/indicators/": "/stuff/indicators/", "/staff%2fdata": "/stuff%2fdata",
}

// strangers are visits that must not come to staff pages.
func strangers() map[string]func(*visit) {
	set := func(name, value string) func(*visit) { return func(v *visit) { v.header[name] = []string{value} } }
	host := func(h string) func(*visit) { return func(v *visit) { v.host = h } }
	return map[string]func(*visit){
		"no connection":             func(v *visit) { v.local = "" },
		"another listener":          func(v *visit) { v.local = "192.0.2.7:8080" },
		"another listener, v6":      func(v *visit) { v.local = "[2001:db8::7]:8080" },
		"another peer":              func(v *visit) { v.peer = "192.0.2.9:999" },
		"a peer of the same net":    func(v *visit) { v.peer = "10.0.0.2:999" },
		"a peer without an address": func(v *visit) { v.peer = "@" },
		"a peer by link":            func(v *visit) { v.peer = "[fe80::1%eth0]:999" },
		"a proxy's old protocol":    func(v *visit) { v.proto = "HTTP/1.0" },
		"rebound name":              host("evil.example:8080"),
		"rebound name, no port":     host("evil.example"),
		"name that begins so":       host("localhost.evil.example"),
		"name that ends so":         host("evil-localhost"),
		"absolute name":             host("localhost."),
		"name below":                host("a.localhost"),
		"number that begins so":     host("127.0.0.1.evil.example:8080"),
		"other number":              host("192.0.2.1:8080"),
		"unspecified":               host("0.0.0.0:8080"),
		"decimal number":            host("2130706433"),
		"short number":              host("127.1"),
		"octal number":              host("0177.0.0.1"),
		"zone":                      host("[::1%25lo]:8080"),
		"no host":                   host(""),
		"brackets only":             host("[]"),
		"user in the host":          host("localhost@evil.example"),
		"X-Forwarded-For":           set("X-Forwarded-For", "127.0.0.1"),
		"X-Forwarded-Host":          set("X-Forwarded-Host", "localhost"),
		"X-Forwarded-Proto":         set("X-Forwarded-Proto", "https"),
		"x_forwarded_for":           set("X_forwarded_for", ""),
		"Forwarded":                 set("Forwarded", "for=127.0.0.1"),
		"Forwarded, empty":          set("Forwarded", ""),
		"Via":                       set("Via", "1.1 proxy"),
		"X-Real-IP":                 set("X-Real-Ip", "127.0.0.1"),
		"CF-Connecting-IP":          set("Cf-Connecting-Ip", "127.0.0.1"),
	}
}

// For whoever may not see them staff pages are no pages: every answer is, to the last byte, that to an address that nobody knows.
func TestStaffPagesDoNotExistForOthers(t *testing.T) {
	s, office := staffServer(t, Options{})
	none := newServer(t, Options{Published: published(scorecardtest.Normal())})
	behind, _ := staffServer(t, Options{TLS: true})
	proxied, _ := staffServer(t, Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	check := func(name string, s http.Handler, v visit) {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"} {
			for path, unknown := range staffPaths {
				v.method = method
				if got, want := whole(t, v.answer(s, path)), whole(t, v.answer(s, unknown)); got != want {
					t.Errorf("%s: %s %s is told apart from an address that does not exist:\n%.600s\n%.600s", name, method, path, got, want)
				}
			}
		}
	}
	for name, spoil := range strangers() {
		v := here()
		spoil(&v)
		check(name, s, v)
	}
	check("no staff", none, here())
	check("TLS", behind, here())
	check("trusted proxies", proxied, here())
	if asked := office.Asked(); len(asked) > 0 {
		t.Errorf("strangers set off loads: %v", asked)
	}
	if got := whole(t, here().answer(s, "/staff/data")); !strings.HasPrefix(got, "200") {
		t.Errorf("whoever sits at this machine: %.300s", got)
	}
}

// Whoever sits at this machine gets in, by every name that it has.
func TestStaffPagesForThoseAtThisMachine(t *testing.T) {
	s, _ := staffServer(t, Options{})
	for _, host := range []string{"localhost", "localhost:8080", "LOCALHOST:9000", "127.0.0.1:8080", "127.0.0.53", "[::1]:8080", "[::1]", "[::ffff:127.0.0.1]:80"} {
		v := here()
		v.host = host
		if w := v.answer(s, "/staff/data"); w.Code != http.StatusOK {
			t.Errorf("host %s: %d", host, w.Code)
		}
	}
	v := here()
	v.local, v.peer, v.host = "[::1]:8080", "[::1]:5000", "localhost:8080"
	w := v.answer(s, "/staff/data")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "private, no-store" || w.Header().Get("ETag") != "" {
		t.Errorf("over IPv6: %d %v", w.Code, w.Header())
	}
	for path, want := range map[string]int{"/staff": 302, "/staff/": 302, "/staff/none": 404, "/staff/data/none/rejects": 404, "/staff/indicators/none": 404, "/staff/indicators/potholes-days": 200, "/staff/data/service-requests/rejects?page=9": 400,
		"/staff/data/service-requests/rejects?load=99": 400, "/staff/data/service-requests/load": 405, "/staff/data/resident-survey/rejects": 200} {
		if w := v.answer(s, path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestStaffAddress(t *testing.T) {
	addr := func(s string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s)) }
	s, _ := staffServer(t, Options{})
	behind, _ := staffServer(t, Options{TLS: true})
	for _, tc := range []struct {
		s    *Server
		on   string
		want string
	}{
		{s, "127.0.0.1:8080", "http://localhost:8080/staff"}, {s, "[::]:80", "http://localhost:80/staff"}, {s, "192.0.2.1:80", ""},
		{behind, "127.0.0.1:8080", ""}, {normalServer(t), "127.0.0.1:8080", ""},
	} {
		if got := tc.s.StaffAddress(addr(tc.on)); got != tc.want {
			t.Errorf("on %s: %q, want %q", tc.on, got, tc.want)
		}
	}
}

// Only a page of this very server can set a load off.
func TestLoadNow(t *testing.T) {
	s, office := staffServer(t, Options{})
	post := func(dataset string, headers ...string) *httptest.ResponseRecorder {
		v := here()
		v.method = http.MethodPost
		for i := 0; i+1 < len(headers); i += 2 {
			v.header.Set(headers[i], headers[i+1])
		}
		return v.answer(s, "/staff/data/"+dataset+"/load")
	}
	for name, headers := range map[string][]string{
		"another site":          {"Sec-Fetch-Site", "cross-site"},
		"a neighbour":           {"Sec-Fetch-Site", "same-site"},
		"another origin":        {"Origin", "http://evil.example"},
		"another port":          {"Origin", "http://localhost:9999"},
		"no origin to be named": {"Origin", "null"},
	} {
		if w := post("tree-census", headers...); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if asked := office.Asked(); len(asked) > 0 {
		t.Fatalf("a page of another site set off loads: %v", asked)
	}
	for i, headers := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://localhost:8080"}, {}} {
		w := post("tree-census", headers...)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/staff/data?asked=tree-census#dataset-tree-census" {
			t.Errorf("%v: %d to %q", headers, w.Code, w.Header().Get("Location"))
		}
		if asked := office.Asked(); len(asked) != i+1 {
			t.Errorf("%v: asked for %v", headers, asked)
		}
	}
	if w := post("service-requests"); w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), "busy=service-requests") {
		t.Errorf("while it is loaded: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := post("no-such"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown dataset: %d", w.Code)
	}
	v := here()
	for query, words := range map[string]string{"asked=tree-census": "A load was asked for", "busy=service-requests": "under way already", "asked=zzz": ""} {
		body := v.answer(s, "/staff/data?"+query).Body.String()
		if words != "" && !strings.Contains(body, words) || words == "" && strings.Contains(body, "A load was asked for") {
			t.Errorf("after %s the page does not say %q", query, words)
		}
	}
}

// What only staff may know is on no public page, in no file, document, error, header, metric or log line of a public request; not even
// for a reader who may see the staff pages.
func TestNothingOfStaffIsPublic(t *testing.T) {
	card := scorecardtest.Normal()
	s, office := staffServer(t, Options{Published: published(card)})
	office.TheCity.Datasets[0].Name = kpi.NewText(kpi.English, scorecardtest.Secret+" renamed and not published")
	here().answer(s, "/staff/data") // whatever a cache might keep is kept now
	here().answer(s, "/staff/data/street-safety/rejects")
	live := office.TheCard.Results[0].Indicator
	live.Name = kpi.NewText(kpi.English, scorecardtest.Secret+" renamed and not published")
	here().answer(s, "/staff/indicators/"+live.ID)
	here().answer(s, "/staff/feedback")
	paths := []string{"/", "/metrics", "/healthz", "/readyz", "/api/v1/indicators", "/nowhere", "/staff/data", "/changes.csv",
		"/en/feedback/" + scorecardtest.Waiting, "/en/feedback/" + scorecardtest.Answered, "/en/feedback/" + scorecardtest.Closed, "/feedback.csv", "/staff/feedback.csv"}
	for _, e := range card.Evaluations {
		paths = append(paths, "/en/evaluations/"+e.Definition.ID, "/evaluations/"+e.Definition.ID+".csv")
	}
	for _, lang := range []string{"en", "es", "pt-br", "fr"} {
		for _, p := range pages.All() {
			if p.Role == pages.Everyone && !strings.Contains(p.Path, ":") {
				paths = append(paths, "/"+lang+p.Path)
			}
		}
		for _, pr := range card.City.Priorities {
			paths = append(paths, "/"+lang+"/priorities/"+pr.ID)
		}
	}
	for _, res := range card.Results {
		id := res.Indicator.ID
		paths = append(paths, "/en/indicators/"+id, "/indicators/"+id+".csv", "/indicators/"+id+".json", "/api/v1/indicators/"+id, "/indicators/"+id+"/equity.csv")
	}
	stranger := here()
	stranger.local, stranger.peer, stranger.host = "192.0.2.1:80", "192.0.2.2:5000", "stat.example"
	for _, path := range paths {
		got := whole(t, stranger.answer(s, path))
		for _, bad := range []string{scorecardtest.Secret, "/staff", "staff.js", "park-visits", "tree-census", "private"} {
			form := strings.Contains(path, "/feedback") && !strings.HasSuffix(path, "/answers") // each is its reader's own, whoever that is
			if strings.Contains(got, bad) && !(form && bad == "private") {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		if strings.HasPrefix(path, "/staff/") {
			continue
		}
		own := here().answer(s, path)
		if strings.Contains(own.Body.String(), scorecardtest.Secret) {
			t.Errorf("%s holds what only staff may know, at this machine", path)
		}
		if strings.Contains(own.Body.String(), `href="/staff`) && strings.Contains(own.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s has a way to the staff pages and may be kept by any cache", path)
		}
	}
	if body := here().answer(s, "/en/").Body.String(); !strings.Contains(body, `href="/staff/data"`) {
		t.Error("whoever may see the staff pages finds no way there")
	}
}

// The language is the person's: the one chosen before, or the one that the browser asks for.
func TestStaffLanguage(t *testing.T) {
	s, _ := staffServer(t, Options{})
	v := here()
	w := v.answer(s, "/staff/data?lang=pt-BR&asked=tree-census")
	cookie := w.Header().Get("Set-Cookie")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/staff/data?asked=tree-census" || cookie != "lang=pt-br; Path=/; Max-Age=31536000; SameSite=Lax" {
		t.Errorf("choosing a language: %d to %q, cookie %q", w.Code, w.Header().Get("Location"), cookie)
	}
	for _, tc := range []struct{ cookie, accept, want string }{
		{"lang=pt-br", "fr", "pt-BR"}, {"", "fr-CA, en;q=0.5", "fr"}, {"lang=klingon", "es", "es"}, {"", "", "en"},
	} {
		v := here()
		v.header.Set("Cookie", tc.cookie)
		v.header.Set("Accept-Language", tc.accept)
		w := v.answer(s, "/staff/data?lang=klingon")
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, `<html lang="`+tc.want+`">`) || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("cookie %q, browser %q: %d, want %s", tc.cookie, tc.accept, w.Code, tc.want)
		}
	}
}

// The file holds every refused row, and nothing in it is run by a spreadsheet.
func TestFileOfRejects(t *testing.T) {
	s, office := staffServer(t, Options{})
	for i := range 12_000 { // more than are asked for at a time
		office.Rows[12] = append(office.Rows[12], kpi.Reject{Load: 12, Dataset: "service-requests", File: "a.csv", Line: int64(100 + i), Reason: "field_count", Raw: "@SUM(1)\r\n,\"x\""})
	}
	w := here().answer(s, "/staff/data/service-requests/rejects.csv?load=12")
	if w.Code != http.StatusOK || w.Header().Get("Content-Disposition") != `attachment; filename="rejects-service-requests-12.csv"` ||
		w.Header().Get("Cache-Control") != "private, no-store" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := len(office.Rows[12]) + 1; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
				t.Fatalf("a spreadsheet would run %q", cell)
			}
		}
	}
	if w := here().answer(s, "/staff/data/service-requests/rejects.csv?reason=not_in_list"); strings.Count(w.Body.String(), "\r\n") != 8 {
		t.Errorf("of one reason: %d lines, want 8", strings.Count(w.Body.String(), "\r\n"))
	}
	if w := here().answer(s, "/staff/data/resident-survey/rejects.csv"); w.Code != http.StatusOK || strings.Count(w.Body.String(), "\r\n") != 1 {
		t.Errorf("without refused rows: %d %q", w.Code, w.Body)
	}
	v := here()
	v.method = http.MethodHead
	if w := v.answer(s, "/staff/data/service-requests/rejects.csv"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
	office.Err = kpi.Errorf(kpi.CodeUnready, "the warehouse is away")
	if w := here().answer(s, "/staff/data/service-requests/rejects.csv"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("while the store is away: %d %v", w.Code, w.Header())
	}
}

// A log line of a staff request says who asked for what, and /metrics does not.
func TestStaffRequestsAreNotInTheMetrics(t *testing.T) {
	s, _ := staffServer(t, Options{})
	for path := range staffPaths {
		if u, err := url.Parse(path); err == nil && u.Path != "/staff/data/events" {
			here().answer(s, path)
		}
	}
	body := ask(s, http.MethodGet, "/metrics").Body.String()
	if strings.Contains(body, "staff") {
		t.Error("/metrics speaks of staff pages")
	}
	if got := s.patterns(); slices.ContainsFunc(got, func(p string) bool { return strings.Contains(p, "staff") }) {
		t.Errorf("the public routes hold those of the staff: %v", got)
	}
}

// A server whose stores are away says so to staff as well, and leaks nothing of why.
func TestStaffErrors(t *testing.T) {
	mail := scorecardtest.NewFeedback()
	s, office := staffServer(t, Options{Feedback: mail, FeedbackDesk: mail})
	city := office.TheCity
	office.TheCity = nil
	if w := here().answer(s, "/staff/data"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("before the folder was read: %d", w.Code)
	}
	office.TheCity = city
	for err, want := range map[error]int{
		kpi.Errorf(kpi.CodeUnready, "the first load is under way"): 503, fmt.Errorf("%s: disk", scorecardtest.Secret): 500, io.ErrUnexpectedEOF: 500,
	} {
		office.Err, mail.Err = err, err
		for path := range staffPaths {
			v := here()
			if strings.HasSuffix(path, "/load") {
				v.method = http.MethodPost
			}
			w := v.answer(s, path)
			if (strings.HasPrefix(path, "/staff/data") || strings.HasPrefix(path, "/staff/feedback")) && !strings.Contains(path, "lang=") && w.Code != want {
				t.Errorf("%v: %s: %d, want %d", err, path, w.Code, want)
			}
			if strings.Contains(w.Body.String(), scorecardtest.Secret) {
				t.Errorf("%s shows the inside of an error", path)
			}
		}
	}
}

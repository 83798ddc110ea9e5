package dashboards

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/assets"
	"citystat/dashboards/dashboardstest"
	"citystat/kpi/scorecard/scorecardtest"
)

// pageWeight is how heavy the page of an indicator may be, as it is sent: a phone on a slow line has it in a second.
const pageWeight = 30 << 10

// firstViewWeight bounds all that a reader's first page brings with it.
const firstViewWeight = 80 << 10

// TestWeight asks for every indicator of the city as a browser does.
func TestWeight(t *testing.T) {
	card := scorecardtest.Normal()
	s := newServer(t, Options{Published: published(card)})
	weigh := func(path string) int {
		t.Helper()
		w := ask(s, http.MethodGet, path, "Accept-Encoding", "gzip")
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" && w.Body.Len() > 1<<10 {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		return w.Body.Len()
	}
	heaviest, at := 0, ""
	for _, r := range card.Results {
		for _, lang := range []string{"en", "fr"} {
			path := "/" + lang + "/indicators/" + r.Indicator.ID
			n := weigh(path)
			if n > pageWeight {
				t.Errorf("%s has %d bytes compressed, want at most %d", path, n, pageWeight)
			}
			if n > heaviest {
				heaviest, at = n, path
			}
		}
	}
	for _, path := range []string{"/en/", at} {
		page := weigh(path)
		total := page
		for _, asset := range firstView(t, ask(s, http.MethodGet, path).Body.Bytes()) {
			total += weigh(asset)
		}
		if total > firstViewWeight {
			t.Errorf("the first view of %s has %d bytes, want at most %d", path, total, firstViewWeight)
		}
		t.Logf("%s: %d bytes of HTML, %d with style and script", path, page, total)
	}
}

// firstView is what a page makes the browser fetch at once. The charts' library is not among it: its address is told to the script, which
// asks for it when a reader opens a chart.
func firstView(t *testing.T, body []byte) (list []string) {
	t.Helper()
	for n := range dashboardstest.Parse(t, body).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "src" && n.Data != "a", a.Key == "href" && n.Data == "link":
				list = append(list, a.Val)
			case strings.Contains(a.Val, "echarts.min") && a.Key != "data-echarts":
				t.Errorf("<%s %s=%q> loads the charts' library", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, address := range list {
		if strings.Contains(address, "echarts") {
			t.Errorf("%s is loaded at once", address)
		}
		if !strings.HasPrefix(address, assets.Prefix) {
			t.Errorf("%s is no asset of ours", address)
		}
	}
	if len(list) < 2 {
		t.Errorf("only %v is fetched", list)
	}
	return list
}

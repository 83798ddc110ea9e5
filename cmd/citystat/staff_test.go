package main

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"citystat/ingest"
)

// TestStaffLocked opens the staff pages as whoever starts the server is told to; somebody who only looks as if he sat here finds nothing, and
// the key stays the same after a restart.
func TestStaffLocked(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var keys []string
	for range 2 {
		var out bytes.Buffer
		o := testOptions("", data)
		o.Locked, o.Out = true, &out
		app := start(t, o)
		if status, _ := fetch(t, app, "/staff/data"); status != http.StatusNotFound {
			t.Errorf("without the key the answer is %d", status)
		}
		stop(t, app)
		m := regexp.MustCompile(`http://localhost:\d+/staff\?key=(\S+)`).FindStringSubmatch(out.String())
		if m == nil {
			t.Fatalf("the address is not told:\n%s", out.String())
		}
		keys = append(keys, m[1])
	}
	if keys[0] != keys[1] {
		t.Errorf("the key was %s and is %s", keys[0], keys[1])
	}
	st, err := os.Stat(filepath.Join(data, "staff.key"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the file of the key: %v, %v", st, err)
	}
	o := testOptions("", data)
	o.Locked = true
	app := start(t, o)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	for _, path := range []string{"/staff?key=" + keys[0], "/staff/data"} {
		res, err := client.Get("http://" + app.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if res.StatusCode != http.StatusOK || strings.Contains(res.Request.URL.String(), keys[0]) {
			t.Errorf("%s leads to %s: %d", path, res.Request.URL, res.StatusCode)
		}
	}
	stop(t, app)
	if err := os.WriteFile(filepath.Join(data, "staff.key"), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := startApp(o); err == nil || !strings.Contains(err.Error(), "staff.key") {
		t.Errorf("with an empty key the program says %v", err)
	}
}

// TestReportLineIsHarmless prints what sources say so that it commands no terminal and no line of it looks like the program's own.
func TestReportLineIsHarmless(t *testing.T) {
	for _, r := range []ingest.Report{
		{Dataset: "d", Error: "bad \x1b[2Jcolumn\nd: load 7, 5 rows read\u202e"},
		{Dataset: "d", Warnings: []string{"left out: \x1b]0;x\x07, a\nd: load 7\u009b1m"}},
	} {
		got := reportLine(r)
		if strings.ContainsAny(got, "\x1b\x07\u009b\u202e") || strings.Contains(got, "\nd: ") {
			t.Errorf("%q is printed", got)
		}
	}
}

package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// An address, or a household's network, may write five times in an hour; then it is told when again.
func TestFeedbackIsLimitedByAddress(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	write := func(from string) *httptest.ResponseRecorder {
		form := s.letterForm("/fr/feedback")
		form.Set("text", "Un lampadaire est éteint.")
		return s.sendFrom(from, "/fr/feedback", form)
	}
	begin := s.now
	for _, list := range [][]string{
		{"192.0.2.7:1", "192.0.2.7:2", "192.0.2.7:3", "[::ffff:192.0.2.7]:4", "192.0.2.7:5"},
		{"[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff::1]:1", "[2001:db8:1:2::3]:1", "[2001:db8:1:2::4]:1", "[2001:db8:1:2::5]:1"},
	} {
		for _, from := range list {
			if res := write(from); res.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d", from, res.Code)
			}
		}
	}
	before := len(s.mail.Letters)
	for _, from := range []string{"192.0.2.7:6", "[2001:db8:1:2:3::9]:1"} {
		res := write(from)
		d := s.wrong(res, http.StatusTooManyRequests, kpi.French)
		seconds, err := strconv.Atoi(res.Header().Get("Retry-After"))
		if err != nil || seconds < 3000 || seconds > 3600 {
			t.Errorf("%s: Retry-After %q", from, res.Header().Get("Retry-After"))
		}
		minutes := fmt.Sprint(seconds/60 + 1)
		if !strings.Contains(text(d.root), "Minutes d’attente\u00a0: "+minutes) && !strings.Contains(text(d.root), "Minutes d’attente\u00a0: "+fmt.Sprint(seconds/60)) {
			t.Errorf("%s: %d s, and the page says otherwise", from, seconds)
		}
		if d.fieldValue("text") != "Un lampadaire est éteint." && d.fieldValue("text") != "\nUn lampadaire est éteint." {
			t.Error("what was written is lost")
		}
	}
	if len(s.mail.Letters) != before {
		t.Error("what is too much was kept")
	}
	for _, from := range []string{"192.0.2.8:1", "[2001:db8:1:3::1]:1"} {
		if res := write(from); res.Code != http.StatusSeeOther {
			t.Errorf("a neighbour, %s: %d", from, res.Code)
		}
	}
	s.now = begin.Add(limitWindow) // the first came half a minute after it, and is an hour old when the next is sent
	if res := write("192.0.2.7:6"); res.Code != http.StatusSeeOther {
		t.Errorf("an hour after the first: %d", res.Code)
	}
	if res := write("192.0.2.7:6"); res.Code != http.StatusSeeOther {
		t.Errorf("an hour after the second: %d", res.Code)
	}
}

func TestLetterbox(t *testing.T) {
	at := scorecardtest.Now
	b, err := newLetterbox(FeedbackLimits{PerAddress: 2, Overall: 5})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if wait := b.admit(fmt.Sprintf("10.0.0.%d", i), at.Add(time.Duration(i)*time.Minute)); wait != 0 {
			t.Fatalf("letter %d waits for %s", i, wait)
		}
	}
	now := at.Add(10 * time.Minute)
	if wait := b.admit("10.0.0.99", now); wait != 50*time.Minute {
		t.Errorf("all together: wait for %s, want 50 minutes", wait)
	}
	if wait := b.admit("10.0.0.99", at.Add(limitWindow)); wait != 0 {
		t.Errorf("after an hour: wait for %s", wait)
	}
	if len(b.recent) > 5 {
		t.Errorf("%d letters are remembered, and 5 may come", len(b.recent))
	}
	// The clock is set back by a day: nobody is shut out for longer than an hour.
	back := at.AddDate(0, 0, -1)
	if wait := b.admit("10.0.0.99", back); wait <= 0 || wait > limitWindow {
		t.Errorf("after the clock was set back: wait for %s", wait)
	}
	if wait := b.admit("10.0.0.99", back.Add(limitWindow)); wait != 0 {
		t.Errorf("an hour later: wait for %s", wait)
	}
	for from, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8::1": "2001:db8::/64", "2001:db8::ffff:1": "2001:db8::/64", "fe80::1%eth0": "fe80::/64", "": "unknown", "x": "unknown",
	} {
		if got := network(from); got != want {
			t.Errorf("%q counts as %q, want %q", from, got, want)
		}
	}
	if _, err := newLetterbox(FeedbackLimits{PerAddress: -1}); err == nil {
		t.Error("a negative limit was taken")
	}
	other, err := newLetterbox(FeedbackLimits{})
	if err != nil || other.limits != (FeedbackLimits{5, 200}) {
		t.Errorf("without limits: %+v, %v", other, err)
	}
	if _, ok := other.check(b.token(at), at.Add(time.Minute)); ok {
		t.Error("the token of another program is taken")
	}
}

// Many write at a time: no more are let in than may come, and no memory is kept of more.
func TestLetterboxOfMany(t *testing.T) {
	b, err := newLetterbox(FeedbackLimits{PerAddress: 3, Overall: 50})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	let, byOne := 0, map[string]int{}
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			from := fmt.Sprintf("10.0.0.%d", i%40)
			if b.admit(from, scorecardtest.Now.Add(time.Duration(i)*time.Millisecond)) == 0 {
				mu.Lock()
				defer mu.Unlock()
				let++
				byOne[from]++
			}
		})
	}
	wg.Wait()
	if let != 50 || len(b.recent) != 50 {
		t.Errorf("%d were let in and %d are remembered, want 50", let, len(b.recent))
	}
	for from, n := range byOne {
		if n > 3 {
			t.Errorf("%s wrote %d times", from, n)
		}
	}
}

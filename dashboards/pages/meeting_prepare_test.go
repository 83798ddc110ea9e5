package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard/scorecardtest"
)

const (
	preparedPath = "/meetings/streetstat/" + ledgertest.ComingMeeting
	lockedPath   = "/meetings/streetstat/" + ledgertest.NextMeeting
)

// agendaKeys are the keys of what is on the agenda of a page, in order; those of what is not on it where left is true.
func agendaKeys(d *document, left bool) []string {
	var list []string
	for _, li := range elements(d.root, "li") {
		if class := get(li, "class"); strings.HasPrefix(class, "agenda-item") && strings.HasSuffix(class, " out") == left {
			list = append(list, strings.TrimPrefix(get(li, "id"), "item-"))
		}
	}
	return list
}

// agendaFormOf fills a form of an agenda as it stands on the page: that which does something with an item.
func agendaFormOf(t *testing.T, d *document, do, key string, pairs ...string) url.Values {
	t.Helper()
	for _, f := range elements(d.root, "form") {
		sent := url.Values{}
		for _, n := range elements(f, "input", "textarea", "button") {
			if name := get(n, "name"); name != "" && (n.Data != "button" || get(n, "value") == do) {
				value := get(n, "value")
				if n.Data == "textarea" {
					value = strings.TrimPrefix(text(n), "\n")
				}
				sent.Set(name, value)
			}
		}
		if sent.Get("do") == do && (sent.Get("key") == key || sent.Get("what") == key) {
			for i := 0; i+1 < len(pairs); i += 2 {
				sent.Set(pairs[i], pairs[i+1])
			}
			return sent
		}
	}
	t.Fatalf("there is no form by which %s is done with %s", do, key)
	return nil
}

// agendaLed sends a form, and returns the page to which it leads.
func agendaLed(t *testing.T, s *site, path string, form url.Values) *document {
	t.Helper()
	res := s.send(path, form)
	if res.Code != http.StatusSeeOther {
		t.Fatalf("%v: status %d\n%s", form, res.Code, flat(parse(t, path, res.Body.String()).root))
	}
	at, _, _ := strings.Cut(res.Header().Get("Location"), "#")
	return s.page(at)
}

// agendaRefused sends a form that is not taken, and returns the page that says so.
func agendaRefused(t *testing.T, s *site, path string, form url.Values, status int) *document {
	t.Helper()
	res := s.send(path, form)
	if res.Code != status {
		t.Fatalf("%v: status %d, want %d", form, res.Code, status)
	}
	return parse(t, path, res.Body.String())
}

// autofocused are the buttons of a page at which the reader goes on.
func autofocused(d *document) []string {
	var list []string
	for _, n := range elements(d.root, "button") {
		if _, ok := attribute(n, "autofocus"); ok {
			list = append(list, get(n, "value")+" "+strings.Join(strings.Fields(text(n)), " "))
		}
	}
	return list
}

// firstNew is where the new items of the prepared agenda begin: after two commitments and what is on each agenda.
const firstNew = 3

// Things go up and down by buttons, within their part; the reader goes on at the button that was pressed, or at the other one where it is no longer there.
func TestAgendaMoves(t *testing.T) {
	s, _ := officeOf(t, account.Analyst)
	page := s.page(preparedPath)
	first := agendaKeys(page, false)
	if len(first) != firstNew+meeting.MaxNew || !strings.HasPrefix(first[0], "commitment-") {
		t.Fatalf("on the agenda: %v", first)
	}
	key := func(i int) string { return strings.Replace(first[i], "-", "/", 1) }
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "down", key(firstNew)))
	want := slices.Clone(first)
	want[firstNew], want[firstNew+1] = want[firstNew+1], want[firstNew]
	if got := agendaKeys(page, false); !slices.Equal(got, want) {
		t.Errorf("after it went down: %v, want %v", got, want)
	}
	if got := autofocused(page); len(got) != 1 || !strings.HasPrefix(got[0], "down Move down: People hurt") {
		t.Errorf("the reader goes on at %v", got)
	}
	for range 3 {
		page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "down", key(firstNew)))
	}
	if got := agendaKeys(page, false); got[len(got)-1] != first[firstNew] {
		t.Errorf("it is not last: %v", got)
	}
	if got := autofocused(page); len(got) != 1 || !strings.HasPrefix(got[0], "up Move up: People hurt") {
		t.Errorf("at the end the reader goes on at %v", got)
	}
	for _, f := range elements(page.root, "button") {
		if get(f, "value") == "down" && strings.Contains(text(f), "People hurt") {
			t.Error("what is last can go down")
		}
	}
	if said := flat(page.root); !strings.Contains(said, "Saved.") {
		t.Error("nobody says that it was saved")
	}
}

// comingMeeting is the one that is prepared, as the ledger has it.
func comingMeeting(t *testing.T, office *ledgertest.Office) kpi.Meeting {
	t.Helper()
	list, err := office.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Slot.String() == ledgertest.ComingMeeting {
			return m
		}
	}
	t.Fatal("there is no meeting that is prepared")
	return kpi.Meeting{}
}

// Time, question, dropping with a reason and taking back; what is dropped stays visible.
func TestAgendaChanges(t *testing.T) {
	s, office := officeOf(t, account.Analyst)
	page := s.page(preparedPath)
	item := strings.Replace(agendaKeys(page, false)[firstNew], "-", "/", 1)
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "edit", item, "minutes", "12", "question", "Which crossing?"))
	said := flat(page.root)
	for _, w := range []string{"Behind, and a real change12 minutes People hurt in traffic", "Question to ask Which crossing?", "Time planned54 minutes"} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "drop", item, "reason", "The council <b>asked</b> us to wait."))
	if on, left := agendaKeys(page, false), agendaKeys(page, true); slices.Contains(on, agendaName(item)) || !slices.Contains(left, agendaName(item)) {
		t.Errorf("dropped: on the agenda %v, left out %v", on, left)
	}
	if said := flat(page.root); !strings.Contains(said, "Dropped with a reason People hurt in traffic") || !strings.Contains(said, "The council <b>asked</b> us to wait.") {
		t.Error("the reason is not shown as it was typed")
	}
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "back", item))
	if on := agendaKeys(page, false); !slices.Contains(on, agendaName(item)) {
		t.Errorf("taken back: %v", on)
	}
	m := comingMeeting(t, office)
	if len(m.Agenda.Dropped) != 0 || m.Agenda.Minutes[item] != 12 || m.Agenda.Questions[item] != "Which crossing?" {
		t.Errorf("kept: %+v", m.Agenda)
	}
}

// An indicator, a topic and one that was left for later come onto an agenda; what did not fit can be put there all the same.
func TestAgendaAdditions(t *testing.T) {
	s, office := officeOf(t, account.ChiefOfStaff)
	page := s.page(preparedPath)
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "add", "topic", "topic", "The fair in June.", "minutes", "3", "reason", "It comes near."))
	if said := flat(page.root); !strings.Contains(said, "Added to the agenda3 minutes The fair in June.") {
		t.Error("the topic is not on the agenda")
	}
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "add", "note", "chosen", "2", "minutes", "4", "reason", "It waited."))
	if said := flat(page.root); !strings.Contains(said, "Added to the agenda4 minutes Who pays for the poles that cars knock down?") || !strings.Contains(said, "A topic for later: March 5, 2026") {
		t.Error("the topic of the last meeting is not on the agenda")
	}
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "add", "indicator", "chosen", "trees-planted", "minutes", "2", "reason", "Spring."))
	if on := agendaKeys(page, false); !slices.Contains(on, "indicator-trees-planted") {
		t.Errorf("the indicator is not on the agenda: %v", on)
	}
	if on := agendaKeys(page, false); len(on) != firstNew+meeting.MaxNew {
		t.Errorf("what was added takes places of the five: %v", on)
	}
	const trees = "indicator/trees-planted" // what was dropped and is added once more takes the minutes that are typed then
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "edit", trees, "minutes", "9", "question", ""))
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "drop", trees, "reason", "Later."))
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "add", "indicator", "chosen", "trees-planted", "minutes", "2", "reason", "Spring."))
	if m := comingMeeting(t, office); m.Agenda.Minutes[trees] != 0 || !slices.Contains(agendaKeys(page, false), agendaName(trees)) {
		t.Errorf("added once more: %+v", m.Agenda)
	}
	left := strings.Replace(agendaKeys(page, true)[0], "-", "/", 1)
	page = agendaLed(t, s, preparedPath, agendaFormOf(t, page, "force", left, "reason", "We must."))
	if on := agendaKeys(page, false); !slices.Contains(on, agendaName(left)) {
		t.Errorf("what did not fit is not there: %v", on)
	}
	for _, n := range elements(page.root, "select") {
		if get(n, "id") == "add-note" {
			t.Error("a topic that is on the agenda is offered once more")
		}
	}
}

func agendaName(key string) string { return strings.TrimPrefix(agendaID(key), "item-") }

// What is wrong with a form is said at its field, in a summary and in the title, and nothing that was typed is lost.
func TestAgendaErrors(t *testing.T) {
	s, _ := officeOf(t, account.Analyst)
	page := s.page(preparedPath)
	keys := agendaKeys(page, false)
	third, item := strings.Replace(keys[0], "-", "/", 1), strings.Replace(keys[2], "-", "/", 1)
	for name, c := range map[string]struct {
		form url.Values
		want []string
	}{
		"no minutes":     {agendaFormOf(t, page, "edit", item, "minutes", "soon", "question", "Kept?"), []string{"Write a whole number from 1 to 240.", "Kept?"}},
		"no reason":      {agendaFormOf(t, page, "drop", item, "reason", "  "), []string{"Say why."}},
		"a long reason":  {agendaFormOf(t, page, "drop", item, "reason", strings.Repeat("ñ", 501)), []string{"501 of 500", strings.Repeat("ñ", 501)}},
		"nothing chosen": {agendaFormOf(t, page, "add", "indicator", "minutes", "7", "reason", "Spring."), []string{"Choose what comes onto the agenda.", "Spring."}},
		"no such one":    {agendaFormOf(t, page, "add", "indicator", "chosen", "nothing", "reason", "Spring."), []string{"Choose what comes onto the agenda."}},
		"no such topic":  {agendaFormOf(t, page, "add", "note", "chosen", "1", "reason", "Spring."), []string{"Choose what comes onto the agenda."}},
		"there already":  {agendaFormOf(t, page, "add", "indicator", "chosen", strings.TrimPrefix(item, "indicator/"), "reason", "Spring."), []string{"It is on the agenda already."}},
		"an empty topic": {agendaFormOf(t, page, "add", "topic", "reason", "Spring."), []string{"Say what it is about, in one line.", "Spring."}},
		"a third slip":   {form("do", "drop", "key", third, "reason", "Not again.", "revision", "1"), []string{"A third slip stays on the agenda until the chair closes it."}},
		"gone":           {form("do", "drop", "key", "indicator/gone", "reason", "My words.", "revision", "1"), []string{"It is no longer on the agenda.", "What you typed", "My words."}},
	} {
		d := agendaRefused(t, s, preparedPath, c.form, http.StatusUnprocessableEntity)
		said := flat(d.root)
		for _, n := range elements(d.root, "textarea", "input") {
			said += " " + get(n, "value")
		}
		for _, w := range append(c.want, "Error: Agenda") {
			if !strings.Contains(said, w) {
				t.Errorf("%s: the page does not say %q", name, w)
			}
		}
		if do := c.form.Get("do"); c.form.Get("key") == item || do == "add" {
			openForms(t, name, d)
		}
	}
	for _, f := range []url.Values{form("do", "burn", "key", item), form()} {
		if res := s.send(preparedPath, f); res.Code != http.StatusBadRequest {
			t.Errorf("%v: status %d", f, res.Code)
		}
	}
}

// openForms checks that the form that is shown again is open, and that the summary leads to a field in it.
func openForms(t *testing.T, name string, d *document) {
	t.Helper()
	var at string
	for _, a := range elements(d.root, "a") {
		for n := a.Parent; n != nil; n = n.Parent {
			if strings.Contains(get(n, "class"), "errors") {
				at = strings.TrimPrefix(get(a, "href"), "#")
			}
		}
	}
	for _, n := range elements(d.root, "input", "textarea", "select") {
		if get(n, "id") != at || at == "" {
			continue
		}
		for p := n.Parent; p != nil; p = p.Parent {
			if _, open := attribute(p, "open"); p.Data == "details" && open {
				return
			}
		}
	}
	t.Errorf("%s: nothing leads to an open field %q", name, at)
}

// Two people at once: whoever comes second is told, sees how it stands, and keeps what they typed.
func TestAgendaConflict(t *testing.T) {
	s, _ := officeOf(t, account.Analyst)
	page := s.page(preparedPath)
	item := strings.Replace(agendaKeys(page, false)[firstNew], "-", "/", 1)
	mine := agendaFormOf(t, page, "edit", item, "minutes", "6", "question", "Mine?")
	agendaLed(t, s, preparedPath, agendaFormOf(t, page, "edit", item, "minutes", "9", "question", "Theirs?"))
	d := agendaRefused(t, s, preparedPath, mine, http.StatusConflict)
	said := flat(d.root)
	for _, w := range []string{"Somebody else changed the agenda meanwhile.", "Question to ask Theirs?", "Mine?"} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	again := agendaLed(t, s, preparedPath, agendaFormOf(t, d, "edit", item))
	if said := flat(again.root); !strings.Contains(said, "Question to ask Mine?") || !strings.Contains(said, "Behind, and a real change6 minutes") {
		t.Error("sent again it is not kept")
	}
	// While it was typed, the memo went out.
	late := agendaFormOf(t, again, "drop", item, "reason", "Too late?")
	s.page(lockedPath)
	late.Set("revision", "2")
	d = agendaRefused(t, s, lockedPath, late, http.StatusConflict)
	if said := flat(d.root); !strings.Contains(said, "The agenda can no longer be changed.") || !strings.Contains(said, "Too late?") {
		t.Error("of a locked agenda nobody says that it is locked, or the words are lost")
	}
}

// Whoever may not prepare meetings reads the agenda and finds no form; a locked agenda has none for anybody.
func TestAgendaWithoutForms(t *testing.T) {
	for role, path := range map[account.Role]string{account.Viewer: preparedPath, account.DepartmentHead: preparedPath, account.Analyst: lockedPath, account.ChiefOfStaff: lockedPath} {
		s, _ := officeOf(t, role)
		d := s.page(path)
		for _, f := range elements(d.root, "form") {
			if strings.HasPrefix(get(f, "action"), "/meetings/") {
				t.Errorf("%s finds a form on %s", role, path)
			}
		}
		if path == preparedPath {
			if res := s.send(path, form("do", "edit", "key", "topic/1", "minutes", "5", "revision", "1")); res.Code == http.StatusSeeOther {
				t.Errorf("%s changes the agenda: status %d", role, res.Code)
			}
		}
	}
}

// A locked agenda says so, and of what is otherwise now how it stands; a cancelled meeting says that it is none.
func TestAgendaStates(t *testing.T) {
	s, _ := officeOf(t, account.Viewer)
	for path, want := range map[string][]string{
		lockedPath:                        {"Memo is out", "The memo is out, and the agenda is locked. It stands here as it was sent.", "Memo sent March 16, 2026"},
		"/meetings/streetstat/2026-03-05": {"Follow-up is out", "The memo is out, and the agenda is locked.", "No meeting of this series was held yet."},
		"/meetings/streetstat/2026-04-30": {"Cancelled", "This meeting does not take place.", "Nobody is there in the week of the fair."},
		"/meetings/streetstat/2026-04-16": {"April 20, 2026", "planned for April 16, 2026", "Memo due April 18, 2026"},
		preparedPath:                      {"Time left: 10 days", "Compared with what was seen in the last meeting: March 5, 2026.", "New commitment Answer every request about a pothole within three days."},
		"/meetings/streetstat/2026-05-14": {"Being prepared"},
	} {
		d := s.page(path)
		said := strings.ReplaceAll(flat(d.root), "Memo due", "Memo due ")
		said = strings.ReplaceAll(strings.ReplaceAll(said, "Memo sent", "Memo sent "), "  ", " ")
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
	}
	if n := len(agendaKeys(s.page("/meetings/streetstat/2026-04-30"), false)); n > 0 {
		t.Errorf("a cancelled meeting has %d things on its agenda", n)
	}
	for _, path := range []string{"/meetings/nothing/2026-04-02", "/meetings/streetstat/2026-04-03", "/meetings/streetstat/2026-4-2"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, res.Code)
		}
	}
}

// What is changed of one agenda has a bound. Whoever reaches it is told so, and finds their words again.
func TestAgendaIsFull(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	saved, err := work.Meetings(t.Context(), kpi.PaperQuery{Subject: "streetstat"})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(saved, func(m kpi.Meeting) bool { return m.Slot.String() == ledgertest.ComingMeeting })
	m := saved[at]
	m.Agenda.Questions = map[string]string{}
	for n := 1; len(m.Agenda.Added)+len(m.Agenda.Dropped)+len(m.Agenda.Order)+len(m.Agenda.Minutes)+len(m.Agenda.Questions) < 500; n++ {
		m.Agenda.Questions["indicator/number-"+strconv.Itoa(n)] = "Why?"
	}
	if err := work.SaveMeeting(t.Context(), &m, nil, account.By{Name: "a test"}, scorecardtest.Now); err != nil {
		t.Fatal(err)
	}
	page := s.page(preparedPath)
	d := agendaRefused(t, s, preparedPath, agendaFormOf(t, page, "add", "topic", "topic", "One more thing", "minutes", "5", "reason", "Spring."), http.StatusUnprocessableEntity)
	said := flat(d.root)
	for _, n := range elements(d.root, "textarea", "input") {
		said += " " + get(n, "value")
	}
	for _, w := range []string{"Too much was changed in this agenda.", "One more thing", "Spring."} {
		if !strings.Contains(said, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
}

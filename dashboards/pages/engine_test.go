package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// section returns the section of a page that a heading with the id names, or nil.
func (d *document) section(id string) *html.Node {
	for _, n := range elements(d.root, "section") {
		if get(n, "aria-labelledby") == id {
			return n
		}
	}
	return nil
}

// has complains of every word that a page does not say.
func (d *document) has(where *html.Node, words ...string) {
	d.t.Helper()
	if where == nil {
		d.errorf("there is no such part; it should say %q", words)
		return
	}
	body := said(where)
	for _, w := range words {
		if !strings.Contains(body, strings.ToLower(w)) {
			d.errorf("%q is not said in: %.900s", w, body)
		}
	}
}

// Every answer opens to its reason: the rule, what it looked at, what decides, the periods and the rows.
func TestEveryAnswerOpensToItsReason(t *testing.T) {
	s := newSite(t, scorecardtest.Works())
	for i := range s.card.Results {
		res := &s.card.Results[i]
		d := s.page("/en/indicators/" + res.Indicator.ID)
		want := 2
		if res.Assessment.Target != nil {
			want = 3
		}
		cards := elements(d.section("answers"), "article")
		if len(cards) != want {
			t.Errorf("%s: %d answers, want %d", res.Indicator.ID, len(cards), want)
		}
		for k, question := range []string{kpi.QuestionStatus, kpi.QuestionSignal, kpi.QuestionOutlook}[:want] {
			reason := res.Assessment.Reason(question)
			if reason == nil {
				d.has(cards[k], "Will it meet the target?")
				continue
			}
			d.has(cards[k], "What this rests on", "Rows counted")
			have := map[string]bool{}
			for _, n := range elements(cards[k], "data") {
				have[get(n, "value")] = true
			}
			for _, q := range append(slices.Clone(reason.Inputs), reason.Thresholds...) {
				if !have[raw(&q.Value)] {
					t.Errorf("%s: %s: %s, %v, is not in its reason", res.Indicator.ID, question, q.Name, q.Value)
				}
			}
			if !have[strconv.FormatInt(reason.Rows, 10)] {
				t.Errorf("%s: %s: the %d rows are not in its reason", res.Indicator.ID, question, reason.Rows)
			}
			for code, n := range reason.Excluded {
				if n > 0 && !have[strconv.FormatInt(n, 10)] {
					t.Errorf("%s: %s: the %d rows left out as %s are not in its reason", res.Indicator.ID, question, n, code)
				}
			}
		}
	}
}

// Without an outlook the page says why there is none, and never guesses.
func TestNoOutlook(t *testing.T) {
	card := scorecardtest.Normal()
	res := &card.Results[0]
	path := "/en/indicators/" + res.Indicator.ID
	res.Assessment.Outlook = nil
	d := newSite(t, card).page(path)
	d.has(d.section("answers"), "We do not know yet", "do not allow a forecast")
	past := *res.Assessment.Target
	past.By = card.AsOf.AddDays(-1)
	res.Assessment.Target, res.Indicator.Targets = &past, []kpi.Target{past}
	d = newSite(t, card).page(path)
	d.has(d.section("answers"), "The date of the target has passed")
	res.Assessment.Status = kpi.Achieved
	d = newSite(t, card).page(path)
	d.has(d.section("answers"), "has been reached")
	res.Assessment.Target, res.Assessment.Status = nil, kpi.NoTarget
	if n := len(elements(newSite(t, card).page(path).section("answers"), "article")); n != 2 {
		t.Errorf("without a target there are %d answers", n)
	}
}

// What adds up is said as the year's total, with what is needed for the rest of the year; the period's own value stands beside it.
func TestYearToDate(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	res := s.card.Result("trees-planted")
	d := s.page("/en/indicators/trees-planted")
	open := elements(d.root, "dl")[0]
	d.has(open, "Total so far "+strconv.FormatFloat(*res.Assessment.Judged, 'f', 0, 64)+" of 1,700, FY2026", "Value ", "Target 1,700", "Expected value")
	d.has(d.section("answers"), "Total so far:", "Needed per month from now on:", "the year’s total will probably be between")
	d.has(d.section("year"), "going by the years before", "FY2025")
	if s.page("/en/indicators/potholes-days").section("year") != nil {
		t.Error("what does not add up has a year so far")
	}
	// The other targets that hold stand beside the one that is judged.
	d = s.page("/en/indicators/repair-cost")
	d.has(elements(d.root, "dl")[0], "Target 96", "Target for the term 85")
	d.has(d.section("answers"), "For the term’s target")
}

// A target that was replaced is marked in words, and its value is struck through.
func TestReplacedTarget(t *testing.T) {
	d := newSite(t, scorecardtest.Normal()).page("/en/indicators/repair-cost")
	rows := elements(elements(d.section("targets"), "tbody")[0], "tr")
	if len(rows) != 3 {
		t.Fatalf("%d targets", len(rows))
	}
	for i, row := range rows {
		struck := len(elements(row, "s")) == 1 && text(elements(row, "s")[0]) == "92"
		if words := strings.Contains(text(row), "replaced later"); struck != (i == 0) || words != (i == 0) {
			t.Errorf("row %d: struck %v, in words %v", i, struck, words)
		}
	}
	d.has(rows[1], "for the year")
	d.has(rows[2], "for the term")
	d.has(d.section("history"), "92", "96", "Asphalt became dearer", "City Council", "Resolution 2025-118")
}

// A name that a method of another program has of its own is said.
func TestNamedMethod(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for id, words := range map[string]string{"city-emissions": "Method: Open SDG", "sidewalks-rebuilt": "Carried out, of what was planned"} {
		d := s.page("/en/indicators/" + id)
		d.has(d.section("answers"), words)
	}
}

// Numbers that are not shown are said to be not shown, wherever they would stand, and are never a zero or nothing.
func TestNotShown(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	res := s.card.Result("families-housed")
	hidden := 0
	for _, m := range res.Members {
		if m.Total != nil && m.Total.Suppressed != kpi.NotSuppressed {
			hidden++
		}
	}
	if hidden < 2 {
		t.Fatalf("only %d members are not shown", hidden)
	}
	d := s.page("/en/indicators/families-housed?period=total")
	d.check(kpi.English)
	d.has(d.section("districts"), "Numbers of very few people are not shown")
	d.has(d.section("equity"), "Not shown, to protect people")
	shown := 0
	for _, table := range elements(d.section("districts"), "table") {
		for _, row := range elements(elements(table, "tbody")[0], "tr") {
			if !strings.Contains(text(row), "not shown") {
				continue
			}
			shown++
			if len(elements(row, "data")) > 0 {
				t.Errorf("a row that is not shown has numbers: %s", said(row))
			}
		}
	}
	if shown < hidden {
		t.Errorf("%d rows say that they are not shown, want %d at least", shown, hidden)
	}
	// The sum over all periods may be withheld too.
	card := scorecardtest.Normal()
	card.Results[0].Total = &kpi.Observation{Period: kpi.PeriodTotal, Suppressed: kpi.SuppressedPrimary}
	d = newSite(t, card).page("/en/indicators/" + card.Results[0].Indicator.ID)
	d.has(d.section("rows"), "not shown", "so few people are behind it")
	if body := said(d.section("rows")); strings.Contains(body, "rows counted 0") || strings.Contains(body, "no value") {
		t.Errorf("withheld numbers are a zero: %s", body)
	}
}

// A piece of work has its milestones with their days and delays, its money and its place.
func TestWorks(t *testing.T) {
	s := newSite(t, scorecardtest.Works())
	d := s.page("/en/indicators/harbor-promenade")
	part := d.section("project")
	done := strconv.FormatFloat(*s.card.Result("harbor-promenade").Assessment.Value, 'f', 0, 64)
	d.has(part, "Progress on February 28, 2026: "+done+"%", "Behind the plan by:", "Overdue milestone: Lights", "Spent: ", "of 4,200,000", "late start", "12 Wharf Street", "42.3601, -71.0589", "Old Harbor")
	var table *html.Node
	for _, n := range elements(part, "table") {
		if text(elements(n, "caption")[0]) == "Milestones" {
			table = n
		}
	}
	rows := elements(elements(table, "tbody")[0], "tr")
	for i, want := range []string{
		"Permit of the port January 20, 2025 Done: January 18, 2025 -2 days", "Sea wall July 31, 2025 Done: September 12, 2025 +43 days",
		"Lights February 28, 2026 Overdue since: February 28, 2026 +20 days", "Trees and benches May 31, 2026 Planned: July 15, 2026 +45 days",
		"Opening September 30, 2026 Planned: September 30, 2026 0 days",
	} {
		if got := said(rows[i]); got != strings.ToLower(want) {
			t.Errorf("milestone %d: %q, want %q", i, got, want)
		}
	}
	if s.page("/en/indicators/potholes-days").section("project") != nil {
		t.Error("what is no work has a plan of works")
	}
}

// The links at the beginning lead to the parts that there are, and no part is empty.
func TestContentsOfAPage(t *testing.T) {
	s := newSite(t, scorecardtest.Works())
	for i := range s.card.Results {
		path := "/en/indicators/" + s.card.Results[i].Indicator.ID
		d := s.page(path)
		for _, n := range elements(d.root, "nav") {
			if get(n, "aria-labelledby") != "contents" {
				continue
			}
			for _, a := range elements(n, "a") {
				id := strings.TrimPrefix(get(a, "href"), "#")
				if d.ids[id] == nil || text(d.ids[id]) != text(a) {
					t.Errorf("%s: %s leads to no heading of that name", path, id)
				}
			}
		}
		for _, n := range elements(d.root, "section") {
			if len(elements(n, "p", "table", "dl", "figure", "ul")) == 0 {
				t.Errorf("%s: the part %s is empty", path, get(n, "aria-labelledby"))
			}
		}
	}
}

// Where no group can be compared, the page does not pretend that they are, and says why: not that a difference is chance.
func TestNothingToCompare(t *testing.T) {
	card := scorecardtest.Normal()
	res := card.Result("permit-days")
	if len(res.Equity) == 0 || res.Equity[0].Method != "none" {
		t.Fatalf("days to a permit, a median, are compared by %v", res.Equity)
	}
	d := newSite(t, card).page("/en/indicators/permit-days")
	if d.section("equity") != nil {
		t.Error("medians are compared")
	}
	if got := text(d.section("districts")); !strings.Contains(got, "We do not test whether a difference is more than chance.") {
		t.Errorf("nothing says why medians are not compared: %s", got)
	}
	if other := newSite(t, card).page("/en/indicators/" + wilsonOf(t, card)); strings.Contains(text(other.section("districts")), "We do not test") {
		t.Error("shares are compared, and said to be not")
	}
}

// wilsonOf is a public indicator whose groups are compared.
func wilsonOf(t *testing.T, card *scorecard.Scorecard) string {
	t.Helper()
	for i := range card.Results {
		res := &card.Results[i]
		if res.Indicator.Public && res.ByDistrict() && slices.ContainsFunc(res.Equity, func(e scorecard.Equity) bool { return e.Method == "wilson" && slices.ContainsFunc(e.Groups, compared) }) {
			return res.Indicator.ID
		}
	}
	t.Fatal("no share is compared")
	return ""
}

// A target whose date has passed says nothing of one that is still ahead.
func TestOutlookOfTheNextTarget(t *testing.T) {
	card := scorecardtest.Normal()
	res := card.Result("permit-days")
	past := kpi.Target{By: card.AsOf.AddDays(-40), Value: 9}
	res.Assessment.Outlook, res.Assessment.Target, res.Assessment.Status = nil, &past, kpi.Behind
	card.City.Outlook = true
	const over = "The date of the target has passed."
	for _, c := range []struct {
		ahead bool
		want  string
	}{{false, over}, {true, "The values so far do not allow a forecast."}} {
		res.Indicator.Targets = []kpi.Target{past}
		if c.ahead {
			res.Indicator.Targets = append(res.Indicator.Targets, kpi.Target{By: card.AsOf.AddDays(300), Value: 8})
		}
		if got := text(newSite(t, card).page("/en/indicators/permit-days").root); !strings.Contains(got, c.want) || c.ahead && strings.Contains(got, over) {
			t.Errorf("a target ahead: %t, the page does not say %q", c.ahead, c.want)
		}
	}
}

func TestChanges(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	shown := func(query string) (subjects, days []string) {
		d := s.page("/en/changes" + query)
		d.check(kpi.English)
		main := elements(d.root, "main")[0]
		for _, n := range elements(main, "time") {
			if within(n, "h2") {
				days = append(days, get(n, "datetime"))
			}
		}
		for _, n := range elements(main, "h3") {
			subjects = append(subjects, text(n))
		}
		return subjects, days
	}
	all, days := shown("")
	if len(all) != len(s.card.Changes) || !slices.IsSortedFunc(days, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("%d changes of %d, on %v", len(all), len(s.card.Changes), days)
	}
	for query, want := range map[string]int{
		"?indicator=repair-cost": 1, "?what=target": 1, "?what=owner&indicator=street-lights-on-time": 1, "?what=owner&indicator=repair-cost": 0,
		"?indicator=no-such": 0, "?what=no-such": 0, "?indicator=&what=": 4,
	} {
		if got, _ := shown(query); len(got) != want {
			t.Errorf("%s: %d changes, want %d", query, len(got), want)
		}
	}
	d := s.page("/en/changes")
	d.has(d.root, "Which rows take part: was “asked”, now “first_in_year(household)”.", "Nobody said why.", "Asphalt became dearer", "Legal act Resolution 2025-118", "Decided on July 1, 2025")
	for _, page := range []string{"0", "2", "x"} {
		if res := s.do(http.MethodGet, "/en/changes?page="+page, nil); res.Code != http.StatusBadRequest {
			t.Errorf("page %s: %d", page, res.Code)
		}
	}
	for i := range 120 {
		c := s.card.Changes[0]
		c.Seen = c.Seen.AddDays(-i)
		s.card.Changes = append(s.card.Changes, c)
	}
	s = newSite(t, s.card)
	d = s.page("/en/changes?page=2&indicator=hiring-days")
	d.has(d.root, "Changes 51 to 100 of 121")
	if got, _ := shown("?page=3"); len(got) != 24 {
		t.Errorf("the last page has %d changes", len(got))
	}
	s = newSite(t, scorecardtest.One())
	d = s.page("/en/changes")
	d.has(d.root, "Nothing has been changed so far")
	if len(elements(d.root, "form")) > 0 {
		t.Error("there is a form to filter nothing")
	}
}

// Persons are called by their posts: neither a name nor an id that may be made of one stands on a public page or in a file.
func TestChangesNameNobody(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.People = append(card.City.People, kpi.Person{ID: "maria-lopez", Name: "Maria Lopez", Title: kpi.NewText(kpi.English, "Director of Repairs")})
	card.Changes = append([]kpi.Change{
		{Indicator: "repair-cost", What: kpi.ChangeOwner, Field: "owner", From: &kpi.ChangeValue{ID: "john-gone"}, To: &kpi.ChangeValue{ID: "maria-lopez"}, Seen: card.AsOf, Folder: 3},
	}, card.Changes...)
	s := newSite(t, card)
	for _, path := range []string{"/en/changes", "/en/indicators/repair-cost", "/changes.csv"} {
		body := s.do(http.MethodGet, path, nil).Body.String()
		for _, bad := range []string{"Maria", "maria-lopez", "john-gone"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s names %s", path, bad)
			}
		}
		for _, want := range []string{"Director of Repairs", "somebody who is no longer listed"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
}

func TestEvaluations(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	d := s.page("/en/evaluations")
	d.has(d.root, "One form for all jobs", "Letters before the inspection", "It does not show why", "Before and after: ", "Against the comparison group: ")
	if strings.Contains(text(d.root), "Crews at night") {
		t.Error("an evaluation that is not public is listed")
	}
	if res := s.do(http.MethodGet, "/en/evaluations/night-crews", nil); res.Code != http.StatusNotFound {
		t.Errorf("an evaluation that is not public: %d", res.Code)
	}
	for _, e := range s.card.Evaluations[:2] {
		d := s.page("/en/evaluations/" + e.Definition.ID)
		have := map[string]bool{}
		for _, n := range elements(d.section("effects"), "data") {
			have[get(n, "value")] = true
		}
		for _, x := range e.Effects {
			for _, v := range []*float64{&x.Size, x.Low, x.High} {
				if v != nil && !have[raw(v)] {
					t.Errorf("%s: %s: %v is not in the table", e.Definition.ID, x.Name, *v)
				}
			}
		}
		d.has(d.section("what"), e.Definition.Caution.String(kpi.English), e.Definition.What.String(kpi.English))
		if d.section("course") == nil {
			t.Errorf("%s: there is no chart", e.Definition.ID)
		}
		if link := "/en/evaluations/" + e.Definition.ID; !slices.ContainsFunc(elements(s.page("/en/indicators/"+e.Definition.Indicator).root, "a"), func(n *html.Node) bool { return get(n, "href") == link }) {
			t.Errorf("the page of %s does not lead to %s", e.Definition.Indicator, e.Definition.ID)
		}
	}
	d = s.page("/en/evaluations/letters-before-inspection")
	d.has(d.section("what"), "Old Harbor, Market Square, Mill River", "Lighthouse Point, East Quay", "June 1, 2025")
	d = s.page("/en/evaluations/one-form")
	d.has(d.section("what"), "Whole city", "the same values before the start", "Announced January 15, 2025")
	for state, words := range map[string]string{"too_few_after": "too few periods after", "too_few_before": "too few periods before", "no_comparison": "no group with which", "not_fitted": "do not allow a comparison"} {
		card := scorecardtest.Normal()
		card.Evaluations[0] = scorecard.Evaluation{Definition: card.Evaluations[0].Definition, Method: card.Evaluations[0].Method, State: state, Before: 3, After: 1}
		d := newSite(t, card).page("/en/evaluations/one-form")
		d.check(kpi.English)
		d.has(d.root, words)
		if d.section("effects") != nil || d.section("course") != nil {
			t.Errorf("%s: there are numbers of a question without an answer", state)
		}
	}
}

// The menu leads to evaluations only where there are any, and to changes always.
func TestMenuOfEvaluations(t *testing.T) {
	for name, want := range map[*scorecard.Scorecard]bool{scorecardtest.Normal(): true, scorecardtest.One(): false} {
		links := map[string]bool{}
		for _, a := range elements(newSite(t, name).page("/es/").root, "a") {
			links[get(a, "href")] = true
		}
		if links["/es/evaluations"] != want || !links["/es/changes"] {
			t.Errorf("evaluations %v, changes %v", links["/es/evaluations"], links["/es/changes"])
		}
	}
}

// The front page and a priority say of how many indicators anything can be said, and lead to the worst; a score stands there only if the city
// asks for one, and with its range.
func TestRollUps(t *testing.T) {
	for name, tc := range map[string]struct {
		card  *scorecard.Scorecard
		score bool
	}{"counts alone": {scorecardtest.Normal(), false}, "with a score": {scorecardtest.Works(), true}} {
		s := newSite(t, tc.card)
		for path, priority := range map[string]string{"/en/": "", "/en/priorities/safe-streets": "safe-streets"} {
			roll := s.card.RollUp(priority, true)
			d := s.page(path)
			var line *html.Node
			for _, n := range elements(d.root, "p") {
				if get(n, "class") == "roll" {
					line = n
				}
			}
			d.has(line, "Indicators with an answer: "+strconv.Itoa(roll.Answered)+" of "+strconv.Itoa(roll.Total))
			if links := elements(line, "a"); len(links) != 1 || get(links[0], "href") != "/en/indicators/"+roll.Worst {
				t.Errorf("%s: %s: the worst, %s, is not linked", name, path, roll.Worst)
			}
			if got := strings.Contains(text(line), "Score from 0 to 100") && strings.Contains(text(line), "With other weights"); got != tc.score {
				t.Errorf("%s: %s: a score is said: %v", name, path, got)
			}
		}
	}
}

// An indicator that is not public has no changes, no evaluations and no files for the public.
func TestUnpublishedHasNoFurtherPages(t *testing.T) {
	card := scorecardtest.Normal()
	const secret = "Secret Evaluation Name"
	hidden := card.Result("rentals-passed").Indicator
	hidden.Public, hidden.Name = false, kpi.NewText(kpi.English, secret)
	for i := range card.Evaluations {
		if card.Evaluations[i].Definition.Indicator == hidden.ID {
			card.Evaluations[i].Definition.Name = kpi.NewText(kpi.English, secret)
		}
	}
	card.Changes = append(card.Changes, kpi.Change{Indicator: hidden.ID, What: kpi.ChangeMeasure, Field: "measure.where", To: &kpi.ChangeValue{Text: secret}, Seen: card.AsOf})
	s := newSite(t, card)
	for _, path := range []string{"/en/", "/en/changes", "/en/changes?indicator=rentals-passed", "/en/evaluations", "/changes.csv"} {
		body := s.do(http.MethodGet, path, nil).Body.String()
		if strings.Contains(body, secret) || strings.Contains(strings.ReplaceAll(body, "indicator=rentals-passed", ""), hidden.ID) {
			t.Errorf("%s shows an indicator that is not public", path)
		}
	}
	for _, path := range []string{"/en/evaluations/letters-before-inspection", "/evaluations/letters-before-inspection.csv", "/indicators/rentals-passed/equity.csv"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.Code)
		}
	}
}

// Whoever looks after the data reads whether a number can be trusted, published or not; the public reads nothing of it.
func TestStaffIndicator(t *testing.T) {
	office := scorecardtest.NewStaff()
	s := staffSite(t, office)
	d := s.in(kpi.English, "/staff/indicators/street-lights-on-time")
	d.check(kpi.English)
	d.has(d.section("checks"), "Checks worth a look: 2 of 6.", "Heaping at the deadline", "Many more cases just meet the deadline", "Remarkable", "1,213", "488", "Late revisions", "Does not apply")
	var states []string
	for _, n := range elements(d.section("checks"), "li") {
		states = append(states, get(n, "class"))
	}
	if len(states) != 7 || states[0] != "check behind" || states[1] != "check behind" || slices.Contains(states[2:], "check behind") {
		t.Errorf("what asks for somebody does not stand first: %v", states)
	}
	d.has(d.section("history"), "Owner of the result")
	d.has(d.section("answers"), "How this status was found")
	d = s.in(kpi.English, "/staff/indicators/eviction-help")
	d.has(d.section("definition"), "Versions of the definition", "2 January 2025", "1 April 2024 December 2024 9")
	// An indicator that the public does not see is there as well.
	office.TheCard.Results[3].Indicator.Public = false
	hidden := office.TheCard.Results[3].Indicator.ID
	s.card.Result(hidden).Indicator.Public = false
	d = s.in(kpi.Spanish, "/staff/indicators/"+hidden)
	d.has(d.root, "no público")
	for _, a := range elements(d.root, "a") {
		if get(a, "href") == "/es/indicators/"+hidden {
			t.Error("a link leads to a public page that does not exist")
		}
	}
	if res := s.do(http.MethodGet, "/staff/indicators/none", nil); res.Code != http.StatusNotFound {
		t.Errorf("an indicator that does not exist: %d", res.Code)
	}
	for _, path := range []string{"/en/indicators/street-lights-on-time", "/en/data", "/en/"} {
		body := s.do(http.MethodGet, path, nil).Body.String()
		for _, bad := range []string{"Can this number be trusted", "Worth a look", "Heaping", "heaping"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s says %q", path, bad)
			}
		}
	}
}

// The page about the data counts the checks that ask somebody to look, by dataset, and stays up when they cannot be read.
func TestStaffDataCountsChecks(t *testing.T) {
	office := scorecardtest.NewStaff()
	n, total := 0, 0
	for i := range office.TheCard.Results {
		if res := &office.TheCard.Results[i]; res.Indicator.Dataset == "service-requests" {
			n, total = n+looks(res), total+asked(res)
		}
	}
	if n == 0 || total <= n {
		t.Fatalf("%d of %d checks", n, total)
	}
	s := staffSite(t, office)
	part := s.in(kpi.English, staffDataPath).part("service-requests")
	if want := "checks worth a look: " + strconv.Itoa(n) + " of " + strconv.Itoa(total) + "."; !strings.Contains(part, want) {
		t.Errorf("%q is not said in %s", want, part)
	}
	for _, a := range elements(s.in(kpi.English, staffDataPath).ids["dataset-service-requests"], "a") {
		if href := get(a, "href"); strings.HasPrefix(href, "/staff/indicators/") {
			s.in(kpi.English, href)
		}
	}
	office.LiveErr = kpi.Errorf(kpi.CodeInternal, "the warehouse is away")
	s = staffSite(t, office)
	s.in(kpi.English, staffDataPath).has(s.in(kpi.English, staffDataPath).root, "The checks of the numbers cannot be read now.")
	if res := s.do(http.MethodGet, "/staff/indicators/potholes-days", nil); res.Code != http.StatusInternalServerError {
		t.Errorf("without a live scorecard: %d", res.Code)
	}
}

// What the first folder tells of the time before it stands under the day of the decision: the day on which the program came says nothing of it.
func TestChangesBeforeTheFolder(t *testing.T) {
	card := scorecardtest.Normal()
	id := card.Changes[0].Indicator
	seen, decided := card.AsOf.AddDays(-3), kpi.NewDate(2021, 2, 3)
	card.Changes = []kpi.Change{
		{Indicator: id, What: kpi.ChangeMeasure, Field: "measure", Folder: 1, Seen: seen, Told: true, Note: &kpi.ChangeNote{On: decided, ByWhom: "The council"}},
		{Indicator: id, What: kpi.ChangeRebase, Field: "rebase", To: &kpi.ChangeValue{Date: decided}, Folder: 1, Seen: seen, Told: true},
	}
	s := newSite(t, card)
	var days []string
	for _, n := range elements(s.page("/en/changes").root, "h2") {
		for _, day := range elements(n, "time") {
			days = append(days, strings.Split(text(n), " ")[0]+" "+get(day, "datetime"))
		}
	}
	if want := []string{"Decided " + decided.String(), "Recorded " + seen.String()}; !slices.Equal(days, want) {
		t.Errorf("changes stand under %q, want %q", days, want)
	}
	if got := strings.ReplaceAll(text(s.page("/en/").root), "\u00a0", " "); !strings.Contains(got, "February 3, 2021") {
		t.Error("the front page says when the program came, not when something was changed")
	}
}

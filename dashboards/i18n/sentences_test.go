package i18n

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// names are awkward in every language: plural feminine, beginning with a vowel.
var names = map[kpi.Lang][]string{
	kpi.English:    {"Complaints answered on time", "Accessible crossings"},
	kpi.Spanish:    {"Quejas respondidas a tiempo", "Árboles plantados"},
	kpi.Portuguese: {"Reclamações respondidas no prazo", "Árvores plantadas"},
	kpi.French:     {"Plaintes traitées à temps", "Arbres plantés"},
}

// patterns are the messages that are sentence patterns, in the order of their numbers.
var patterns = []string{
	"finding.rose", "finding.fell", "finding.stayed", "sentence.from_to", "sentence.year_change", "finding.reached", "finding.missed",
	"sentence.expected", "sentence.improved", "sentence.worsened", "sentence.noise", "sentence.too_early", "sentence.outlook",
	"sentence.projection", "sentence.out_of_reach", "sentence.provisional", "sentence.revised", "sentence.not_shown", "sentence.rows",
	"sentence.widest_gap", "sentence.priority", "sentence.days_late", "sentence.moved_due", "sentence.before_after",
}

// Every pattern with every awkward name, value, unit and period. The golden file is read by people who speak the languages; the test
// also looks for what can be found by rule.
func TestPatterns(t *testing.T) {
	if len(patterns) != 24 {
		t.Fatalf("%d patterns, want 24", len(patterns))
	}
	b := newBundle(t)
	var out strings.Builder
	for _, lang := range kpi.Langs {
		p := b.Printer(lang, "")
		fmt.Fprintf(&out, "# %s\n", lang)
		for i, id := range patterns {
			seen := map[string]bool{}
			for _, s := range variants(t, p, id) {
				line := fmt.Sprintf("%2d %s", i+1, show(s))
				if !seen[line] {
					fmt.Fprintln(&out, line)
				}
				seen[line] = true
				checkSentence(t, lang, s)
			}
		}
	}
	golden(t, "testdata/patterns.txt", out.String())
}

// variants fills a pattern with each awkward value once, varying the others with it.
func variants(t *testing.T, p *Printer, id string) []string {
	april := period(t, kpi.Month, kpi.NewDate(2026, 4, 1), time.July)
	periods := []kpi.Period{april, period(t, kpi.Month, kpi.NewDate(2026, 8, 1), 7), period(t, kpi.Month, kpi.NewDate(2025, 10, 1), 7),
		period(t, kpi.FiscalQuarter, kpi.NewDate(2025, 10, 1), 7), period(t, kpi.Quarter, kpi.NewDate(2026, 1, 1), 7), period(t, kpi.FiscalYear, kpi.NewDate(2025, 10, 1), 7)}
	days := []kpi.Date{kpi.NewDate(2026, 3, 1), kpi.NewDate(2026, 6, 30)}
	values := []float64{0, 0.5, 1, 1.5, 1e6, 72.4}
	var list []string
	for i, v := range values {
		unit, decimals := kpi.Percent, 1
		if i%2 == 1 || v == 1e6 {
			unit = kpi.Days
		}
		if v == 1e6 {
			decimals = 0
		}
		value := p.Value(&v, unit, decimals)
		target := p.Percent(80, 0)
		name := names[p.Lang][i%2]
		x, d := periods[i%len(periods)], days[i%2]
		if id == "sentence.days_late" {
			list = append(list, p.N(id, int(v)))
			continue
		}
		list = append(list, p.T(id, "name", name, "value", value, "target", target, "expected", target, "previous", target, "low", value, "high", target,
			"in_period", p.InPeriod(x), "in_previous", p.InPeriod(april), "since_period", p.SincePeriod(x), "by_date", p.By(d), "on_date", p.On(d), "date", d,
			"change", p.Change(&v, unit, decimals), "n", int(v), "min", 8, "total", 1234, "no_data", 0, "left_out", 5533, "old", p.Date(days[0]), "new", p.Date(days[1]),
			"needed", value, "best", target, "outlook", p.Outlook(kpi.Likely), "district", "Allston-Brighton", "other_district", "Île Perrot",
			"before", value, "after", target))
	}
	return list
}

// checkSentence looks for what a bad join leaves behind.
func checkSentence(t *testing.T, lang kpi.Lang, s string) {
	t.Helper()
	bad := map[kpi.Lang]string{
		kpi.English:    ``,
		kpi.Spanish:    `\b(de el|a el|en el el|para el el|del del|\d día\b.*\bdías día)\b`,
		kpi.Portuguese: `\b(em o|de o|de a|por o|a a|em em|de de|até até)\b`,
		kpi.French:     `\b(de le|à le|de les|à les|de (avril|août|octobre)|que [aeiou])\b`,
	}[lang]
	for _, pattern := range []string{bad, `  |\.\.|[{}\[\]]|, ,|: :`} {
		if pattern == "" {
			continue
		}
		if m := regexp.MustCompile(pattern).FindString(s); m != "" {
			t.Errorf("%s: %q in %s", lang, m, show(s))
		}
	}
	if lang == kpi.French {
		frenchSpaces(t, "pattern", s)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with go test -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// result makes a monthly indicator of 2015 in percent from values; nil is a gap. The last value is judged.
func result(t *testing.T, values ...*float64) scorecard.Result {
	t.Helper()
	ind := &kpi.Indicator{ID: "lights", Name: kpi.NewText(kpi.English, "Street lights repaired on time"), Unit: kpi.Percent, Decimals: 1, Direction: kpi.Up, Period: kpi.Month, Minimum: 10}
	r := scorecard.Result{Indicator: ind, Assessment: kpi.Assessment{Status: kpi.Behind, Bands: kpi.DefaultBands, Rows: 800}}
	for i, v := range values {
		x := period(t, kpi.Month, kpi.NewDate(2015, time.Month(i+1), 1), 7)
		r.Series = append(r.Series, scorecard.Point{Period: x, Settled: true, Observation: kpi.Observation{Period: x.ID, Value: v, Rows: 800}})
		if v != nil {
			r.Assessment.Period, r.Assessment.Value = x.ID, v
		}
	}
	return r
}

func at(v float64) *float64 { return &v }

func TestFinding(t *testing.T) {
	english := newBundle(t).Printer(kpi.English, "")
	target := func(r scorecard.Result, d kpi.Date) scorecard.Result {
		r.Assessment.Target = &kpi.Target{By: d, Value: 80}
		r.Indicator.Targets = []kpi.Target{*r.Assessment.Target}
		return r
	}
	december := kpi.NewDate(2015, 12, 31)
	for _, c := range []struct {
		name, want string
		make       func() scorecard.Result
	}{
		{"rose", "Street lights repaired on time rose to 65.1% in March 2015; the target is 80%.",
			func() scorecard.Result { return target(result(t, at(60), at(64), at(65.08)), december) }},
		{"fell over a gap", "Street lights repaired on time fell to 64.0% in March 2015; the target is 80%.",
			func() scorecard.Result { return target(result(t, at(65), nil, at(64)), december) }},
		{"stayed as shown", "Street lights repaired on time stayed at 65.1% in February 2015; the target is 80%.",
			func() scorecard.Result { return target(result(t, at(65.06), at(65.14)), december) }},
		{"first value", "Street lights repaired on time stood at 65.0% in January 2015; the target is 80%.",
			func() scorecard.Result { return target(result(t, at(65)), december) }},
		{"no target", "Street lights repaired on time rose to 65.0% in February 2015.",
			func() scorecard.Result { return result(t, at(60), at(65)) }},
		{"context only", "Street lights repaired on time rose to 65.0% in February 2015.", func() scorecard.Result {
			r := target(result(t, at(60), at(65)), december)
			r.Indicator.Direction = kpi.Neutral
			return r
		}},
		{"range", "Street lights repaired on time rose to 65.0% in February 2015; the target is 60% to 70%.", func() scorecard.Result {
			r := target(result(t, at(60), at(65)), december)
			r.Indicator.Direction = kpi.Range
			r.Assessment.Target.Low, r.Assessment.Target.High = 60, 70
			return r
		}},
		{"reached", "Street lights repaired on time reached the target: 81.0% in February 2015. The target was 80%.", func() scorecard.Result {
			r := target(result(t, at(60), at(81)), kpi.NewDate(2015, 2, 28))
			r.Assessment.Met, r.Assessment.Status = true, kpi.Achieved
			return r
		}},
		{"missed", "Street lights repaired on time missed the target: 65.0% in February 2015. The target was 80%.",
			func() scorecard.Result { return target(result(t, at(60), at(65)), kpi.NewDate(2015, 2, 28)) }},
		{"date within the period", "Street lights repaired on time missed the target: 65.0% in February 2015. The target was 80%.",
			func() scorecard.Result { return target(result(t, at(60), at(65)), kpi.NewDate(2015, 2, 10)) }},
		{"over long ago", "Street lights repaired on time rose to 65.0% in March 2015; the target was 80% by January␣31, 2015.",
			func() scorecard.Result { return target(result(t, at(60), at(64), at(65)), kpi.NewDate(2015, 1, 31)) }},
		{"too few", "Street lights repaired on time: too few cases to judge in January 2015. Cases: 1. Cases needed: 10.", func() scorecard.Result {
			r := target(result(t, at(100)), december)
			r.Assessment.Status, r.Series[0].Observation.Rows = kpi.TooFew, 1
			return r
		}},
		{"no rows to judge", "Street lights repaired on time: no value, because no row can be counted. Rows left out: 5,533.", func() scorecard.Result {
			r := target(result(t, nil, nil), december)
			r.Assessment.Status = kpi.NoData
			r.Total = &kpi.Observation{Excluded: map[string]int64{kpi.ReasonNoDueDate: 5393, kpi.ReasonClosedBeforeOpened: 140}}
			return r
		}},
		{"nothing at all", "Street lights repaired on time: no data yet.", func() scorecard.Result {
			r := result(t)
			r.Assessment.Status = kpi.NoData
			return r
		}},
		{"provisional only", "Street lights repaired on time: 65.0% in January 2015. This figure is provisional.", func() scorecard.Result {
			r := result(t, at(65))
			r.Series[0].Settled, r.Series[0].Observation.Provisional = false, true
			r.Assessment.Value, r.Assessment.Period, r.Assessment.Status = nil, "", kpi.NoData
			return r
		}},
	} {
		same(t, c.name, Finding(english, c.make()), c.want)
	}
	french := newBundle(t).Printer(kpi.French, "")
	same(t, "French", Finding(french, target(result(t, at(60), at(64), at(65), at(66)), december)),
		"Street lights repaired on time␣: l’indicateur est monté à 66,0␣% en avril 2015. La cible est de 80␣%.")
}

func TestNewest(t *testing.T) {
	p := newBundle(t).Printer(kpi.English, "")
	r := result(t, at(60), at(61), at(62), at(63))
	same(t, "all settled", Newest(p, r), "")
	r.Assessment.Period = "2015-02"
	r.Indicator.SettlesAfter = 7
	r.Series[2].Settled, r.Series[2].Observation.Provisional = false, true
	r.Series[3].Settled, r.Series[3].Observation.Partial = false, true
	same(t, "partial", Newest(p, r), "63.0% in April 2015. The period is not over.")
	r.Series = r.Series[:3]
	same(t, "provisional", Newest(p, r), "62.0% in March 2015. Provisional figure: it may change until April␣7, 2015.")
	r.Indicator.Minimum, r.Series[2].Observation.Rows = 10, 4
	same(t, "too few", Newest(p, r), "Cases: 4 in March 2015. Provisional figure: it may change until April␣7, 2015.")
}

func TestStatusReason(t *testing.T) {
	p := newBundle(t).Printer(kpi.English, "")
	r := result(t, at(60), at(65))
	a := &r.Assessment
	a.Target, a.Expected, a.Pace, a.Rule = &kpi.Target{Value: 80, By: kpi.NewDate(2015, 12, 31)}, at(70), at(0.714), kpi.RulePace
	check := func(what string, want ...string) {
		t.Helper()
		got := StatusReason(p, r)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	first := "65.0% in February 2015. The expected value by then was 70.0%."
	check("pace", first, "Progress made, compared with the progress expected by then: 71%.", "On track from 95%, behind from 60%, well behind below.")
	a.Rule, a.Pace = kpi.RuleDistance, nil
	check("distance", first, "Behind: the distance to the expected value is at most 40% of it. Well behind: it is larger.")
	a.Rule, a.Status = kpi.RuleExpected, kpi.OnTrack
	check("expected", first, "The value is where the trajectory says, or better.")
	a.Rule, a.Met = kpi.RuleMet, true
	check("met", first, "The value already meets the target.")
	a.Rule, a.Met, a.Status = kpi.RuleWorseThanBaseline, false, kpi.WrongWay
	check("wrong way", first, "The value moved away from the target, by more than the usual ups and downs.")
	a.Status = kpi.NoClearChange
	check("no clear change", first, "The value is on the wrong side of the baseline, but within the usual ups and downs.")
	a.Signal.Kind = kpi.TooEarly
	check("too early for a change", first, "The value is on the wrong side of the baseline. It is too early to tell whether that is more than the usual ups and downs.")
	a.Signal.Kind = kpi.Improving
	check("a change for the better", first, "The value is on the wrong side of the baseline, but no change for the worse is clear.")
	a.Status = kpi.NoTarget
	check("no target", "No target has been set for this indicator.")
	r.Indicator.AddsUpIn, r.Indicator.Targets = kpi.Year, []kpi.Target{{By: kpi.NewDate(2016, 12, 31), Value: 80}}
	check("no target in this year", "No target has been set for this year.")
	r.Indicator.AddsUpIn, r.Indicator.Targets = "", nil
	r.Indicator.Direction = kpi.Neutral
	check("context", "This indicator is shown for context. It is not judged.")
	a.Status, a.Rows = kpi.TooFew, 1
	check("too few", "Cases counted: 1. Fewest cases that are judged: 10.")
	a.Status = kpi.NoData
	check("no data", "There is no settled value to judge.")
	a.Status = kpi.BaselineBeingSet
	check("baseline", "The baseline is being set. Until then, progress cannot be judged.")
	a.Status, a.Rule, r.Indicator.Direction = kpi.Behind, kpi.RuleDistance, kpi.Range
	a.Target.Low, a.Target.High = 70, 90
	check("range", "65.0% in February 2015. The target range is 70% to 90%.",
		"Behind: the distance to the target range is at most 40% of its width. Well behind: it is larger.")
}

func TestSignalSentence(t *testing.T) {
	p := newBundle(t).Printer(kpi.English, "")
	r := result(t, at(60), at(65), at(70))
	s := &r.Assessment.Signal
	for _, c := range []struct {
		kind kpi.SignalKind
		want string
	}{
		{kpi.Improving, "The improvement since February 2015 is larger than the usual ups and downs."},
		{kpi.Worsening, "The worsening since February 2015 is larger than the usual ups and downs."},
		{kpi.Changing, "The change since February 2015 is larger than the usual ups and downs."},
		{kpi.Steady, "The latest change is within the usual ups and downs."},
		{kpi.TooEarly, "Too early to tell. Values so far: 3. Values needed: 8."},
	} {
		s.Kind, s.Since, s.Points, s.Needed = c.kind, "2015-02", 3, 8
		same(t, string(c.kind), SignalSentence(p, r), c.want)
	}
	s.Kind, s.Since = kpi.Improving, ""
	same(t, "no beginning", SignalSentence(p, r), "The improvement since March 2015 is larger than the usual ups and downs.")
	same(t, "no limits", SignalLimits(p, r), "")
	s.Lower, s.Mean, s.Upper = at(55), at(65), at(75)
	same(t, "limits", SignalLimits(p, r), "Usual ups and downs: 55.0% to 75.0%. Average: 65.0%.")
	r.Indicator.Measure.Kind = kpi.MeasureShare
	s.Lower, s.Upper = at(-24.5), at(154.5)
	same(t, "a share ends at 0 and 100", SignalLimits(p, r), "Usual ups and downs: 0.0% to 100.0%. Average: 65.0%.")
	r.Indicator.Measure.Kind, r.Indicator.Unit = kpi.MeasureMedian, kpi.Days
	same(t, "no time is below zero", SignalLimits(p, r), "Usual ups and downs: 0.0␣days to 154.5␣days. Average: 65.0␣days.")
}

func TestCountsStandAfterAColon(t *testing.T) {
	p := newBundle(t).Printer(kpi.French, "")
	same(t, "city", CityResult(p, scorecard.Tally{kpi.PublicOnTrack: 1, kpi.PublicBehind: 2, kpi.PublicCannotSay: 3}),
		"Indicateurs sur la bonne voie␣: 1 sur 6. En retard␣: 2. Hors trajectoire␣: 0. Impossible à dire␣: 3.") //nolint:misspell // French
	same(t, "nothing", CityResult(p, scorecard.Tally{}), "Aucun indicateur n’a encore été publié.")
	results := []scorecard.Result{{Assessment: kpi.Assessment{Status: kpi.Achieved}}, {Assessment: kpi.Assessment{Status: kpi.NoData}}, {Assessment: kpi.Assessment{Status: kpi.TooFew}}}
	same(t, "priority", PrioritySentence(p, kpi.NewText(kpi.French, "Rues sûres"), results), "Rues sûres. Indicateurs sur la bonne voie␣: 1 sur 3. Sans données␣: 1.") //nolint:misspell // French
	same(t, "rows", RowsSentence(p, kpi.Observation{Rows: 7858, Excluded: map[string]int64{"a": 96, "b": 2}}), "Lignes comptées␣: 7␣858. Lignes hors du calcul␣: 98.")
	same(t, "outlook", OutlookSentence(p, &kpi.Outlook{Word: kpi.Likely, By: kpi.NewDate(2026, 3, 1)}), "Atteindre la cible d’ici le 1er␣mars 2026␣: probable.")
	same(t, "no outlook", OutlookSentence(p, nil), "Nous ne le savons pas encore.")
}

func TestReasonsFallBackToTheCity(t *testing.T) {
	p := newBundle(t).Printer(kpi.Spanish, "")
	city := &kpi.City{Reasons: map[string]kpi.Text{"duplicate": {Source: kpi.English, In: map[kpi.Lang]string{kpi.English: "duplicate", kpi.Spanish: "solicitud repetida"}}}}
	same(t, "built in", p.Reason(kpi.ReasonNotYetDue, city), "con plazo aún vigente")
	same(t, "the city's", p.Reason("duplicate", city), "solicitud repetida")
	same(t, "unknown", p.Reason("other-thing", nil), "otro motivo (other-thing)")
	same(t, "reject", p.Reject("bad_timestamp"), "no es una fecha y hora con el formato indicado")
	same(t, "unknown reject", p.Reject("zz"), "otro motivo (zz)")
	same(t, "reserved member", p.Member(kpi.DimensionDistrict, kpi.MemberNotRecorded, city), "Distrito sin registrar")
	same(t, "member without a name", p.Member("type", "x", nil), "x")
}

// Every sentence about every indicator of every synthetic scorecard comes out whole, in every language.
func TestSentencesOfWholeScorecards(t *testing.T) {
	b := newBundle(t)
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "empty": scorecardtest.Empty(), "one": scorecardtest.One(),
		"hostile": scorecardtest.Hostile(), "huge": scorecardtest.Huge()} {
		for _, lang := range kpi.Langs {
			p := b.Printer(lang, "")
			for _, r := range card.Results {
				list := append(StatusReason(p, r), Finding(p, r), SignalSentence(p, r), OutlookSentence(p, r.Assessment.Outlook))
				for _, e := range Explain(p, card.City, r) {
					list = append(list, e.Sentences...)
					for _, f := range slices.Concat(e.Inputs, e.Thresholds, e.LeftOut) {
						list = append(list, f.Label+": "+f.Text)
					}
				}
				if pt, _ := judged(r); pt != nil {
					list = append(list, RowsSentence(p, pt.Observation))
				}
				for _, s := range list {
					s = strings.ReplaceAll(s, p.Text(r.Indicator.Name), "")
					if len(s) < 8 || strings.ContainsAny(s, "{}[]") || strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || strings.Contains(s, "1970") {
						t.Errorf("%s, %s, %s: %q", name, lang, r.Indicator.ID, s)
					}
				}
			}
		}
	}
}

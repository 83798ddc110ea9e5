package i18n

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// move is what a value did since the one before.
type move struct {
	name          string
	before, value float64 // of a first value there is none before
}

var moves = []move{{"rose", 0.5, 1.5}, {"fell", 72.4, 1}, {"stayed", 5, 5}, {"first", -1, 0.5}, {"rose far", 9, 1e6}, {"fell to none", 3, 0}, {"below zero", 2, -1.5}}

// aims are the ways in which a target may stand to the judged period, April 2015.
var aims = []struct {
	name   string
	change func(r *scorecard.Result)
}{
	{"no target", func(*scorecard.Result) {}},
	{"ahead", func(r *scorecard.Result) { aimFor(r, kpi.NewDate(2015, 12, 31)) }},
	{"due and met", func(r *scorecard.Result) { aimFor(r, kpi.NewDate(2015, 4, 30)); r.Assessment.Met = true }},
	{"due and missed", func(r *scorecard.Result) { aimFor(r, kpi.NewDate(2015, 4, 10)) }},
	{"over", func(r *scorecard.Result) { aimFor(r, kpi.NewDate(2015, 3, 1)) }},
	{"achieved before its date", func(r *scorecard.Result) {
		aimFor(r, kpi.NewDate(2015, 12, 31))
		r.Assessment.Met, r.Assessment.Status = true, kpi.Achieved
	}},
	{"in a year, so far", func(r *scorecard.Result) { addUp(r, kpi.NewDate(2015, 12, 31)) }},
	{"in a year, over and met", func(r *scorecard.Result) {
		addUp(r, kpi.NewDate(2015, 4, 30))
		r.Assessment.Met, r.Assessment.Status, r.Assessment.Rule = true, kpi.Achieved, kpi.RuleYearMet
	}},
	{"in a year, over and missed", func(r *scorecard.Result) { addUp(r, kpi.NewDate(2015, 4, 30)) }},
	{"in a year, exceeded", func(r *scorecard.Result) {
		addUp(r, kpi.NewDate(2015, 12, 31))
		r.Assessment.Rule = kpi.RuleYearExceeded
	}},
	{"too few", func(r *scorecard.Result) {
		aimFor(r, kpi.NewDate(2015, 12, 31))
		r.Assessment.Status, r.Series[len(r.Series)-1].Observation.Rows = kpi.TooFew, 1
	}},
	{"provisional only", func(r *scorecard.Result) {
		for k := range r.Series {
			r.Series[k].Settled, r.Series[k].Observation.Provisional = false, true
		}
		r.Assessment.Value, r.Assessment.Period, r.Assessment.Status = nil, "", kpi.NoData
	}},
	{"no rows", func(r *scorecard.Result) {
		for k := range r.Series {
			r.Series[k].Observation.Value = nil
		}
		r.Assessment.Value, r.Assessment.Period, r.Assessment.Status = nil, "", kpi.NoData
		r.Total = &kpi.Observation{Excluded: map[string]int64{kpi.ReasonNoDueDate: 1}}
	}},
	{"no data", func(r *scorecard.Result) {
		r.Series, r.Assessment.Value, r.Assessment.Period, r.Assessment.Status = nil, nil, "", kpi.NoData
	}},
}

func aimFor(r *scorecard.Result, by kpi.Date) {
	r.Assessment.Target = &kpi.Target{By: by, Value: 80, Low: 1, High: 1.5}
	r.Indicator.Targets = []kpi.Target{*r.Assessment.Target}
}

// addUp makes the values parts of a year's total.
func addUp(r *scorecard.Result, by kpi.Date) {
	aimFor(r, by)
	total := 0.0
	for _, pt := range r.Series {
		total += *pt.Observation.Value
	}
	r.Indicator.AddsUpIn, r.Indicator.AddsUpFrom = kpi.Year, time.January
	r.Assessment.Judged, r.Assessment.Since = &total, r.Series[0].Period.ID
}

// moved is an indicator whose value moved by April 2015.
func moved(t *testing.T, lang kpi.Lang, m move, name string) scorecard.Result {
	t.Helper()
	values := []*float64{nil, nil, at(m.before), at(m.value)}
	if m.before < 0 {
		values = []*float64{nil, nil, nil, at(m.value)}
	}
	r := result(t, values...)
	r.Series = r.Series[slices.IndexFunc(r.Series, func(pt scorecard.Point) bool { return pt.Observation.Value != nil }):]
	r.Indicator.Name = kpi.NewText(lang, name)
	return r
}

// Beside the quarter before, which is of another season, a series with seasons that gets better can seem to fall: it is compared with the same season.
func TestFindingOfASeason(t *testing.T) {
	r := result(t, at(21.1), at(21.5), at(21.2), at(21.9), at(21.9), at(21.9), at(21.9), at(21.9), at(21.9), at(21.9), at(21.9), at(21.9), at(21.4))
	r.Indicator.Name, r.Indicator.Decimals = kpi.NewText(kpi.English, "Hours of water"), 1
	aimFor(&r, r.Series[len(r.Series)-1].Period.Last.AddMonths(6))
	r.Assessment.Signal.Adjusted = true
	b := newBundle(t)
	for lang, want := range map[kpi.Lang]string{kpi.English: "Rose to 21.4", kpi.Spanish: "subió a 21.4", kpi.Portuguese: "subiu para 21,4", kpi.French: "monté à 21,4"} {
		if got := Headline(b.Printer(lang, ""), r); !strings.Contains(got, want) || got == Headline(b.Printer(lang, ""), unadjusted(r)) {
			t.Errorf("%s: %s", lang, got)
		}
	}
	if got := Headline(b.Printer(kpi.English, ""), r); !strings.Contains(got, "compared with a year earlier") {
		t.Error(got)
	}
	r.Series = r.Series[1:] // the year before is not known
	if got := Headline(b.Printer(kpi.English, ""), r); !strings.HasPrefix(got, "Stood at 21.4") || strings.Contains(got, "year earlier") {
		t.Error(got)
	}
}

// unadjusted is a result of a series without seasons.
func unadjusted(r scorecard.Result) scorecard.Result {
	r.Assessment.Signal.Adjusted = false
	return r
}

// TestFindings writes the finding of every combination of unit, direction, move and target in all languages. What can be found by rule is looked
// for in each; people who speak the languages read the golden file, in which each sentence stands once, with some value.
func TestFindings(t *testing.T) {
	b := newBundle(t)
	units := []kpi.Unit{kpi.Percent, kpi.Days, kpi.WorkingDays, kpi.Hours, kpi.Number}
	directions := []kpi.Direction{kpi.Up, kpi.Down, kpi.Range, kpi.Neutral}
	var out strings.Builder
	used, combinations := map[kpi.Lang]map[string]bool{}, 0
	for _, lang := range kpi.Langs {
		used[lang] = map[string]bool{}
		p := b.Printer(lang, "")
		fmt.Fprintf(&out, "# %s\n", lang)
		shown := map[string]bool{}
		for _, aim := range aims {
			for d, direction := range directions {
				for _, unit := range units {
					for k, m := range moves {
						r := moved(t, lang, m, names[lang][k%2])
						r.Indicator.Direction, r.Indicator.Unit = direction, unit
						if m.value == 1e6 || unit == kpi.Number {
							r.Indicator.Decimals = 0
						}
						aim.change(&r)
						finding, headline := Finding(p, r), Headline(p, r)
						combinations++
						used[lang][finding], used[lang][headline] = true, true
						what := fmt.Sprintf("%s: %s, %s, %s, %s", lang, aim.name, direction, unit, m.name)
						checkFinding(t, p, what, names[lang][k%2], finding, headline)
						if kind := aSize.ReplaceAllString(headline, "N"); unit == units[(k+d)%len(units)] && !shown[kind] {
							shown[kind] = true
							fmt.Fprintln(&out, show(finding))
							fmt.Fprintln(&out, "  "+show(headline))
						}
					}
				}
			}
		}
	}
	if combinations < 7000 {
		t.Errorf("%d combinations", combinations)
	}
	everyFindingIsSaid(t, b, used)
	golden(t, "testdata/findings.txt", out.String())
}

// aSize is a value with its unit.
var aSize = regexp.MustCompile(`-?[0-9][0-9.,\x{a0}]*(%|\p{L}+( (hábil|hábiles|útil|úteis|ouvrables?|days?))?)?`)

// everyFindingIsSaid wants a sentence made of each message, so that none goes unread.
func everyFindingIsSaid(t *testing.T, b *Bundle, used map[kpi.Lang]map[string]bool) {
	t.Helper()
	for _, lang := range kpi.Langs {
		said := strings.Join(slices.Collect(maps.Keys(used[lang])), "\n")
		n := 0
		for id, m := range b.messages[lang] {
			if !strings.HasPrefix(id, "finding.") && !strings.HasPrefix(id, "headline.") {
				continue
			}
			n++
			parts := make([]string, len(m.parts))
			for i, part := range m.parts {
				parts[i] = regexp.QuoteMeta(part)
			}
			if !regexp.MustCompile(`(?m)^` + strings.Join(parts, `[^\n]+?`) + `$`).MatchString(said) {
				t.Errorf("%s: nothing is said with %s", lang, id)
			}
		}
		if n < 40 {
			t.Errorf("%s: %d messages", lang, n)
		}
	}
}

// checkFinding looks for what can be found by rule.
func checkFinding(t *testing.T, p *Printer, what, name, finding, headline string) {
	t.Helper()
	checkSentence(t, p.Lang, finding)
	checkSentence(t, p.Lang, headline)
	colon := map[kpi.Lang]string{kpi.English: "", kpi.French: nbsp + ":"}[p.Lang]
	if colon == "" && p.Lang != kpi.English {
		colon = ":"
	}
	if !strings.HasPrefix(finding, name+colon+" ") && !strings.HasPrefix(finding, name+": ") {
		t.Errorf("%s: the name does not stand alone in %q", what, finding)
	}
	for _, s := range []string{finding, headline} {
		first, _ := utf8.DecodeRuneInString(s)
		switch {
		case unicode.IsLower(first), !strings.HasSuffix(s, "."):
			t.Errorf("%s: no sentence: %q", what, s)
		case wrongNumber[p.Lang].MatchString(s):
			t.Errorf("%s: %q in %q", what, wrongNumber[p.Lang].FindString(s), s)
		case regexp.MustCompile(`[0-9] (%|days?|d[ií]as?|jours?|hours?|horas?|heures?|working|ouvr)`).MatchString(s):
			t.Errorf("%s: a number can be torn from its unit in %q", what, s)
		}
		if n := longest(s, name); n > 20 {
			t.Errorf("%s: a sentence of %d words in %q", what, n, s)
		}
	}
	if strings.Contains(headline, name) {
		t.Errorf("%s: the headline repeats the name: %q", what, headline)
	}
}

// wrongNumber is a number in the style of another language, or beside the wrong form of its unit.
var wrongNumber = map[kpi.Lang]*regexp.Regexp{
	kpi.English:    regexp.MustCompile(`\d,\d(\D|$)|\b1\x{a0}(days|hours|working days)\b|[02-9]\x{a0}(day|hour|working day)\b|−`),
	kpi.Spanish:    regexp.MustCompile(`\d,\d(\D|$)|(^|[^\d.,])1(\.0)?\x{a0}(días|horas)|[2-9]\x{a0}(día|hora)\b|1,000,000\x{a0}[dh][ío]`),
	kpi.Portuguese: regexp.MustCompile(`\d\.\d(\D|$)|(^|[^\d.,])[01](,\d)?\x{a0}(dias|horas)|(^|[^\d,])([2-9]|\d\d+)\x{a0}(dia|hora)\b|1\.000\.000\x{a0}[h]`),
	kpi.French:     regexp.MustCompile(`\d\.\d|(^|[^\d,])[01](,\d)?\x{a0}(jours|heures)|(^|[^\d,])([2-9]|\d\d+)\x{a0}(jour|heure)\b|1\x{a0}000\x{a0}000\x{a0}[jh]`),
}

// longest is the number of words of the longest sentence of a text, without the name of the indicator.
func longest(s, name string) int {
	most := 0
	for _, part := range regexp.MustCompile(`[.;:] `).Split(strings.Replace(s, name, "", 1), -1) {
		most = max(most, len(strings.Fields(part)))
	}
	return most
}

//nolint:misspell // most words here are Spanish, Portuguese or French
package i18n

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// four compares a text in the four languages; texts of several sentences are joined by a space.
func four(t *testing.T, what string, say func(p *Printer) string, want map[kpi.Lang]string) {
	t.Helper()
	b := newBundle(t)
	for _, lang := range kpi.Langs {
		same(t, what+", "+string(lang), say(b.Printer(lang, "")), want[lang])
	}
}

// in names the four texts of a test.
func in(en, es, pt, fr string) map[kpi.Lang]string {
	return map[kpi.Lang]string{kpi.English: en, kpi.Spanish: es, kpi.Portuguese: pt, kpi.French: fr}
}

func joined(list []string) string { return strings.Join(list, " ") }

// trees is an awkward name in each language: plural, feminine or beginning with a vowel.
var trees = kpi.Text{Source: kpi.English, In: map[kpi.Lang]string{kpi.English: "Trees planted", kpi.Spanish: "Árboles plantados", kpi.Portuguese: "Árvores plantadas", kpi.French: "Arbres plantés"}}

// town is a city with two districts, a department, a person and an indicator of trees.
func town() *kpi.City {
	name := func(s string) kpi.Text { return kpi.NewText(kpi.English, s) }
	return &kpi.City{
		ID: "town", Languages: []kpi.Lang{kpi.English}, TimeZone: "America/New_York", FiscalStart: time.July,
		Districts: []kpi.District{
			{ID: "ile", Name: name("Île Perrot")}, {ID: "allston", Name: name("Allston")}, {ID: "roxbury", Name: name("Roxbury")},
			{ID: "east", Name: name("East")}, {ID: "west", Name: name("West")}, {ID: "north", Name: name("North")}, {ID: "south", Name: name("South")},
		},
		Departments: []kpi.Department{{ID: "parks", Name: name("Parks")}}, People: []kpi.Person{{ID: "ana", Name: "Ana Iztapalapa"}, {ID: "head", Title: name("Head of Parks")}},
		Datasets:   []kpi.Dataset{{ID: "trees", Name: name("Tree register")}},
		Reasons:    map[string]kpi.Text{"dead": name("dead on arrival")},
		Indicators: []kpi.Indicator{{ID: "trees", Name: trees, Unit: kpi.Number, Direction: kpi.Up, Period: kpi.Month, Public: true}, {ID: "share", Name: trees, Unit: kpi.Percent, Decimals: 1, Period: kpi.Month, Public: true}},
	}
}

// planted is a count that adds up in the calendar year 2015: 150 of 600 until April, and what was judged of it.
func planted(t *testing.T, change func(r *scorecard.Result)) scorecard.Result {
	t.Helper()
	ind := town().Indicators[0]
	ind.Measure.Kind, ind.AddsUpIn, ind.Targets = kpi.MeasureCount, kpi.Year, []kpi.Target{{By: kpi.NewDate(2015, 12, 31), Value: 600}}
	r := scorecard.Result{Indicator: &ind}
	for k, v := range []float64{20, 30, 60, 40} {
		x := period(t, kpi.Month, kpi.NewDate(2015, time.Month(k+1), 1), 7)
		r.Series = append(r.Series, scorecard.Point{Period: x, Settled: true, Observation: kpi.Observation{Period: x.ID, Value: at(v), Rows: int64(v)}})
	}
	r.Assessment = kpi.Assessment{
		Status: kpi.Behind, Rule: kpi.RuleYearPace, Bands: kpi.DefaultBands, Period: "2015-04", Value: at(40), Judged: at(150), Since: "2015-01", Rows: 150,
		Expected: at(168), Gap: at(-18), Pace: at(150.0 / 168), Phasing: kpi.PhasingSeasonal, Target: &ind.Targets[0], Signal: kpi.Signal{Kind: kpi.TooEarly, Points: 4, Needed: 8},
	}
	if change != nil {
		change(&r)
	}
	return r
}

// said is a case of the golden file: what it shows, and how it is said.
type said struct {
	what string
	say  func(p *Printer) []string
}

// one is said of a single sentence.
func one(what string, say func(p *Printer) string) said {
	return said{what, func(p *Printer) []string { return []string{say(p)} }}
}

// Every sentence about an answer of the engine, in every language. The golden file is read by people who speak the languages; the test also looks
// for what can be found by rule.
func TestAnswers(t *testing.T) {
	b := newBundle(t)
	var out strings.Builder
	cases := slices.Concat(statusCases(t), signalCases(t), outlookCases(t), groupCases(t), evaluationCases(), changeCases(), otherCases())
	for _, lang := range kpi.Langs {
		p := b.Printer(lang, "")
		fmt.Fprintf(&out, "# %s\n", lang)
		for _, c := range cases {
			fmt.Fprintf(&out, "%s:\n", c.what)
			for _, s := range c.say(p) {
				fmt.Fprintf(&out, "  %s\n", show(s))
				checkSentence(t, lang, s)
				if len(s) < 3 {
					t.Errorf("%s, %s: %q", lang, c.what, s)
				}
			}
		}
	}
	golden(t, "testdata/answers.txt", out.String())
}

func TestYearsThatAddUp(t *testing.T) {
	four(t, "so far, as the years before", func(p *Printer) string { return joined(StatusReason(p, planted(t, nil))[:2]) }, in(
		"150 of 600 so far. By now it should be 168, going by the years before. Total so far, compared with the total expected by now: 89%.",
		"150 de 600 hasta ahora. El valor previsto a esta fecha es de 168, según los años anteriores. Total hasta ahora, en comparación con el total previsto a esta fecha: 89%.",
		"150 de 600 até agora. O valor previsto até aqui é de 168, segundo os anos anteriores. Total até agora, em comparação com o total previsto até aqui: 89%.",
		"150 sur 600 à ce jour. La valeur prévue à ce stade est de 168, d’après les années précédentes. Total à ce jour, par rapport au total prévu à ce stade␣: 89␣%."))
	four(t, "headline", func(p *Printer) string { return Finding(p, planted(t, nil)) }, in(
		"Trees planted: 150 since January 2015; the target is 600 by December␣31, 2015.", "Árboles plantados: 150 desde enero de 2015; la meta es de 600 para el 31␣de diciembre de 2015.",
		"Árvores plantadas: 150 desde janeiro de 2015; a meta é de 600 até 31␣de dezembro de 2015.", "Arbres plantés␣: 150 depuis janvier 2015. La cible est de 600 d’ici le 31␣décembre 2015."))
}

func TestOutOfReach(t *testing.T) {
	ind := planted(t, nil).Indicator
	o := &kpi.Outlook{Word: kpi.OutOfReach, Low: 200, High: 250, Method: "naive", By: kpi.NewDate(2015, 12, 31), SoFar: at(50), Needed: at(68.75), Best: at(60)}
	four(t, "out of reach", func(p *Printer) string {
		return joined(append([]string{OutlookSentence(p, o)}, OutlookReasons(p, ind, o)...))
	}, in(
		"Meeting the target by December␣31, 2015: out of reach. Total so far: 50. It would take 69 per month. Best so far: 60. If nothing changes, the year’s total will probably be between 200 and 250. The forecast repeats the last value.",
		"Cumplir la meta para el 31␣de diciembre de 2015: fuera de alcance. Total hasta ahora: 50. Haría falta: 69 por mes. Lo mejor hasta ahora: 60. Si nada cambia, el total del año estará probablemente entre 200 y 250. La proyección repite el último valor.",
		"Cumprir a meta até 31␣de dezembro de 2015: fora de alcance. Total até agora: 50. Seria necessário: 69 por mês. O melhor até agora: 60. Se nada mudar, o total do ano ficará provavelmente entre 200 e 250. A projeção repete o último valor.",
		"Atteindre la cible d’ici le 31␣décembre 2015␣: hors de portée. Total à ce jour␣: 50. Il faudrait␣: 69 par mois. Le mieux à ce jour␣: 60. Si rien ne change, le total de l’année se situera probablement entre 200 et 250. La projection répète la dernière valeur."))
}

// A pace is never shown as if it had reached a band that it missed.
func TestPaceNearABand(t *testing.T) {
	p := newBundle(t).Printer(kpi.English, "")
	for pace, want := range map[float64]string{0.714: "71%", 0.95: "95%", 0.9499: "94.99%", 0.949: "94.9%", 0.94999: "94.999%", 0.5996: "59.96%", 0.6: "60%", 1.2: "120%", -0.2: "-20%", 0.9499999999: "95%"} {
		same(t, want, p.pace(pace, kpi.DefaultBands), want)
	}
}

func TestExplain(t *testing.T) {
	r := planted(t, func(r *scorecard.Result) {
		a := &r.Assessment
		reason := kpi.NewReason(kpi.QuestionStatus, string(a.Status), a.Rule)
		reason.Periods, reason.Rows, reason.Excluded = []string{"2015-01", "2015-02", "2015-04"}, 150, map[string]int64{"dead": 3, kpi.ReasonNoDate: 12, "none": 0}
		reason.Add("value", a.Value, "number")
		reason.Add("to_date", a.Judged, "number")
		reason.Add("gap", a.Gap, "number")
		reason.Add("target", at(600), "number")
		reason.Add("pace", a.Pace, kpi.QuantityRatio)
		reason.Limit("band_on_track", 0.95, kpi.QuantityRatio)
		reason.Limit("minimum_rows", 1234, kpi.QuantityCount)
		trend := kpi.NewReason(kpi.QuestionTrend, "rising", "theil-sen")
		trend.Add("slope", at(12.5), kpi.QuantityPerYear)
		trend.Add("p_value", at(0.00001), kpi.QuantityProbability)
		trend.Add("tau", at(0.423), kpi.QuantityRatio)
		trend.Add("lag1", at(-0.1), kpi.QuantityRatio)
		trend.Add("odd", at(1.5), "furlongs")
		trend.Add("half", at(1.5), kpi.QuantityCount)
		trend.Add("score", at(2), kpi.QuantityPoints)
		trend.Add("probability", at(0.5), kpi.QuantityProbability)
		a.Reasons, a.Trend = []kpi.Reason{reason, trend}, &kpi.Trend{Slope: 12.5, Low: 10, High: 15, Tau: 0.4, Points: 40, Real: true}
		a.Outlook = &kpi.Outlook{Word: kpi.Likely, By: kpi.NewDate(2015, 12, 31), Low: 500, High: 700, Probability: 0.7}
		trend.Limit("p_value", 0.05, kpi.QuantityProbability)
		trend.Limit("points", 10, kpi.QuantityCount)
		a.Reasons[1] = trend
	})
	p := newBundle(t).Printer(kpi.French, "")
	list := Explain(p, town(), r)
	var questions []string
	for _, e := range list {
		questions = append(questions, e.Question+" "+e.Answer+" "+e.Rule+" "+e.Word)
	}
	if diff := cmp.Diff([]string{"status behind year-pace en retard", "signal too_early  trop tôt pour le dire", "outlook likely  probable", "trend rising theil-sen en hausse"}, questions); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	facts := func(list []Fact) (out []string) {
		for _, f := range list {
			out = append(out, f.Name+" | "+f.Label+" | "+show(f.Text)+" | "+strconv.FormatFloat(f.Value, 'g', -1, 64))
		}
		return out
	}
	status, trend := list[0], list[3]
	for what, c := range map[string][2][]string{
		"inputs": {facts(status.Inputs), {
			"value | Valeur | 40 | 40", "to_date | Total à ce jour | 150 | 150", "gap | Écart par rapport à la valeur prévue | -18 | -18", "target | Cible | 600 | 600",
			"pace | Progrès, par rapport au progrès prévu à cette date | 89,3␣% | 0.8928571428571429"}},
		"thresholds": {facts(status.Thresholds), {"band_on_track | Sur la bonne voie à partir de | 95␣% | 0.95", "minimum_rows | Nombre minimal de cas évalués | 1␣234 | 1234"}},
		"left out":   {facts(status.LeftOut), {"no-date | Sans date | 12 | 12", "dead | Dead on arrival | 3 | 3"}},
		"rows":       {facts([]Fact{status.Rows}), {"rows | Lignes comptées | 150 | 150"}},
		"periods":    {{status.Periods, trend.Periods}, {"janvier 2015 à avril 2015", ""}},
		"trend": {facts(trend.Inputs), {
			"slope | Variation par an | +12,5 | 12.5", "p_value | Probabilité d’une telle tendance par pur hasard | moins de 0,1␣% | 1e-05", "tau | Force de la tendance, de -1 à 1 (tau) | 0,42 | 0.423",
			"lag1 | Ressemblance des périodes voisines (corrélation) | -0,10 | -0.1", "odd | odd | 2 | 1.5", "half | half | 1,5 | 1.5", "score | Score | 2,00 | 2", "probability | Probabilité estimée | 50␣% | 0.5"}},
		"limits of a trend": {facts(trend.Thresholds), {"p_value | La tendance est nette en dessous de | 5,0␣% | 0.05", "points | Périodes closes nécessaires | 10 | 10"}},
	} {
		if diff := cmp.Diff(c[1], c[0]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	if len(status.Sentences) < 3 || status.Heading == "" || trend.Heading == "" {
		t.Errorf("%+v", status)
	}
}

func statusCases(t *testing.T) []said {
	status := func(what string, change func(r *scorecard.Result)) said {
		return said{what, func(p *Printer) []string {
			r := planted(t, change)
			return append([]string{Finding(p, r)}, append(StatusReason(p, r), StandingSentences(p, r)...)...)
		}}
	}
	judgedBy := func(method kpi.MethodName, word string, value, score *float64, why string) func(r *scorecard.Result) {
		return func(r *scorecard.Result) {
			r.Indicator.AddsUpIn, r.Assessment.Judged, r.Assessment.Expected = "", nil, nil
			r.Assessment.Rule, r.Assessment.Named = kpi.RuleNamed, &kpi.Named{Method: method, Word: word, Value: value, Score: score, Why: why}
		}
	}
	limit := func(r *scorecard.Result) { r.Indicator.Direction = kpi.Down }
	within := func(r *scorecard.Result) {
		r.Indicator.Direction, r.Assessment.Expected, r.Assessment.Pace, r.Assessment.Phasing = kpi.Range, nil, nil, ""
		r.Assessment.Target = &kpi.Target{By: kpi.NewDate(2015, 12, 31), Low: 500, High: 1e6}
	}
	rule := func(rule string, s kpi.Status, met bool, more ...func(r *scorecard.Result)) func(r *scorecard.Result) {
		return func(r *scorecard.Result) {
			r.Assessment.Rule, r.Assessment.Status, r.Assessment.Met = rule, s, met
			for _, f := range more {
				f(r)
			}
		}
	}
	over := func(r *scorecard.Result) { r.Assessment.Target = &kpi.Target{By: kpi.NewDate(2015, 4, 30), Value: 600} }
	return []said{
		status("a year's total, seasonal", nil),
		status("a year's total, flat", func(r *scorecard.Result) { r.Assessment.Phasing = kpi.PhasingFlat }),
		status("a year's total, one and a half days", func(r *scorecard.Result) {
			r.Indicator.Unit, r.Indicator.Decimals, r.Assessment.Judged, r.Assessment.Expected = kpi.WorkingDays, 1, at(1.5), at(1)
		}),
		status("a year's total without an expectation", func(r *scorecard.Result) {
			r.Assessment.Expected, r.Assessment.Pace, r.Assessment.Rule = nil, nil, kpi.RuleDistance
		}),
		status("a year's limit, seasonal", limit),
		status("a year's limit, flat", func(r *scorecard.Result) { limit(r); r.Assessment.Phasing = kpi.PhasingFlat }),
		status("a year's limit exceeded", rule(kpi.RuleYearExceeded, kpi.WellBehind, false, limit, func(r *scorecard.Result) { r.Assessment.Expected = nil })),
		status("a year's limit kept", rule(kpi.RuleYearMet, kpi.Achieved, true, limit, over)),
		status("a year's range", rule(kpi.RuleYearPace, kpi.OnTrack, false, within)),
		status("a year's range exceeded", rule(kpi.RuleYearExceeded, kpi.WellBehind, false, within)),
		status("a year's range kept", rule(kpi.RuleYearMet, kpi.Achieved, true, within)),
		status("a year's target reached", rule(kpi.RuleYearMet, kpi.Achieved, true)),
		status("a year's target met for now", rule(kpi.RuleMet, kpi.OnTrack, true)),
		status("a year's target missed", rule(kpi.RuleDistance, kpi.WellBehind, false, over, func(r *scorecard.Result) { r.Assessment.Expected = nil })),
		status("a year that is not known", rule(kpi.RuleYearUnknown, kpi.NoData, false, func(r *scorecard.Result) { r.Assessment.Judged = nil })),
		status("open-sdg with a target", judgedBy(kpi.MethodOpenSDG, "acceleration_needed", at(0.7), at(0.7143), "")),
		status("open-sdg without a target", func(r *scorecard.Result) {
			judgedBy(kpi.MethodOpenSDG, "deterioration", at(-0.015), at(-5), "")(r)
			r.Assessment.Target = nil
		}),
		status("open-sdg without a result", judgedBy(kpi.MethodOpenSDG, "not_available", nil, nil, kpi.OpenSDGOnePoint)),
		status("cityscore", judgedBy(kpi.MethodCityScore, "behind", at(0.9901), nil, "")),
		status("executed", func(r *scorecard.Result) {
			judgedBy(kpi.MethodExecuted, "behind", at(89.9), nil, "")(r)
			r.Indicator.AddsUpIn, r.Assessment.Judged = kpi.Year, at(150)
		}),
		status("executed, nothing reported", func(r *scorecard.Result) {
			judgedBy(kpi.MethodExecuted, "not_reported", nil, nil, "")(r)
			r.Indicator.AddsUpIn = kpi.Year
		}),
		{"standings", func(p *Printer) []string {
			r := planted(t, nil)
			likely := &kpi.Outlook{Word: kpi.Likely, By: kpi.NewDate(2027, 3, 1)}
			r.Assessment.Standings = []kpi.Standing{
				{Target: kpi.Target{By: kpi.NewDate(2027, 3, 1), Value: 2400, Kind: kpi.TargetTerm}, Expected: at(1000), Progress: at(0.335), Outlook: likely},
				{Target: kpi.Target{By: kpi.NewDate(2016, 8, 1), Value: 900, Kind: kpi.TargetInterim}, Met: true, Progress: at(1.2)},
				{Target: kpi.Target{By: kpi.NewDate(2016, 12, 31), Value: 1200}},
			}
			return StandingSentences(p, r)
		}},
	}
}

func signalCases(t *testing.T) []said {
	signal := func(what string, s kpi.Signal) said {
		return said{what, func(p *Printer) []string {
			r := result(t, at(60), at(65), at(70), at(71))
			r.Indicator.Name = trees
			r.Indicator.Rebases = []kpi.Rebase{{From: kpi.NewDate(2015, 2, 1), Set: kpi.NewDate(2015, 3, 1), ByWhom: "City Council", Reason: kpi.NewText(kpi.English, "A new contract.")}}
			s.Lower, s.Upper, s.Mean, s.Points, s.Needed = at(55), at(75), at(65), 30, 8
			if s.Chart == kpi.ChartRun {
				s.Lower, s.Upper = nil, nil
			}
			r.Assessment.Signal = s
			return append([]string{SignalSentence(p, r)}, SignalReasons(p, r)...)
		}}
	}
	list := []said{
		signal("an XmR chart", kpi.Signal{Kind: kpi.Improving, Rule: "shift", Since: "2015-02", Chart: kpi.ChartXmR, Assurance: "hit_or_miss"}),
		signal("with its season taken out", kpi.Signal{Kind: kpi.Steady, Chart: kpi.ChartXmR, Adjusted: true, Assurance: "never"}),
		signal("Laney's p′", kpi.Signal{Kind: kpi.Worsening, Rule: "outside", Since: "2015-04", Chart: kpi.ChartPPrime, Sigma: at(1.42), Assurance: "always"}),
		signal("a run chart", kpi.Signal{Kind: kpi.Changing, Rule: "long_run", Since: "2015-01", Chart: kpi.ChartRun}),
		signal("few crossings", kpi.Signal{Kind: kpi.Improving, Rule: "few_crossings", Chart: kpi.ChartRun}),
		signal("limits anew, by decision", kpi.Signal{Kind: kpi.Steady, From: "2015-02", Warnings: []kpi.SignalWarning{kpi.WarnRebased, kpi.WarnTrial}, Trial: true}),
		signal("limits of the newest part", kpi.Signal{Kind: kpi.Steady, From: "2015-03", Trial: true}),
		signal("too early", kpi.Signal{Kind: kpi.TooEarly}),
	}
	list = append(list, said{"warnings of a signal", func(p *Printer) (s []string) {
		for _, w := range kpi.SignalWarnings {
			s = append(s, p.SignalWarning(w))
		}
		return s
	}})
	trend := func(what string, x kpi.Trend) said {
		return said{what, func(p *Printer) []string {
			r := result(t, at(60), at(65))
			r.Indicator.Name, r.Assessment.Trend = trees, &x
			return append([]string{p.Trend(&x), TrendSentence(p, r)}, TrendReasons(p, &x)...)
		}}
	}
	return append(list,
		trend("a rising trend", kpi.Trend{Slope: 1.5, Low: 0.96, High: 2, Tau: 0.4, Points: 48, Seasonal: true, Real: true}),
		trend("a falling trend", kpi.Trend{Slope: -0.04, Low: -1, High: 0.01, Tau: -0.2, Points: 1234, Lag1: at(0.4), Real: true}),
		trend("no trend", kpi.Trend{Slope: 0.2, Low: -1, High: 1, Points: 9}))
}

func outlookCases(t *testing.T) []said {
	by := kpi.NewDate(2015, 12, 31)
	outlook := func(what string, o kpi.Outlook, change func(ind *kpi.Indicator)) said {
		return said{what, func(p *Printer) []string {
			ind := result(t, at(60)).Indicator
			if change != nil {
				change(ind)
			}
			o.By = by
			return append([]string{OutlookSentence(p, &o)}, OutlookReasons(p, ind, &o)...)
		}}
	}
	adds := func(direction kpi.Direction, kind kpi.PeriodKind) func(ind *kpi.Indicator) {
		return func(ind *kpi.Indicator) {
			ind.AddsUpIn, ind.Unit, ind.Decimals, ind.Direction, ind.Period, ind.Measure.Kind = kpi.Year, kpi.Number, 0, direction, kind, kpi.MeasureCount
		}
	}
	list := []said{
		outlook("a level", kpi.Outlook{Word: kpi.AboutEven, Probability: 0.5, Low: 71, High: 84.96, Method: "ets", Points: 36, Horizon: 10,
			Tried: []kpi.OutlookTried{{Method: "naive", Error: 1.02}, {Method: "ets", Error: 0.796}}, Warnings: kpi.OutlookWarnings}, nil),
		outlook("a level at the end of what is said", kpi.Outlook{Word: kpi.VeryLikely, Probability: 0.95, Low: -3, High: 101, Method: "seasonal_naive"},
			func(ind *kpi.Indicator) { ind.Measure.Kind = kpi.MeasureShare }),
		outlook("a total to reach", kpi.Outlook{Word: kpi.Unlikely, Probability: 0.2, Low: 500, High: 590.4, SoFar: at(150), Needed: at(56.25), Method: "drift", Points: 40, Horizon: 8}, adds(kpi.Up, kpi.Month)),
		outlook("a total to stay under", kpi.Outlook{Word: kpi.VeryUnlikely, Probability: 0.05, Low: -5, High: 1e6, SoFar: at(150), Needed: at(56.25), Method: "theta"}, adds(kpi.Down, kpi.Week)),
		outlook("a total that was reached", kpi.Outlook{Word: kpi.VeryLikely, Probability: 0.95, Low: 610, High: 700, SoFar: at(605), Needed: at(-1), Method: "mean"}, adds(kpi.Up, kpi.Quarter)),
		outlook("a total out of reach", kpi.Outlook{Word: kpi.OutOfReach, Probability: 0.05, Low: 200, High: 250, SoFar: at(50), Needed: at(550), Best: at(61), Method: "trend"}, adds(kpi.Up, kpi.FiscalQuarter)),
		outlook("a level out of reach", kpi.Outlook{Word: kpi.OutOfReach, Probability: 0.05, Low: 20, High: 25, Best: at(61), Method: "holt_winters"}, nil),
		outlook("a method without words", kpi.Outlook{Word: kpi.Likely, Probability: 0.7, Low: 1, High: 1.5, Method: "oracle"}, nil),
	}
	for _, k := range kpi.PeriodKinds {
		list = append(list, one("per "+string(k), func(p *Printer) string { return p.PerPeriod(k) }))
	}
	return list
}

func groupCases(t *testing.T) []said {
	equal := func(what, reference string, groups ...scorecard.Group) said {
		return said{what, func(p *Printer) []string {
			e := scorecard.Equity{Dimension: kpi.DimensionDistrict, Reference: reference, From: "2015-01", To: "2015-08", Groups: groups,
				Method: "wilson", Weights: "population", Range: at(24.96), Disparity: at(12.34)}
			if reference != "" {
				e.Method, e.Weights, e.To = "none", "rows", "2015-01"
			}
			return append([]string{EquityFinding(p, town(), e)}, EquityNotes(p, town(), result(t, at(60)), e)...)
		}}
	}
	group := func(member string, v scorecard.Verdict, difference float64) scorecard.Group {
		return scorecard.Group{Member: member, Verdict: v, Difference: at(difference)}
	}
	drivers := func(what string, d scorecard.Drivers, unit kpi.Unit) said {
		return said{what, func(p *Printer) []string {
			r := result(t, at(60), at(65), nil, at(70))
			r.Indicator.Unit = unit
			d.Dimension = kpi.DimensionDistrict
			list := []string{DriversFinding(p, town(), r, d)}
			if s := DriversSplit(p, r.Indicator, d); s != "" {
				list = append(list, s)
			}
			return list
		}}
	}
	many := []scorecard.Group{}
	for k, id := range []string{"ile", "allston", "roxbury", "east", "west", "north", "south"} {
		many = append(many, group(id, scorecard.VerdictWorse, -float64(k+1)))
	}
	list := []said{
		equal("groups of all kinds", "", group("allston", scorecard.VerdictWorse, -3), group("roxbury", scorecard.VerdictBetter, 4), group("ile", scorecard.VerdictWorse, -9),
			group("east", scorecard.VerdictSimilar, 0), group("west", scorecard.VerdictTooFew, 0), group("north", scorecard.VerdictHidden, 0), group(kpi.MemberNotRecorded, scorecard.VerdictNone, 0)),
		equal("many groups", "", many...),
		equal("beside a reference group", "ile", group("ile", scorecard.VerdictReference, 0), group("allston", scorecard.VerdictWorse, -3), group("roxbury", scorecard.VerdictBetter, 3)),
		equal("without a direction", "", group("ile", scorecard.VerdictDifferent, 3)),
		equal("a median", "", scorecard.Group{Member: "ile", Verdict: scorecard.VerdictNone, Value: at(3)}, scorecard.Group{Member: "allston", Verdict: scorecard.VerdictNone}),
		equal("no group stands out", "", group("ile", scorecard.VerdictSimilar, 3), group("allston", scorecard.VerdictSimilar, 3)),
		equal("no group stands out beside a reference", "ile", group("allston", scorecard.VerdictSimilar, 3)),
		drivers("drivers of a share", scorecard.Drivers{From: "2014-04", To: "2015-04", Change: -2.4, Rate: -3, Mix: 0.6, Groups: []scorecard.Driver{
			{Member: "ile", Total: -1.5}, {Member: "", Total: -1}, {Member: "allston", Total: 0.5}, {Member: "east", Total: -0.4}}}, kpi.Percent),
		drivers("drivers of a count", scorecard.Drivers{From: "2015-01", To: "2015-02", Change: 12, Rate: 12, Groups: []scorecard.Driver{{Member: "ile", Total: 12}}}, kpi.Number),
	}
	for _, v := range scorecard.Verdicts {
		list = append(list, said{"verdict " + string(v), func(p *Printer) []string { return []string{p.Verdict(v, false), p.Verdict(v, true)} }})
	}
	return list
}

func evaluationCases() []said {
	evaluation := func(what string, e scorecard.Evaluation) said {
		return said{what, func(p *Printer) []string {
			ind := &town().Indicators[1]
			e.Definition.Date = kpi.NewDate(2015, 3, 1)
			return append([]string{EvaluationFinding(p, ind, e)}, EvaluationNotes(p, town(), ind, e)...)
		}}
	}
	effect := func(name, at string, size, low, high float64) scorecard.Effect {
		return scorecard.Effect{Name: name, At: at, Size: size, Low: &low, High: &high}
	}
	pre := effect("slope", "", 0.1, -0.2, 0.4)
	apart := effect("slope", "", 0.1, 0.05, 0.4)
	list := []said{
		evaluation("before and after", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateSegments, Before: 24, After: 12, Effects: []scorecard.Effect{
			effect("level", "2015-03", -1, -3, 1), effect("slope", "", -0.25, -0.4, -0.1), effect("at_end", "2015-10", -4, -6.5, -1.5)},
			Definition: kpi.Evaluation{Seasonal: true, AnnouncedOn: kpi.NewDate(2015, 1, 1), Caution: kpi.NewText(kpi.English, "A new provider began in the same month.")}}),
		evaluation("before and after, unclear", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateSegments, Before: 8, After: 8, Effects: []scorecard.Effect{effect("level", "2015-03", 1, -2, 4)}}),
		evaluation("counts", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateCounts, Before: 36, After: 23, Effects: []scorecard.Effect{effect("rate_ratio", "", 0.885, 0.839, 0.933)}}),
		evaluation("counts, unclear", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateCounts, Before: 36, After: 23, Effects: []scorecard.Effect{effect("rate_ratio", "", 1.02, 0.9, 1.15)}}),
		evaluation("against a comparison", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateDifferences, Before: 12, After: 12, Members: 9, Pretrend: &pre,
			Effects: []scorecard.Effect{effect("difference", "", 2.754, 0.1, 5.4)}}),
		evaluation("against a comparison, unclear", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateDifferences, Before: 12, After: 12, Members: 9, Pretrend: &apart, Warnings: scorecard.EvaluationWarnings,
			Effects: []scorecard.Effect{effect("difference", "", 1.5, -0.5, 3.5)}}),
	}
	list = append(list, evaluation("one member alone", scorecard.Evaluation{State: "answered", Method: kpi.EvaluateDifferences, Before: 12, After: 12, Members: 2, Pretrend: &scorecard.Effect{Name: "slope", Size: 1},
		Effects: []scorecard.Effect{{Name: "difference", Size: 2.754}, {Name: "rate_ratio", Size: 0.9}}}))
	for _, state := range append(slices.Clone(scorecard.EvaluationStates), "unheard_of") {
		list = append(list, one("state "+state, func(p *Printer) string {
			return EvaluationFinding(p, &town().Indicators[1], scorecard.Evaluation{State: state, Method: kpi.EvaluateCounts})
		}))
	}
	return list
}

func changeCases() []said {
	number := func(v float64) *kpi.ChangeValue { return &kpi.ChangeValue{Number: &v} }
	id := func(s string) *kpi.ChangeValue { return &kpi.ChangeValue{ID: s} }
	text := func(s string) *kpi.ChangeValue { return &kpi.ChangeValue{Text: s} }
	day := kpi.NewDate(2015, 3, 1)
	values := map[string][2]*kpi.ChangeValue{
		"dataset": {id("trees"), id("gone")}, "measure": {id("share"), id("percentile")}, "measure.of": {text("closed <= due"), text("closed <= due + 1")}, "measure.per": {nil, text("people")},
		"measure.from": {text("opened"), nil}, "measure.to": {text("closed"), text("ended")}, "measure.p": {number(0.5), number(0.9)}, "measure.times": {nil, number(1000)},
		"measure.where": {nil, text("type = 'a'")}, "measure.exclude": {text("due is null (no-due-date)"), nil}, "measure.date": {text("opened"), text("due")},
		"unit": {id("days"), id("working_days")}, "period": {id("month"), id("fiscal_quarter")}, "rows": {nil, nil},
		"annual": {number(80), number(75.5)}, "term": {nil, number(90)}, "interim": {&kpi.ChangeValue{Low: at(1), High: at(2)}, nil},
		"baseline": {nil, &kpi.ChangeValue{Number: at(58), Date: day}}, "owner": {id("ana"), id("head")}, "department": {id("parks"), id("works")},
		"added": {nil, id("trees")}, "dropped": {id("trees"), nil},
		"status_bands.on_track": {number(0.95), number(0.9)}, "status_bands.behind": {number(0.6), number(0.625)}, "direction": {id("up"), id("none")},
		"trajectory": {id("linear"), id("seasonal")}, "adds_up_in": {nil, id("fiscal_year")}, "judge": {nil, id("open-sdg")}, "judge.since": {nil, number(2015)},
		"judge.limit": {number(100), nil}, "chart": {nil, id("p-prime")}, "minimum": {nil, number(20)}, "settles_after": {number(7), number(1000000)}, "suppress": {nil, number(11)},
		"rebase": {nil, &kpi.ChangeValue{Date: day}}, "public": {id("false"), id("true")},
	}
	var list []said
	for _, what := range kpi.ChangeKinds {
		for _, field := range kpi.ChangeFields[what] {
			v, ok := values[field]
			if !ok {
				v = [2]*kpi.ChangeValue{nil, nil}
			}
			c := kpi.Change{Indicator: "share", What: what, Field: field, From: v[0], To: v[1], Seen: kpi.NewDate(2015, 4, 1)}
			if what == kpi.ChangeTarget {
				c.Target = kpi.NewDate(2016, 12, 31)
			}
			list = append(list, one("change "+what+"."+field, func(p *Printer) string { return p.Upper(p.ChangeKind(what)) + ". " + ChangeSentences(p, town(), c)[0] }))
		}
	}
	noted := func(what string, note *kpi.ChangeNote, c kpi.Change) said {
		c.Note, c.Seen = note, kpi.NewDate(2015, 4, 1)
		return said{what, func(p *Printer) []string { return ChangeSentences(p, town(), c) }}
	}
	moved := kpi.Change{Indicator: "trees", What: kpi.ChangeTarget, Field: "annual", Target: kpi.NewDate(2015, 8, 1), From: number(600), To: number(500)}
	return append(list,
		noted("a change that nobody explained", nil, moved),
		noted("who, when, why, by which act", &kpi.ChangeNote{On: kpi.NewDate(2015, 8, 1), ByWhom: "City Council", Reason: kpi.NewText(kpi.English, "The nursery closed."), Act: kpi.Act{Title: "Decree 12/2015"}}, moved),
		noted("who alone", &kpi.ChangeNote{ByWhom: "City Council"}, moved),
		noted("when and why", &kpi.ChangeNote{On: kpi.NewDate(2015, 3, 1), Reason: kpi.NewText(kpi.English, "The nursery closed.")}, moved),
		noted("no longer public", nil, kpi.Change{Indicator: "trees", What: kpi.ChangePublic, Field: "public", From: id("true"), To: id("false")}),
		noted("limits taken back", nil, kpi.Change{Indicator: "trees", What: kpi.ChangeRebase, Field: "rebase", From: &kpi.ChangeValue{Date: day}}),
		noted("a field without words", nil, kpi.Change{Indicator: "trees", What: kpi.ChangeTarget, Field: "zz", From: number(1), To: number(2)}),
		noted("an indicator that is gone", nil, kpi.Change{Indicator: "gone", What: kpi.ChangeTarget, Field: "annual", Target: day, From: number(1)}))
}

func otherCases() []said {
	rolled := func(what string, roll scorecard.RollUp) said {
		return said{what, func(p *Printer) []string {
			city := town()
			card := &scorecard.Scorecard{City: city, Results: []scorecard.Result{{Indicator: &city.Indicators[0], Assessment: kpi.Assessment{Status: kpi.Behind}}, {Indicator: &city.Indicators[1], Assessment: kpi.Assessment{Status: kpi.OnTrack}}}}
			return RollUpSentences(p, card, roll)
		}}
	}
	project := func(what string, p kpi.Project, asOf kpi.Date) said {
		return said{what, func(pr *Printer) []string { return ProjectSentences(pr, p.Assess(kpi.ProjectOptions{AsOf: asOf})) }}
	}
	day := kpi.NewDate
	plan := func(change func(p *kpi.Project)) kpi.Project {
		p := kpi.Project{PlannedStart: day(2015, 1, 1), PlannedEnd: day(2015, 12, 31), ActualStart: day(2015, 1, 1), Budget: at(1e6)}
		change(&p)
		return p
	}
	tally := scorecard.Tally{kpi.PublicOnTrack: 1, kpi.PublicBehind: 2, kpi.PublicCannotSay: 3}
	reports := func(v ...float64) (list []kpi.ProjectPoint) {
		for k, x := range v {
			list = append(list, kpi.ProjectPoint{Date: day(2015, time.Month(3*k+3), 1), Value: x})
		}
		return list
	}
	milestones := []kpi.Milestone{{Name: kpi.NewText(kpi.English, "Île opened"), Planned: day(2015, 8, 1)}}
	list := []said{
		rolled("a priority", scorecard.RollUp{Tally: tally, Total: 6, Answered: 3, Worst: "trees"}),
		rolled("a priority with a score", scorecard.RollUp{Tally: tally, Total: 6, Answered: 3, Worst: "share", Score: &scorecard.Score{Value: 61.6, Low: 55, High: 70, Coverage: 2.0 / 3}}),
		rolled("a priority without indicators", scorecard.RollUp{}),
		project("works behind the plan", plan(func(p *kpi.Project) {
			p.Progress, p.Milestones, p.Spending = reports(5, 20), milestones, reports(100000, 250000.4)
		}), day(2015, 6, 15)),
		project("works ahead of the plan", plan(func(p *kpi.Project) { p.Progress = reports(40) }), day(2015, 4, 15)),
		project("works finished a day late", plan(func(p *kpi.Project) { p.ActualEnd = day(2016, 1, 1) }), day(2016, 3, 1)),
		project("works finished early", plan(func(p *kpi.Project) { p.ActualEnd = day(2015, 10, 1) }), day(2016, 3, 1)),
		project("works finished on the day", plan(func(p *kpi.Project) { p.ActualEnd = day(2015, 12, 31) }), day(2016, 3, 1)),
		project("works overdue", plan(func(p *kpi.Project) { p.Progress, p.Milestones = reports(5, 20), milestones }), day(2016, 3, 1)),
		project("works without a plan", kpi.Project{Progress: reports(30)}, day(2015, 6, 15)),
		project("works without a report", plan(func(p *kpi.Project) { p.Milestones = milestones }), day(2015, 6, 15)),
	}
	trust := func(check string, state scorecard.TrustState, value, limit float64) {
		list = append(list, said{"check " + check + " " + string(state), func(p *Printer) []string {
			c := scorecard.TrustCheck{Check: check, State: state, Value: &value, Limit: &limit}
			if check == "late_revisions" {
				c.Latest = "2015-08"
			}
			return append([]string{p.TrustCheck(check), p.TrustState(state)}, TrustSentences(p, town(), scorecard.Result{}, c)...)
		}})
	}
	for _, check := range scorecard.TrustChecks {
		switch check {
		case "heaping", "deadline_jump":
			trust(check, scorecard.TrustLook, 0.00004, 0.01)
		case "all_green":
			trust(check, scorecard.TrustLook, 24, 12)
		default:
			trust(check, scorecard.TrustLook, 12.34, 5)
		}
	}
	for _, state := range scorecard.TrustStates {
		trust("heaping", state, 0.3, 0.01)
	}
	for _, f := range kpi.ProjectFlags {
		list = append(list, one("flag of works "+string(f), func(p *Printer) string { return p.ProjectFlag(f) }))
	}
	same := func(dimension string) said {
		return one("by "+dimension, func(p *Printer) string { return p.Dimension(dimension) })
	}
	return append(list, same(kpi.DimensionDistrict), same("age"), said{"numbers", func(p *Printer) []string {
		v, million := 1.0, 1e6
		return []string{p.Value(&v, kpi.WorkingDays, 0), p.Value(&v, kpi.WorkingDays, 1), p.Value(&million, kpi.WorkingDays, 0), p.Change(&v, kpi.WorkingDays, 0),
			p.Share(0.6), p.Share(0.6667), p.Chance(0), p.Chance(0.05), p.Chance(0.334), p.Chance(1), p.SmallChance(0.0001), p.SmallChance(0.042)}
	}}, said{"suppressed", func(p *Printer) []string {
		o := kpi.Observation{Suppressed: kpi.SuppressedPrimary}
		return []string{p.Observed(&kpi.Indicator{Minimum: 5}, &o), p.Cases(&kpi.Indicator{}, &o), p.Mark(o), p.Suppression(o.Suppressed), p.Suppression(kpi.SuppressedComplementary)}
	}})
}

// An effect on what is counted says in what time, and how many to a tenth; less has the sign for less.
func TestEffectOnCounts(t *testing.T) {
	ind := &kpi.Indicator{Unit: kpi.Number, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureCount}}
	p := newBundle(t).Printer(kpi.Spanish, "")
	size, low, high := p.effect(ind, scorecard.Effect{Name: "difference", Size: -2.64, Low: at(-4.2), High: at(-1.1)})
	if size != "−2.6 por mes" || low != "−4.2" || high != "−1.1 por mes" {
		t.Errorf("%q, %q to %q", size, low, high)
	}
	ind.Unit, ind.Measure.Kind, ind.Decimals = kpi.Percent, kpi.MeasureShare, 1
	if got := EffectNumber(p, ind, "difference", at(-1.25)); !strings.HasPrefix(got, "−1.3") || strings.Contains(got, "por mes") {
		t.Errorf("%q", got)
	}
}

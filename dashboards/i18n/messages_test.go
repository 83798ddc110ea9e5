package i18n

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// entry is one message as it stands in a file.
type entry struct {
	id    string
	note  string
	forms map[string]string // one, many, other
}

// readFile reads the message files of a language in their own order.
func readFile(t *testing.T, lang kpi.Lang) []entry {
	t.Helper()
	names, err := fs.Glob(files, "messages/"+string(lang)+".*yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var raw yaml.MapSlice
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var part yaml.MapSlice
		if err := yaml.Unmarshal(data, &part); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		raw = append(raw, part...)
	}
	var list []entry
	for _, item := range raw {
		e := entry{id: item.Key.(string), forms: map[string]string{}}
		switch v := item.Value.(type) {
		case string:
			e.forms["other"] = v
		case map[string]any:
			for form, text := range v {
				if form == "description" {
					e.note = text.(string)
					continue
				}
				e.forms[form] = text.(string)
			}
		default:
			t.Fatalf("%s: %s is a %T", lang, e.id, item.Value)
		}
		list = append(list, e)
	}
	return list
}

func newBundle(t testing.TB) *Bundle {
	t.Helper()
	b, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheFourFilesAgree(t *testing.T) {
	english := readFile(t, kpi.English)
	if len(english) < 300 {
		t.Fatalf("only %d messages: the file was not read", len(english))
	}
	ids := func(list []entry) (ids []string) {
		for _, e := range list {
			ids = append(ids, e.id)
		}
		return ids
	}
	byID := map[string]entry{}
	for _, e := range english {
		if _, twice := byID[e.id]; twice {
			t.Errorf("%s stands twice in en.yaml", e.id)
		}
		byID[e.id] = e
		if len(e.note) < 4 {
			t.Errorf("en.yaml: %s has no note for the translator", e.id)
		}
	}
	for _, lang := range kpi.Langs {
		list := readFile(t, lang)
		if diff := cmp.Diff(ids(english), ids(list)); diff != "" {
			t.Errorf("%s.yaml: ids differ from en.yaml, or stand in another order (-en +%s):\n%s", lang, lang, diff)
		}
		for _, e := range list {
			sameForms(t, lang, e, byID[e.id])
		}
	}
}

// sameForms compares the plural forms and the placeholders of a message with the English one.
func sameForms(t *testing.T, lang kpi.Lang, e, english entry) {
	t.Helper()
	want := []string{"other"}
	if len(english.forms) > 1 {
		want = []string{"many", "one", "other"}
		if lang == kpi.English {
			want = []string{"one", "other"}
		}
	}
	var got []string
	for form, text := range e.forms {
		got = append(got, form)
		a, b := placeholders(english.forms["other"]), placeholders(text)
		slices.Sort(a)
		slices.Sort(b)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s.yaml: %s (%s): placeholders differ from English (-en +%s):\n%s", lang, e.id, form, lang, diff)
		}
		if strings.TrimSpace(text) != text || text == "" {
			t.Errorf("%s.yaml: %s (%s) is empty or has spaces around it", lang, e.id, form)
		}
		if stripped := placeholder.ReplaceAllString(text, "x"); strings.ContainsAny(stripped, "{}<>|\n\t\"'") || strings.Contains(stripped, "  ") {
			t.Errorf("%s.yaml: %s (%s): %q has a stray brace, straight quotation mark, markup or double space", lang, e.id, form, text)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s.yaml: %s: plural forms (-want +got):\n%s", lang, e.id, diff)
	}
}

// forbidden are words that mislead, by language: false friends, colours of a status, jargon, familiar address, gendered pairs.
var forbidden = map[kpi.Lang][]string{
	kpi.English: {`metrics?`, `KPIs?`, `snapshots?`, `quarantined?`, `green`, `red`, `amber`, `yellow`, `please`, `sorry`, `stakeholders?`, `thanks to`},
	kpi.Spanish: {`métricas?`, `KPI`, `objetivo de`, `eventualmente`, `suprimid[oa]s?`, `dataset`, `dashboard`, `coste`, `ordenador`, `vosotros`, `tú`, `tu`, `tus`,
		`añadir`, `cuadro de mando`, `gráfica`, `carta`, `verde`, `rojo`, `amarillo`, `semáforo`, `por favor`, `el mismo`, `la misma`, `esperad[oa]`, `cuarto`, `gracias a`,
		`debido a`, `ciudadan[oa]s?`, `chequeo`, `frescura`, `retroalimentación`, `pronóstico`, `inválid[oa]`, `sentido`, `billón`, `billones`},
	kpi.Portuguese: {`métricas?`, `KPI`, `objetivo de`, `eventualmente`, `suprimid[oa]s?`, `dataset`, `dashboard`, `utilizador`, `ecrã`, `ficheiro`, `descarregar`, `eliminar`,
		`equipa`, `verde`, `vermelho`, `amarelo`, `farol`, `por favor`, `o mesmo`, `a mesma`, `através de`, `esperad[oa]`, `status`, `polaridade`, `tabela de bordo`,
		`graças a`, `por causa de`, `cidadã[os]+`, `previsão`, `inválid[oa]`, `data de vencimento`, `quarto`, `rejeitos`, `tu`},
	kpi.French: {`métriques?`, `KPI`, `éventuellement`, `supprimée?s?`, `dataset`, `dashboard`, `data`, `stats`, `statut`, `target`, `digital`, `email`, `mél`, `tu`, `ton`, `ta`, `tes`,
		`objectif de`, `but`, `table`, `carte`, `cartes`, `quart`, `veuillez`, `vert`, `rouge`, `jaune`, `feu`, `grâce à`, `en raison de`, `citoyens?`, `ensemble de données`,
		`billion`, `contrôle`, `chercher`, `éditer`, `soumettre`, `sauvegarder`, `optionnel`, `invalide`, `fraîcheur`, `ligne de base`, `2ème`, `départements?`, `évidence`, `sens unique`},
}

func TestNoWordMisleads(t *testing.T) {
	for lang, words := range forbidden {
		pattern := regexp.MustCompile(`(?i)(^|[^\pL])(` + strings.Join(words, "|") + `)($|[^\pL])`)
		for _, e := range readFile(t, lang) {
			for form, text := range e.forms {
				if m := pattern.FindStringSubmatch(placeholder.ReplaceAllString(text, "")); m != nil {
					t.Errorf("%s.yaml: %s (%s) says %q: %s", lang, e.id, form, m[2], text)
				}
				if regexp.MustCompile(`\([ao]s?\)|·|[ao]/[ao]\b|@`).MatchString(text) {
					t.Errorf("%s.yaml: %s (%s) marks gender with signs that screen readers stumble on: %s", lang, e.id, form, text)
				}
			}
		}
	}
}

// "Cause" appears in two sentences only, to deny it.
func TestCauseIsOnlyDenied(t *testing.T) {
	cause := regexp.MustCompile(`(?i)\bcaus`)
	for _, lang := range kpi.Langs {
		for _, e := range readFile(t, lang) {
			denied := e.id == "sentence.before_after" || e.id == "drivers.arithmetic"
			for _, text := range e.forms {
				if cause.MatchString(text) != denied {
					t.Errorf("%s.yaml: %s: %s", lang, e.id, text)
				}
			}
		}
	}
}

// In a pattern no preposition or article touches a name, because it would have to agree with it.
func TestNamesStandAlone(t *testing.T) {
	names := `\{(name|person|department|district|other_district|priority|city|names)\}`
	alone := regexp.MustCompile(`(^|[.:,(] |: |: )` + names + `($|[ .:,)]|` + nbsp + `)`)
	for _, lang := range kpi.Langs {
		for _, e := range readFile(t, lang) {
			for _, text := range e.forms {
				text = strings.ReplaceAll(text, "␣", nbsp)
				for range regexp.MustCompile(names).FindAllString(text, -1) {
					if !alone.MatchString(text) {
						t.Errorf("%s.yaml: %s: a name does not stand alone: %s", lang, e.id, text)
					}
				}
			}
		}
	}
}

// Sentences are short: at most 20 words, one idea each.
func TestSentencesAreShort(t *testing.T) {
	end := regexp.MustCompile(`[.!?]( |$)`)
	for _, lang := range kpi.Langs {
		for _, e := range readFile(t, lang) {
			for _, text := range e.forms {
				for _, sentence := range end.Split(text, -1) {
					if n := len(strings.Fields(sentence)); n > 20 {
						t.Errorf("%s.yaml: %s: %d words in one sentence: %s", lang, e.id, n, sentence)
					}
				}
			}
		}
	}
}

// sample fills every placeholder with something hostile to bad grammar: a vowel, a plural feminine, a first of the month.
func sample(p *Printer) func(string) (string, bool) {
	third, half := 3.0, 0.5
	month := kpi.Period{ID: "2026-08", Kind: kpi.Month, First: kpi.NewDate(2026, 8, 1), Last: kpi.NewDate(2026, 8, 31)}
	return func(name string) (string, bool) {
		switch name {
		case "name", "city", "district", "other_district", "names", "period":
			return "Arbres plantés", true
		case "value", "target", "expected", "previous", "high", "max", "after", "new", "best", "mean":
			return p.Value(&third, kpi.Percent, 1), true
		case "low", "min", "before", "old", "needed":
			return p.Value(&half, kpi.Days, 1), true
		case "in_period", "in_previous", "in_low", "in_high":
			return p.InPeriod(month), true
		case "since_period":
			return p.SincePeriod(month), true
		case "date", "time":
			return p.DateTime(month.First.In(utc).Add(50e12)), true
		case "by_date":
			return p.By(month.First), true
		case "on_date":
			return p.On(month.First), true
		case "change":
			return p.Change(&half, kpi.Percent, 1), true
		case "extremes":
			return p.T("sentence.noise", "name", "x"), true
		}
		return "1" + nbsp + "234", true
	}
}

func TestEveryMessageRenders(t *testing.T) {
	b := newBundle(t)
	for _, lang := range kpi.Langs {
		for _, format := range Formats(lang) {
			p := b.Printer(lang, format)
			for _, e := range readFile(t, lang) {
				for form, text := range e.forms {
					got := compile(typography(lang, text)).fill(sample(p))
					if strings.ContainsAny(got, "{}␣") {
						t.Errorf("%s: %s (%s) is not filled: %s", lang, e.id, form, got)
					}
					if lang == kpi.French {
						frenchSpaces(t, e.id, got)
					} else if regexp.MustCompile(`[ \x{a0}\x{202f}][:;!?]`).MatchString(got) || (format != "es-ES" && strings.Contains(got, nbsp+"%")) {
						t.Errorf("%s: %s has a space before a sign: %q", format, e.id, got)
					}
				}
				if len(e.forms) == 1 {
					if got := p.T(e.id); strings.HasPrefix(got, "[") {
						t.Errorf("%s: T(%q) finds nothing", lang, e.id)
					}
				} else if got := p.N(e.id, 2); !strings.HasPrefix(got, "2"+nbsp) {
					t.Errorf("%s: N(%q, 2) = %q", lang, e.id, got)
				}
			}
		}
	}
}

// frenchSpaces looks for an ordinary space, or none, before the signs that French sets apart.
func frenchSpaces(t *testing.T, id, got string) {
	t.Helper()
	for _, bad := range []*regexp.Regexp{
		regexp.MustCompile(`[^\x{a0}\d][:%»$€]|\d[%»$€]|\d: `),
		regexp.MustCompile(`[^\x{202f}][;!?]`),
		regexp.MustCompile(`«[^\x{a0}]`),
		regexp.MustCompile(`\d (jour|heure|point|mars|août)`),
	} {
		if m := bad.FindString(got); m != "" {
			t.Errorf("fr: %s has a wrong space at %q: %q", id, m, got)
		}
	}
}

func TestEveryCodeHasAWord(t *testing.T) {
	b := newBundle(t)
	var want []string
	for _, s := range kpi.Statuses {
		want = append(want, "status."+string(s))
	}
	for _, s := range kpi.PublicStatuses {
		want = append(want, "public."+string(s), "public.text."+string(s))
	}
	for _, f := range kpi.Flags {
		want = append(want, "flag."+string(f), "flag.text."+string(f))
	}
	want = append(want, engineCodes()...)
	for _, r := range kpi.BuiltInReasons {
		want = append(want, "reason."+r)
	}
	for _, s := range kpi.Steps {
		want = append(want, "step."+string(s))
	}
	for _, s := range []kpi.LoadState{kpi.LoadOpen, kpi.LoadStaged, kpi.LoadLive, kpi.LoadUnchanged, kpi.LoadFailed, kpi.LoadAbandoned} {
		want = append(want, "load."+string(s))
	}
	for _, k := range kpi.IndicatorKinds {
		want = append(want, "kind."+string(k))
	}
	for k, states := range meeting.DutyStates {
		want = append(want, withPrefix("duty."+string(k)+".", states)...)
	}
	want = append(want, withPrefix("card.", meeting.CardRules)...)
	want = append(want, agendaCodes()...)
	for _, d := range kpi.Directions {
		want = append(want, "direction."+string(d))
	}
	for _, u := range kpi.Units {
		want = append(want, "unit.name."+string(u))
	}
	for _, m := range kpi.MeasureKinds {
		want = append(want, "measure."+string(m))
	}
	for _, k := range kpi.PeriodKinds {
		want = append(want, "period."+string(k), "chart.caption."+string(k), "per."+string(k))
	}
	for _, e := range []kpi.CheckElse{kpi.ElseFail, kpi.ElseReject, kpi.ElseWarn} {
		want = append(want, "data.check_effect."+string(e))
	}
	for _, r := range []string{"field_count", "invalid_utf8", "nul", "stray_quote", "stray_cr", "blank", "bad_integer", "bad_number", "bad_boolean",
		"bad_date", "bad_timestamp", "no_such_time", "not_in_list", "duplicate", "check", "pattern",
		"two_digit_year", "cell_error", "formula_no_value", "merged_cell", "bad_json", "other"} {
		want = append(want, "reject."+r, "reject.mend."+r)
	}
	for _, k := range append(slices.Clone(kpi.SourceKinds), "other") {
		want = append(want, "source."+k)
	}
	for _, st := range []string{"failed", "ok", "stale", "waiting", "warned"} {
		want = append(want, "staff.state."+st)
	}
	for _, why := range []string{"checks", "fetch", "load", "stopped"} {
		want = append(want, "staff.why."+why, "staff.do."+why)
	}
	for _, tr := range []kpi.Trigger{kpi.TriggerStart, kpi.TriggerSchedule, kpi.TriggerMissed, kpi.TriggerPerson} {
		want = append(want, "trigger."+string(tr))
	}
	for _, e := range []kpi.PeriodKind{kpi.PeriodTotal} {
		want = append(want, "period."+string(e))
	}
	for _, m := range []string{kpi.MemberNotRecorded, kpi.MemberNotRecognised} {
		want = append(want, "member."+m)
	}
	for _, id := range want {
		if !b.Has(id) {
			t.Errorf("there is no message %s", id)
		}
	}
}

// agendaCodes are the messages for everything that may stand on an agenda, and for everything that may be another than it was.
func agendaCodes() []string {
	further := append(slices.Clone(meeting.FollowUpRules), meeting.RuleStanding, meeting.RuleAdded)
	list := slices.Concat(
		withPrefix("agenda.rule.", further), withPrefix("agenda.why.", further), withPrefix("agenda.question.", slices.Concat(further, meeting.CardRules)),
		withPrefix("agenda.part.", kpi.AgendaParts), withPrefix("agenda.since.", meeting.SinceKinds), withPrefix("agenda.out.", []string{kpi.OutDropped, kpi.OutFull, kpi.OutTime}),
	)
	for _, c := range meeting.MovedCodes {
		switch c {
		case meeting.MovedDone, meeting.MovedKept, meeting.MovedDropped:
			list = append(list, "commitments.state."+string(c))
		case meeting.MovedReopened:
			list = append(list, "commitments.step.reopen")
		default:
			list = append(list, "agenda.moved."+string(c))
		}
	}
	return list
}

// withPrefix puts a prefix before every code of a list.
func withPrefix[T ~string](prefix string, codes []T) []string {
	list := make([]string, len(codes))
	for k, c := range codes {
		list[k] = prefix + string(c)
	}
	return list
}

// engineCodes are the messages for everything that the engine may answer.
func engineCodes() []string {
	list := slices.Concat(
		withPrefix("signal.", kpi.SignalKinds), withPrefix("signal.rule.", kpi.SignalRules), withPrefix("signal.warning.", kpi.SignalWarnings),
		withPrefix("signal.chart.", kpi.ChartKinds), withPrefix("signal.assurance.", kpi.Assurances),
		withPrefix("outlook.", kpi.OutlookWords), withPrefix("outlook.warning.", kpi.OutlookWarnings), withPrefix("outlook.method.", kpi.ForecastMethods),
		withPrefix("trajectory.", kpi.Trajectories), withPrefix("phasing.", kpi.Phasings), withPrefix("named.method.", kpi.MethodNames),
		withPrefix("named.why.", kpi.OpenSDGReasons), withPrefix("change.kind.", kpi.ChangeKinds),
		withPrefix("evaluation.method.", kpi.EvaluationMethods), withPrefix("evaluation.state.", scorecard.EvaluationStates),
		withPrefix("evaluation.text.", scorecard.EvaluationStates[1:]), withPrefix("effect.", scorecard.EffectNames),
		withPrefix("evaluation.warning.", scorecard.EvaluationWarnings),
		withPrefix("verdict.", scorecard.Verdicts), withPrefix("suppressed.", kpi.Suppressions),
		withPrefix("trust.check.", scorecard.TrustChecks), withPrefix("trust.text.", scorecard.TrustChecks), withPrefix("trust.do.", scorecard.TrustChecks),
		withPrefix("trust.state.", scorecard.TrustStates),
		withPrefix("project.flag.", kpi.ProjectFlags), withPrefix("project.rule.", kpi.ProjectRules),
	)
	for method, words := range kpi.NamedWords {
		list = append(list, withPrefix("named."+string(method)+".", words)...)
	}
	for _, fields := range kpi.ChangeFields {
		list = append(list, withPrefix("change.field.", fields)...)
	}
	for _, m := range kpi.EvaluationMethods {
		list = append(list, "evaluation."+string(m)+".clear", "evaluation."+string(m)+".unclear")
	}
	for _, k := range []string{kpi.TargetAnnual, kpi.TargetTerm, kpi.TargetInterim} {
		list = append(list, "standing."+k+".met", "standing."+k+".expected", "standing."+k+".open")
	}
	for _, q := range kpi.Questions {
		list = append(list, headings[q])
	}
	return list
}

// Every number that a reason may name has a label of its own.
func TestEveryQuantityHasALabel(t *testing.T) {
	p := newBundle(t).Printer(kpi.Spanish, "")
	if len(kpi.ReasonQuantities) != len(kpi.Questions) {
		t.Errorf("%d questions name numbers, want %d", len(kpi.ReasonQuantities), len(kpi.Questions))
	}
	for question, names := range kpi.ReasonQuantities {
		for _, name := range names {
			if got := p.Quantity(question, name); got == name || strings.HasPrefix(got, "[") {
				t.Errorf("%s: %s has no label", question, name)
			}
		}
	}
	for check, names := range scorecard.TrustNumbers {
		for _, name := range names {
			if got := p.Quantity("trust", name); got == name || strings.HasPrefix(got, "[") {
				t.Errorf("%s: %s has no label", check, name)
			}
		}
	}
	same(t, "unknown", p.Quantity(kpi.QuestionStatus, "zz"), "zz")
	same(t, "of one question", p.Quantity(kpi.QuestionOutlook, "needed"), "Necesario en cada período restante")
	same(t, "of another", p.Quantity(kpi.QuestionSignal, "needed"), "Períodos cerrados necesarios")
}

package i18n

import (
	"math"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

var utc = time.UTC

// show makes the spaces of a text visible: ␣ is U+00A0, ⎵ is U+202F.
func show(s string) string { return strings.NewReplacer(nbsp, "␣", nnbsp, "⎵").Replace(s) }

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if show(got) != want {
		t.Errorf("%s\n got %s\nwant %s", what, show(got), want)
	}
}

func TestNumbers(t *testing.T) {
	b := newBundle(t)
	for _, c := range []struct {
		format, number, percent, small string
		lang                           kpi.Lang
	}{
		{"en-US", "1,234,567.5", "72.5%", "1,234.5", kpi.English},
		{"es-MX", "1,234,567.5", "72.5%", "1,234.5", kpi.Spanish},
		{"es-US", "1,234,567.5", "72.5%", "1,234.5", kpi.Spanish},
		{"es-419", "1,234,567.5", "72.5%", "1,234.5", kpi.Spanish},
		{"es-CO", "1.234.567,5", "72,5%", "1.234,5", kpi.Spanish},
		{"es-AR", "1.234.567,5", "72,5%", "1.234,5", kpi.Spanish},
		{"es-CL", "1.234.567,5", "72,5%", "1.234,5", kpi.Spanish},
		{"es-ES", "1.234.567,5", "72,5␣%", "1234,5", kpi.Spanish},
		{"pt-BR", "1.234.567,5", "72,5%", "1.234,5", kpi.Portuguese},
		{"fr-CA", "1␣234␣567,5", "72,5␣%", "1␣234,5", kpi.French},
		{"fr-FR", "1⎵234⎵567,5", "72,5␣%", "1⎵234,5", kpi.French},
	} {
		p := b.Printer(c.lang, c.format)
		same(t, c.format, p.Number(1234567.5, 1), c.number)
		same(t, c.format, p.Percent(72.5, 1), c.percent)
		same(t, c.format, p.Number(1234.5, 1), c.small)
		same(t, c.format, p.Number(-0.04, 1), strings.ReplaceAll("0.0", ".", decimalSign(c.number)))
		same(t, c.format, p.Number(math.NaN(), 1), p.T("value.none"))
		same(t, c.format, p.Value(nil, kpi.Percent, 1), p.T("value.none"))
		same(t, c.format, p.Number(math.Inf(1), 0), p.T("value.none"))
	}
}

func decimalSign(number string) string { return number[len(number)-2 : len(number)-1] }

func TestRound(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     float64
	}{
		{2.675, 2, 2.68}, {1.005, 2, 1.01}, {65.05, 1, 65.1}, {-65.05, 1, -65.1}, {0.5, 0, 1}, {1.5, 0, 2}, {2.5, 0, 3}, {-0.04, 1, 0},
		{100 * 5114.0 / 7858.0, 1, 65.1}, {1e15, 1, 1e15}, {99.95, 1, 100}, {0, 3, 0}, {72.44999999999999, 1, 72.5}, {72.4499999, 1, 72.4},
	} {
		if got := Round(c.v, c.decimals); got != c.want || math.Signbit(got) && got == 0 {
			t.Errorf("Round(%v, %d) = %v, want %v", c.v, c.decimals, got, c.want)
		}
	}
}

func FuzzRound(f *testing.F) {
	f.Add(65.05, 1)
	f.Add(-1e300, 2)
	f.Add(5e-324, 6)
	f.Fuzz(func(t *testing.T, v float64, decimals int) {
		decimals = min(max(decimals, 0), 6)
		got := Round(v, decimals)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		if math.Abs(got-v) > 0.5/math.Pow10(decimals)+1e-12*math.Abs(v) {
			t.Errorf("Round(%v, %d) = %v is too far", v, decimals, got)
		}
		if again := Round(got, decimals); again != got {
			t.Errorf("Round(%v, %d) is not stable: %v, then %v", v, decimals, got, again)
		}
	})
}

// The table of plurals: the form follows the number as it is shown.
func TestDaysFollowTheNumberAsShown(t *testing.T) {
	b := newBundle(t)
	for _, c := range []struct {
		v              float64
		decimals       int
		en, es, pt, fr string
	}{
		{0, 0, "0␣days", "0␣días", "0␣dia", "0␣jour"},
		{0.5, 1, "0.5␣days", "0.5␣días", "0,5␣dia", "0,5␣jour"},
		{1, 0, "1␣day", "1␣día", "1␣dia", "1␣jour"},
		{1, 1, "1.0␣days", "1.0␣día", "1,0␣dia", "1,0␣jour"},
		{0.96, 1, "1.0␣days", "1.0␣día", "1,0␣dia", "1,0␣jour"},
		{1.5, 1, "1.5␣days", "1.5␣días", "1,5␣dia", "1,5␣jour"},
		{2, 0, "2␣days", "2␣días", "2␣dias", "2␣jours"},
		{1e6, 0, "1,000,000␣days", "1,000,000␣de días", "1.000.000␣de dias", "1␣000␣000␣de jours"},
		{999999.6, 0, "1,000,000␣days", "1,000,000␣de días", "1.000.000␣de dias", "1␣000␣000␣de jours"},
		{-3, 0, "-3␣days", "-3␣días", "-3␣dias", "-3␣jours"},
	} {
		for lang, want := range map[kpi.Lang]string{kpi.English: c.en, kpi.Spanish: c.es, kpi.Portuguese: c.pt, kpi.French: c.fr} {
			same(t, string(lang), b.Printer(lang, "").Value(&c.v, kpi.Days, c.decimals), want)
		}
	}
	million := 1e6
	same(t, "fr before a vowel", b.Printer(kpi.French, "").Value(&million, kpi.Hours, 0), "1␣000␣000␣d’heures")
}

func TestChangesHaveSignAndUnit(t *testing.T) {
	b := newBundle(t)
	for _, c := range []struct {
		v              float64
		unit           kpi.Unit
		en, es, pt, fr string
	}{
		{2.4, kpi.Percent, "+2.4␣percentage points", "+2.4␣puntos porcentuales", "+2,4␣pontos percentuais", "+2,4␣points de pourcentage"},
		{-0.5, kpi.Percent, "-0.5␣percentage points", "-0.5␣puntos porcentuales", "-0,5␣ponto percentual", "-0,5␣point de pourcentage"},
		{1.5, kpi.Percent, "+1.5␣percentage points", "+1.5␣puntos porcentuales", "+1,5␣ponto percentual", "+1,5␣point de pourcentage"},
		{0.04, kpi.Percent, "0.0␣percentage points", "0.0␣puntos porcentuales", "0,0␣ponto percentual", "0,0␣point de pourcentage"},
		{3, kpi.Days, "+3.0␣days", "+3.0␣días", "+3,0␣dias", "+3,0␣jours"},
		{-3, kpi.Number, "-3.0", "-3.0", "-3,0", "-3,0"},
	} {
		for lang, want := range map[kpi.Lang]string{kpi.English: c.en, kpi.Spanish: c.es, kpi.Portuguese: c.pt, kpi.French: c.fr} {
			same(t, string(lang), b.Printer(lang, "").Change(&c.v, c.unit, 1), want)
		}
	}
	v := 2.4
	same(t, "short", b.Printer(kpi.Spanish, "").ChangeShort(&v, kpi.Percent, 1), "+2.4␣p.␣p.")
	same(t, "nothing", b.Printer(kpi.English, "").Change(nil, kpi.Percent, 1), "no value")
}

func TestDates(t *testing.T) {
	b := newBundle(t)
	june, march := kpi.NewDate(2026, 6, 8), kpi.NewDate(2026, 3, 1)
	for _, c := range []struct {
		lang                                                kpi.Lang
		june, march, by, until, asOf, on, span, long, clock string
	}{
		{kpi.English, "June␣8, 2026", "March␣1, 2026", "by June␣8, 2026", "until June␣8, 2026", "as of June␣8, 2026", "on June␣8, 2026",
			"March␣1 to June␣8, 2026", "December␣9, 2025 to March␣1, 2026", "June␣8, 2026, 2:05␣p.m."},
		{kpi.Spanish, "8␣de junio de 2026", "1␣de marzo de 2026", "para el 8␣de junio de 2026", "hasta el 8␣de junio de 2026", "datos al 8␣de junio de 2026",
			"el 8␣de junio de 2026", "del 1␣de marzo al 8␣de junio de 2026", "del 9␣de diciembre de 2025 al 1␣de marzo de 2026", "8␣de junio de 2026, 2:05␣p.m."},
		{kpi.Portuguese, "8␣de junho de 2026", "1º␣de março de 2026", "até 8␣de junho de 2026", "até 8␣de junho de 2026", "dados até 8␣de junho de 2026",
			"em 8␣de junho de 2026", "de 1º␣de março a 8␣de junho de 2026", "de 9␣de dezembro de 2025 a 1º␣de março de 2026", "8␣de junho de 2026, 14:05"},
		{kpi.French, "8␣juin 2026", "1er␣mars 2026", "d’ici le 8␣juin 2026", "jusqu’au 8␣juin 2026", "en date du 8␣juin 2026", "le 8␣juin 2026",
			"du 1er␣mars au 8␣juin 2026", "du 9␣décembre 2025 au 1er␣mars 2026", "8␣juin 2026, 14␣h␣05"},
	} {
		p := b.Printer(c.lang, "")
		same(t, "date", p.Date(june), c.june)
		same(t, "first of the month", p.Date(march), c.march)
		same(t, "by", p.By(june), c.by)
		same(t, "until", p.Until(june), c.until)
		same(t, "as of", p.AsOf(june), c.asOf)
		same(t, "on", p.On(june), c.on)
		same(t, "days", p.Days(march, june), c.span)
		same(t, "days over years", p.Days(kpi.NewDate(2025, 12, 9), march), c.long)
		same(t, "date and time", p.DateTime(time.Date(2026, 6, 8, 14, 5, 0, 0, utc)), c.clock)
		same(t, "no day", p.Date(kpi.Date{}), "")
	}
	same(t, "Colombia", b.Printer(kpi.Spanish, "es-CO").Clock(time.Date(2026, 6, 8, 9, 5, 0, 0, utc)), "9:05␣a.␣m.")
	same(t, "France", b.Printer(kpi.French, "fr-FR").By(june), "d’ici au 8␣juin 2026")
}

func TestEveryMonthHasAName(t *testing.T) {
	b := newBundle(t)
	for _, lang := range kpi.Langs {
		for _, format := range Formats(lang) {
			p := b.Printer(lang, format)
			seen := map[string]bool{}
			for m := time.January; m <= time.December; m++ {
				x := period(t, kpi.Month, kpi.NewDate(2026, m, 5), time.January)
				if tick, _ := p.PeriodTick(x); tick == "" || seen[tick] {
					t.Errorf("%s: month %d has the short name %q", format, m, tick)
				} else {
					seen[tick] = true
				}
				if strings.ContainsAny(p.Period(x)[:1], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != (lang == kpi.English) {
					t.Errorf("%s: %q", format, p.Period(x))
				}
			}
		}
	}
}

func period(t testing.TB, kind kpi.PeriodKind, d kpi.Date, fiscal time.Month) kpi.Period {
	t.Helper()
	p, err := kpi.Calendar{FiscalStart: fiscal}.Period(kind, d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPeriods(t *testing.T) {
	b := newBundle(t)
	june, april, october := kpi.NewDate(2026, 6, 8), kpi.NewDate(2026, 4, 8), kpi.NewDate(2025, 10, 8)
	for _, c := range []struct {
		lang                        kpi.Lang
		kind                        kpi.PeriodKind
		day                         kpi.Date
		fiscal                      time.Month
		label, short, in, since, of string
	}{
		{kpi.English, kpi.Month, june, 1, "June 2026", "Jun 2026", "in June 2026", "since June 2026", "of June 2026"},
		{kpi.Spanish, kpi.Month, june, 1, "junio de 2026", "jun 2026", "en junio de 2026", "desde junio de 2026", "de junio de 2026"},
		{kpi.Portuguese, kpi.Month, june, 1, "junho de 2026", "jun. 2026", "em junho de 2026", "desde junho de 2026", "de junho de 2026"},
		{kpi.French, kpi.Month, june, 1, "juin 2026", "juin 2026", "en juin 2026", "depuis juin 2026", "de juin 2026"},
		{kpi.French, kpi.Month, april, 1, "avril 2026", "avr. 2026", "en avril 2026", "depuis avril 2026", "d’avril 2026"},
		{kpi.French, kpi.Month, october, 1, "octobre 2025", "oct. 2025", "en octobre 2025", "depuis octobre 2025", "d’octobre 2025"},
		{kpi.French, kpi.Month, kpi.NewDate(2026, 8, 1), 1, "août 2026", "août 2026", "en août 2026", "depuis août 2026", "d’août 2026"},

		{kpi.English, kpi.Quarter, june, 1, "Q2 2026", "Q2 2026", "in the second quarter of 2026", "since the second quarter of 2026", "of the second quarter of 2026"},
		{kpi.Spanish, kpi.Quarter, june, 1, "2.º trimestre de 2026", "T2 2026", "en el 2.º trimestre de 2026", "desde el 2.º trimestre de 2026", "del 2.º trimestre de 2026"},
		{kpi.Portuguese, kpi.Quarter, june, 1, "2º trimestre de 2026", "T2 2026", "no 2º trimestre de 2026", "desde o 2º trimestre de 2026", "do 2º trimestre de 2026"},
		{kpi.French, kpi.Quarter, june, 1, "2e trimestre de 2026", "T2 2026", "au 2e trimestre de 2026", "depuis le 2e trimestre de 2026", "du 2e trimestre de 2026"},
		{kpi.Spanish, kpi.Quarter, kpi.NewDate(2026, 1, 5), 1, "1.er trimestre de 2026", "T1 2026", "en el 1.er trimestre de 2026", "desde el 1.er trimestre de 2026", "del 1.er trimestre de 2026"},
		{kpi.French, kpi.Quarter, kpi.NewDate(2026, 1, 5), 1, "1er trimestre de 2026", "T1 2026", "au 1er trimestre de 2026", "depuis le 1er trimestre de 2026", "du 1er trimestre de 2026"},

		{kpi.English, kpi.Year, june, 1, "2026", "2026", "in 2026", "since 2026", "of 2026"},
		{kpi.Spanish, kpi.Year, june, 1, "2026", "2026", "en 2026", "desde 2026", "de 2026"},
		{kpi.Portuguese, kpi.Year, june, 1, "2026", "2026", "em 2026", "desde 2026", "de 2026"},
		{kpi.French, kpi.Year, june, 1, "2026", "2026", "en 2026", "depuis 2026", "de 2026"},
		{kpi.French, kpi.FiscalYear, june, 1, "2026", "2026", "en 2026", "depuis 2026", "de 2026"},
		{kpi.Spanish, kpi.FiscalQuarter, june, 1, "2.º trimestre de 2026", "T2 2026", "en el 2.º trimestre de 2026", "desde el 2.º trimestre de 2026", "del 2.º trimestre de 2026"},

		{kpi.English, kpi.FiscalYear, june, 7, "fiscal year 2026 (July 2025 to June 2026)", "FY2026", "in fiscal year 2026", "since fiscal year 2026", "of fiscal year 2026"},
		{kpi.Spanish, kpi.FiscalYear, june, 7, "año fiscal 2025-2026", "AF␣2025-2026", "en el año fiscal 2025-2026", "desde el año fiscal 2025-2026", "del año fiscal 2025-2026"},
		{kpi.Portuguese, kpi.FiscalYear, june, 7, "ano fiscal 2025-2026", "AF␣2025-2026", "no ano fiscal 2025-2026", "desde o ano fiscal 2025-2026", "do ano fiscal 2025-2026"},
		{kpi.French, kpi.FiscalYear, june, 7, "exercice 2025-2026", "ex.␣2025-2026", "pendant l’exercice 2025-2026", "depuis l’exercice 2025-2026", "de l’exercice 2025-2026"},

		{kpi.English, kpi.FiscalQuarter, kpi.NewDate(2025, 8, 1), 7, "Q1 FY2026 (July to September 2025)", "Q1 FY2026", "in the first quarter of fiscal year 2026 (July to September 2025)",
			"since the first quarter of fiscal year 2026 (July to September 2025)", "of the first quarter of fiscal year 2026 (July to September 2025)"},
		{kpi.Spanish, kpi.FiscalQuarter, kpi.NewDate(2025, 8, 1), 7, "T1 del año fiscal 2025-2026 (de julio a septiembre de 2025)", "T1 AF␣2025-2026",
			"en el 1.er trimestre del año fiscal 2025-2026 (de julio a septiembre de 2025)", "desde el 1.er trimestre del año fiscal 2025-2026 (de julio a septiembre de 2025)",
			"del 1.er trimestre del año fiscal 2025-2026 (de julio a septiembre de 2025)"},
		{kpi.Portuguese, kpi.FiscalQuarter, kpi.NewDate(2025, 8, 1), 7, "T1 do ano fiscal 2025-2026 (de julho a setembro de 2025)", "T1 AF␣2025-2026",
			"no 1º trimestre do ano fiscal 2025-2026 (de julho a setembro de 2025)", "desde o 1º trimestre do ano fiscal 2025-2026 (de julho a setembro de 2025)",
			"do 1º trimestre do ano fiscal 2025-2026 (de julho a setembro de 2025)"},
		{kpi.French, kpi.FiscalQuarter, kpi.NewDate(2025, 8, 1), 7, "T1 de l’exercice 2025-2026 (de juillet à septembre 2025)", "T1 ex.␣2025-2026",
			"au 1er trimestre de l’exercice 2025-2026 (de juillet à septembre 2025)", "depuis le 1er trimestre de l’exercice 2025-2026 (de juillet à septembre 2025)",
			"du 1er trimestre de l’exercice 2025-2026 (de juillet à septembre 2025)"},
		{kpi.French, kpi.FiscalQuarter, october, 7, "T2 de l’exercice 2025-2026 (d’octobre à décembre 2025)", "T2 ex.␣2025-2026",
			"au 2e trimestre de l’exercice 2025-2026 (d’octobre à décembre 2025)", "depuis le 2e trimestre de l’exercice 2025-2026 (d’octobre à décembre 2025)",
			"du 2e trimestre de l’exercice 2025-2026 (d’octobre à décembre 2025)"},
		{kpi.French, kpi.FiscalQuarter, kpi.NewDate(2025, 12, 1), 2, "T4 de l’exercice 2025-2026 (de novembre 2025 à janvier 2026)", "T4 ex.␣2025-2026",
			"au 4e trimestre de l’exercice 2025-2026 (de novembre 2025 à janvier 2026)", "depuis le 4e trimestre de l’exercice 2025-2026 (de novembre 2025 à janvier 2026)",
			"du 4e trimestre de l’exercice 2025-2026 (de novembre 2025 à janvier 2026)"},

		{kpi.English, kpi.Week, june, 1, "week of June␣8, 2026", "Jun␣8, 2026", "in the week of June␣8, 2026", "since the week of June␣8, 2026", "of the week of June␣8, 2026"},
		{kpi.Spanish, kpi.Week, june, 1, "semana del 8␣de junio de 2026", "8␣jun 2026", "en la semana del 8␣de junio de 2026", "desde la semana del 8␣de junio de 2026", "de la semana del 8␣de junio de 2026"},
		{kpi.Portuguese, kpi.Week, june, 1, "semana de 8␣de junho de 2026", "8␣jun. 2026", "na semana de 8␣de junho de 2026", "desde a semana de 8␣de junho de 2026", "da semana de 8␣de junho de 2026"},
		{kpi.French, kpi.Week, june, 1, "semaine du 8␣juin 2026", "8␣juin 2026", "pendant la semaine du 8␣juin 2026", "depuis la semaine du 8␣juin 2026", "de la semaine du 8␣juin 2026"},
		{kpi.English, kpi.Day, june, 1, "June␣8, 2026", "Jun␣8, 2026", "on June␣8, 2026", "since June␣8, 2026", "of June␣8, 2026"},
		{kpi.Spanish, kpi.Day, june, 1, "8␣de junio de 2026", "8␣jun 2026", "el 8␣de junio de 2026", "desde el 8␣de junio de 2026", "del 8␣de junio de 2026"},
		{kpi.Portuguese, kpi.Day, june, 1, "8␣de junho de 2026", "8␣jun. 2026", "em 8␣de junho de 2026", "desde 8␣de junho de 2026", "de 8␣de junho de 2026"},
		{kpi.French, kpi.Day, june, 1, "8␣juin 2026", "8␣juin 2026", "le 8␣juin 2026", "depuis le 8␣juin 2026", "du 8␣juin 2026"},
	} {
		p, x := b.Printer(c.lang, ""), period(t, c.kind, c.day, c.fiscal)
		what := string(c.lang) + " " + x.ID
		same(t, what+" label", p.Period(x), c.label)
		same(t, what+" short", p.PeriodShort(x), c.short)
		same(t, what+" in", p.InPeriod(x), c.in)
		same(t, what+" since", p.SincePeriod(x), c.since)
		same(t, what+" of", p.OfPeriod(x), c.of)
	}
}

func TestMatch(t *testing.T) {
	all := kpi.Langs
	for _, c := range []struct {
		header  string
		offered []kpi.Lang
		want    kpi.Lang
	}{
		{"es-MX", all, kpi.Spanish}, {"pt", all, kpi.Portuguese}, {"pt-PT,en;q=0.5", all, kpi.Portuguese}, {"fr-CA,fr;q=0.9", all, kpi.French},
		{"ht;q=1.0,fr;q=0.8", all, kpi.French}, {"*", all, kpi.English}, {"", all, kpi.English}, {"§§§;q=x", all, kpi.English}, {"de,ja", all, kpi.English},
		{"de", []kpi.Lang{kpi.Spanish, kpi.English}, kpi.Spanish}, {"fr", []kpi.Lang{kpi.Spanish}, kpi.Spanish}, {"fr", nil, kpi.English},
		{"en;q=0.2, es;q=0.9", all, kpi.Spanish}, {strings.Repeat("a-", 3000), all, kpi.English},
	} {
		if got := Match(c.header, c.offered); got != c.want {
			t.Errorf("Match(%.40q, %v) = %s, want %s", c.header, c.offered, got, c.want)
		}
	}
}

func TestSegments(t *testing.T) {
	for _, lang := range kpi.Langs {
		if got, canonical, ok := FromSegment(Segment(lang)); got != lang || !canonical || !ok {
			t.Errorf("FromSegment(%q) = %s, %v, %v", Segment(lang), got, canonical, ok)
		}
		if OwnName(lang) == "" {
			t.Errorf("%s has no name of its own", lang)
		}
	}
	for segment, want := range map[string]kpi.Lang{"pt-BR": kpi.Portuguese, "pt_br": kpi.Portuguese, "pt": kpi.Portuguese, "ES": kpi.Spanish, "es-mx": kpi.Spanish, "fr_CA": kpi.French, "EN": kpi.English} {
		if got, canonical, ok := FromSegment(segment); got != want || canonical || !ok {
			t.Errorf("FromSegment(%q) = %s, %v, %v; want %s to be redirected to", segment, got, canonical, ok, want)
		}
	}
	for _, segment := range []string{"", "de", "assets", "api", "english-muffin", "e", "en-"} {
		if got, _, ok := FromSegment(segment); ok {
			t.Errorf("FromSegment(%q) = %s", segment, got)
		}
	}
}

func TestStyles(t *testing.T) {
	b := newBundle(t)
	for _, c := range []struct {
		lang         kpi.Lang
		format, want string
	}{
		{kpi.Spanish, "", "es-MX"}, {kpi.Spanish, "es-CO", "es-CO"}, {kpi.Spanish, "es-GT", "es-419"}, {kpi.Spanish, "nonsense!", "es-MX"},
		{kpi.French, "fr-BE", "fr-CA"}, {kpi.Portuguese, "pt-PT", "pt-BR"}, {kpi.English, "", "en-US"}, {"tlh", "", "en-US"},
	} {
		got := b.Printer(c.lang, c.format).Format
		if got != c.want {
			t.Errorf("Printer(%s, %q) has the style %s, want %s", c.lang, c.format, got, c.want)
		}
	}
}

func TestSort(t *testing.T) {
	names := []string{"Zócalo", "ñandú", "Álamo", "nube", "olmo", "azul"}
	newBundle(t).Printer(kpi.Spanish, "").Sort(names)
	if got := strings.Join(names, " "); got != "Álamo azul nube ñandú olmo Zócalo" {
		t.Error(got)
	}
}

func TestUnknownMessagesAreSeen(t *testing.T) {
	p := newBundle(t).Printer(kpi.French, "")
	same(t, "unknown", p.T("no.such"), "[no.such]")
	same(t, "unknown plural", p.N("no.such", 2), "[no.such]")
	same(t, "unfilled", p.T("list.count", "n", 3), "Indicateurs dans la liste␣: 3 sur {total}") //nolint:misspell // French
	same(t, "unknown language", newBundle(t).Printer("tlh", "").T("nav.home"), "Home")
}

func BenchmarkT(b *testing.B) {
	p := newBundle(b).Printer(kpi.French, "")
	for b.Loop() {
		p.T("list.count", "n", 3, "total", 12)
	}
}

func BenchmarkValue(b *testing.B) {
	p := newBundle(b).Printer(kpi.French, "")
	v := 12.3
	for b.Loop() {
		p.Value(&v, kpi.Days, 1)
	}
}

package i18n

import (
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

func TestSchedulesInWords(t *testing.T) {
	b := newBundle(t)
	for cron, want := range map[string]map[kpi.Lang]string{
		"30 5 * * *":     {kpi.English: "every day, 5:30 a.m.", kpi.Spanish: "todos los días, 5:30 a.m.", kpi.Portuguese: "todos os dias, 05:30", kpi.French: "tous les jours, 05 h 30"},
		"0 13 * * 1":     {kpi.English: "every week: Monday, 1:00 p.m.", kpi.Spanish: "cada semana: lunes, 1:00 p.m.", kpi.Portuguese: "toda semana: segunda-feira, 13:00", kpi.French: "chaque semaine : lundi, 13 h 00"},
		"0 6 * * 1-3,0":  {kpi.English: "every week: Monday, Tuesday, Wednesday, Sunday, 6:00 a.m."},
		"0 6 * * MON":    {kpi.English: "every week: Monday, 6:00 a.m."},
		"0 6 1,15 * *":   {kpi.English: "every month, day 1, 15, 6:00 a.m.", kpi.French: "chaque mois, jour 1, 15, 06 h 00"},
		"7 * * * *":      {kpi.English: "every hour, minute 7"},
		"*/15 * * * *":   {kpi.English: "time between runs: 15 minutes", kpi.French: "temps entre deux exécutions : 15 minutes"},
		"":               {kpi.English: "none: loaded when the program starts, or by hand"},
		"7 3 1 1,7 *":    {kpi.English: ""},
		"*/7 * * * *":    {kpi.English: ""},
		"0 25 * * *":     {kpi.English: ""},
		"0 6 1 * 1":      {kpi.English: ""},
		"0 6 * * FRI-8":  {kpi.English: ""},
		"0 6 * * 5-2":    {kpi.English: ""},
		"rubbish":        {kpi.English: ""},
		"-1 6 * * *":     {kpi.English: ""},
		"0 6 */2 * *":    {kpi.English: ""},
		"0 6 * * * * * ": {kpi.English: ""},
	} {
		for lang, text := range want {
			got := b.Printer(lang, "").Schedule(kpi.Schedule{Cron: cron})
			if got = strings.ReplaceAll(strings.ReplaceAll(got, nbsp, " "), nnbsp, " "); got != text {
				t.Errorf("%s %q: %q, want %q", lang, cron, got, text)
			}
		}
	}
}

func TestSpansAndSizes(t *testing.T) {
	p := newBundle(t).Printer(kpi.French, "")
	for d, want := range map[time.Duration]string{
		-time.Second: "0,0 seconde", 1500 * time.Millisecond: "1,5 seconde", 9 * time.Second: "9,0 secondes", 45 * time.Second: "45 secondes", 90 * time.Second: "2 minutes",
		time.Hour: "1 heure", 80 * time.Minute: "80 minutes", 26 * time.Hour: "26 heures", 24 * time.Hour: "1 jour", 72 * time.Hour: "3 jours",
	} {
		if got := strings.ReplaceAll(p.Span(d), nbsp, " "); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 ko", 1: "1 ko", 999_001: "1 000 ko", 1_000_000: "1,0 Mo", 12_345_678: "12,3 Mo", 5_000_000_000: "5,0 Go"} {
		if got := strings.ReplaceAll(p.Bytes(n), nbsp, " "); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestWordsForWhatHasNone(t *testing.T) {
	p := newBundle(t).Printer(kpi.English, "")
	for got, want := range map[string]string{
		p.SourceKind("fax"): "other kind (fax)", p.Trigger(""): "not recorded", p.Reject("odd"): "other reason (odd)",
		p.RejectMend("odd"): "Read the detail of the row. It says what is wrong and how to mend it.", p.SourceKind(kpi.SourceSQL): "database (SQL)",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What a spreadsheet would run is text in a file.
func TestCell(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "plain": "plain", "=1+1": "'=1+1", " =1": "' =1", "\t=1": "'\t=1", "＝1": "'＝1", "\u00a0@x": "'\u00a0@x", "a=b": "a=b", "-5": "'-5", "|calc": "'|calc", "\r\n": "'\r\n",
	} {
		if got := Cell(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

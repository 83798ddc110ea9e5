package i18n

import (
	"slices"
	"testing"
	"unicode/utf8"

	"citystat/kpi"
)

// Every English message is at least 40 % longer in the pseudo-language and keeps its placeholders; the other languages are as they were.
func TestPseudo(t *testing.T) {
	plain, err := New()
	if err != nil {
		t.Fatal(err)
	}
	strange, err := Pseudo()
	if err != nil {
		t.Fatal(err)
	}
	for id, m := range plain.messages[kpi.English] {
		got := strange.messages[kpi.English][id]
		if !slices.Equal(got.names, m.names) {
			t.Errorf("%s: placeholders %v, want %v", id, got.names, m.names)
		}
		count := func(m *message) (n int) {
			for _, part := range m.parts {
				n += utf8.RuneCountInString(part)
			}
			return n
		}
		if before, after := count(m), count(got); 10*after < 14*before {
			t.Errorf("%s: %d letters, want at least 1.4 × %d", id, after, before)
		}
		if es := plain.messages[kpi.Spanish][id]; es != nil && !slices.Equal(es.parts, strange.messages[kpi.Spanish][id].parts) {
			t.Errorf("%s: the Spanish text changed", id)
		}
	}
	if got, want := pseudo("Every {n} cases."), "Évéérý {n} çáášééšééé."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	plainDays, strangeDays := plain.Printer(kpi.English, "").N("unit.days", 2), strange.Printer(kpi.English, "").N("unit.days", 2)
	if utf8.RuneCountInString(strangeDays) <= utf8.RuneCountInString(plainDays) {
		t.Errorf("a plural is %q, and %q in the pseudo-language", plainDays, strangeDays)
	}
}

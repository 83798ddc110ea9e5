package kpi_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"citystat/kpi"
)

func TestNormaliseName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{" \t\u00a0\r\n", ""},
		{"Allston / Brighton", "allston / brighton"},
		{"  allston\u00a0/\u00a0 BRIGHTON\n", "allston / brighton"},
		{"South\u200b Boston\ufeff", "south boston"},
		{"SÃO PAULO", "são paulo"},
		{"Montréal", "montréal"},
		{"\u212aing's", "king's"}, // the Kelvin sign
		{"maſs", "mass"},          // the long s
		{"ΟΔΟΣ", "οδοσ"},
		{"οδος", "οδοσ"}, // final sigma
		{"Straße", "straße"},
		{"İ", "İ"}, // has no simple folding
		{"a\xffb", "a\ufffdb"},
	} {
		if got := kpi.NormaliseName(c.in); got != c.want {
			t.Errorf("NormaliseName(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestNormaliseNameFoldsEveryRune goes through all of Unicode: a rune and its other cases have one key, which is its own key.
func TestNormaliseNameFoldsEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if 0xD800 <= r && r <= 0xDFFF {
			continue
		}
		key := kpi.NormaliseName(string(r))
		if again := kpi.NormaliseName(key); again != key {
			t.Errorf("%U: key %q has key %q", r, key, again)
		}
		if other := kpi.NormaliseName(string(unicode.SimpleFold(r))); other != key {
			t.Errorf("%U: key %q, but %q in its next case", r, key, other)
		}
	}
}

func TestDistrictIndex(t *testing.T) {
	city := &kpi.City{Districts: []kpi.District{
		{ID: "allston-brighton", Name: kpi.Text{Source: kpi.English, In: map[kpi.Lang]string{kpi.English: "Allston / Brighton", kpi.Spanish: "Allston y Brighton"}}, Aliases: []string{"Allston", "ALLSTON", "Brighton "}},
		{ID: "downtown", Name: kpi.NewText(kpi.English, "Downtown"), Aliases: []string{""}},
	}}
	want := map[string]string{
		"allston-brighton": "allston-brighton", "allston / brighton": "allston-brighton", "allston y brighton": "allston-brighton",
		"allston": "allston-brighton", "brighton": "allston-brighton", "downtown": "downtown",
	}
	if got := city.DistrictIndex(); !reflect.DeepEqual(got, want) {
		t.Errorf("DistrictIndex() = %v, want %v", got, want)
	}
}

// FuzzNormaliseName checks what callers build on: a key is its own key, case and outer white space do not count, and there is no
// white space at its ends or twice in a row.
func FuzzNormaliseName(f *testing.F) {
	for _, s := range []string{"", " Jamaica  Plain ", "\u00a0x", "ſ", "ǅ", "ΣΑΣ", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := kpi.NormaliseName(s)
		if again := kpi.NormaliseName(key); again != key {
			t.Errorf("%q: key %q has key %q", s, key, again)
		}
		if other := kpi.NormaliseName("\n" + s + "\u00a0 "); other != key {
			t.Errorf("%q: white space changes the key %q to %q", s, key, other)
		}
		folded := strings.Map(unicode.SimpleFold, s)
		if other := kpi.NormaliseName(folded); other != key {
			t.Errorf("%q: case changes the key %q to %q", s, key, other)
		}
		if strings.TrimSpace(key) != key || strings.Contains(key, "  ") {
			t.Errorf("%q: white space is left in %q", s, key)
		}
	})
}

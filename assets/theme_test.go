package assets

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every preset can be read and told apart, on light paper, in the dark and in print.
func TestPresets(t *testing.T) {
	for _, preset := range Presets {
		faults, err := Theme{Preset: preset}.Check()
		if err != nil {
			t.Fatal(preset, err)
		}
		for _, f := range faults {
			t.Errorf("%s, %s: %s; %s", preset, f.Mode, f.Message(), f.Mend(f.Front.Name))
		}
	}
}

// A check of a token that is not there checks nothing: every pair is there in every preset and mode. What figures are drawn with comes from
// the package of the figures, where the presets are checked once more.
func TestEveryPairIsThere(t *testing.T) {
	for _, preset := range Presets {
		all, err := Theme{Preset: preset}.Tokens()
		if err != nil {
			t.Fatal(err)
		}
		names := slices.Concat(fills, OwnColours, PresetColours)
		for _, p := range pairs {
			names = append(append(names, p.front), strings.Fields(p.backs)...)
		}
		for _, mode := range Modes {
			for _, name := range names {
				if _, ok := parseColour(all[mode][name]); !ok && !strings.HasPrefix(name, "c-") {
					t.Errorf("%s, %s: --%s is %q", preset, mode, name, all[mode][name])
				}
			}
		}
	}
}

// A sheet of a preset says only what there is, colours in the form in which they can be checked, and those of figures in every mode, since
// it does not know what they were.
func TestPresetSheets(t *testing.T) {
	base, err := Theme{}.Tokens()
	if err != nil {
		t.Fatal(err)
	}
	for _, preset := range Presets[1:] {
		said, rules, err := own(presetSheet(preset))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, mode := range Modes {
			total += len(said[mode])
			for name, value := range said[mode] {
				_, known := base[mode][name]
				if !known && !strings.HasPrefix(name, "c-") {
					t.Errorf("%s, %s: tokens.css has no --%s", preset, mode, name)
				}
				if strings.HasPrefix(value, "#") {
					if _, ok := parseColour(value); !ok {
						t.Errorf("%s, %s: --%s is %s; write six digits", preset, mode, name, value)
					}
				}
				for _, other := range Modes {
					if strings.HasPrefix(name, "c-") && !strings.HasPrefix(name, "c-seq") && said[other][name] == "" {
						t.Errorf("%s says --%s in %s, and not in %s", preset, name, mode, other)
					}
				}
			}
		}
		if lines := strings.Count(presetSheet(preset), "--") - strings.Count(presetSheet(preset), "var(--"); lines != total {
			t.Errorf("%s: %d tokens are written, and %d read", preset, lines, total)
		}
		if c := regexp.MustCompile(`#[0-9a-f]{3,8}\b|rgb\(`).FindString(rules); c != "" {
			t.Errorf("%s: a rule names the colour %s, which nothing checks", preset, c)
		}
	}
}

// Paper is not affected by the dark: whatever the dark changes, print says again.
func TestPrintIsNotDark(t *testing.T) {
	said, _, err := own(sheet("css/tokens.css"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range said[Dark] {
		if said[Print][name] == "" && said[Light][name] != value {
			t.Errorf("--%s is changed for the dark, and print does not say it again", name)
		}
	}
	own := map[string]string{"accent": "#7fb8fb", "accent-ink": "#0d1a28", "link": "#93c4ff"}
	for _, preset := range Presets {
		theme := Theme{Preset: preset, Light: map[string]string{"band": "#123456"}, Dark: own}
		all, err := theme.Tokens()
		if err != nil {
			t.Fatal(err)
		}
		plain, err := Theme{Preset: preset}.Tokens()
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range all[Print] {
			if plain[Print][name] != value {
				t.Errorf("%s: a city's own colour changes --%s on paper to %s", preset, name, value)
			}
		}
		css := cascade(t, theme)
		for _, mode := range Modes {
			for name, value := range all[mode] {
				if css[mode][name] != value && !strings.HasPrefix(name, "c-") {
					t.Errorf("%s, %s: a browser takes --%s to be %q, and it should be %q", preset, mode, name, css[mode][name], value)
				}
			}
		}
	}
}

// cascade reads the style as a browser does: all blocks in their order, of which those count that hold in the mode. Paper that is printed
// from a dark screen is in both.
func cascade(t *testing.T, theme Theme) map[Mode]map[string]string {
	t.Helper()
	css, err := theme.CSS()
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?s)(@media \(prefers-color-scheme: dark\) ?\{\s*|@media print ?\{\s*)?:root ?\{(.*?)\}`)
	text := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(sheet("css/tokens.css"), "") + css
	all := map[Mode]map[string]string{}
	for _, mode := range Modes {
		all[mode] = map[string]string{}
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "dark") && mode == Light || strings.Contains(m[1], "print") && mode != Print {
				continue
			}
			for _, d := range regexp.MustCompile(`--([a-z0-9-]+):\s*([^;]+);`).FindAllStringSubmatch(m[2], -1) {
				all[mode][d[1]] = d[2]
			}
		}
	}
	return all
}

func TestCSS(t *testing.T) {
	if css, err := (Theme{}).CSS(); err != nil || css != "" {
		t.Errorf("a city that says nothing has the sheet %q, %v", css, err)
	}
	css, err := Theme{Light: map[string]string{"accent": "#123456", "paper": "#ff0000", "band": "red;}</style>"}}.CSS()
	want := "@media (forced-colors: none) {\n:root{--accent:#123456;}\n@media (prefers-color-scheme: dark){:root{--accent:#7fb8fb;}}\n@media print{:root{--accent:#0b5cad;}}\n}\n\n"
	if err != nil || css != want {
		t.Errorf("got\n%s\nwant\n%s%v", css, want, err)
	}
	for _, preset := range Presets[1:] {
		if css, err := (Theme{Preset: preset}).CSS(); err != nil || len(css) < 500 || len(css) > 8_000 || !strings.HasPrefix(css, "@media (forced-colors: none) {") {
			t.Errorf("%s: %d bytes, %v", preset, len(css), err)
		}
	}
}

// Each kind of fault is found, and named so that a person can mend it.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		theme         Theme
		message, mend string
	}{
		{Theme{Preset: "plain", Light: map[string]string{"accent": "#ffcc00"}}, "accent #ffcc00 on paper #ffffff has contrast 1.5, wanted 3.0", "darken it"},
		{Theme{Light: map[string]string{"band": "#c9d8e6"}}, "band-ink #ffffff on band #c9d8e6 has contrast 1.5, wanted 4.5", "darken band"},
		{Theme{Dark: map[string]string{"link": "#333333"}}, "link #333333 on paper #14171a has contrast 1.4 in the dark, wanted 4.5", "lighten it"},
		{Theme{Light: map[string]string{"off-fill": "#2f7d32", "on-fill": "#2f7d33"}}, "on-fill #2f7d33 and off-fill #2f7d32 look alike: they are 0.1 apart, wanted 10.0", "make one of the two lighter or darker"},
		{Theme{Light: map[string]string{"off-fill": "#dc3545", "on-fill": "#198754"}}, "on-fill #198754 and off-fill #dc3545 look alike to readers with deuteranopia: they are 7.4 apart, wanted 10.0", "make one of the two lighter or darker"},
		{Theme{Preset: "plain", Light: map[string]string{"link": "#777777"}}, "link #777777 on paper #ffffff has contrast 4.48, wanted 4.5", "darken it"},
	} {
		faults, err := c.theme.Check()
		if err != nil {
			t.Fatal(err)
		}
		changed := ""
		for name := range c.theme.Light {
			changed = name
		}
		for name := range c.theme.Dark {
			changed = name
		}
		found := slices.ContainsFunc(faults, func(f Fault) bool { return f.Message() == c.message && f.Mend(changed) == c.mend })
		if !found {
			var all []string
			for _, f := range faults {
				all = append(all, f.Message()+"; "+f.Mend(changed))
			}
			t.Errorf("%q is not among\n%s", c.message+"; "+c.mend, strings.Join(all, "\n"))
		}
	}
}

// The presets for readers who want more contrast have it: text 7, graphics 4.5.
func TestHighContrast(t *testing.T) {
	all, err := Theme{Preset: "contrast"}.Tokens()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range Modes {
		for _, p := range pairs {
			least := 4.5
			switch {
			case p.least >= 4.5:
				least = 7
			case p.least < 3:
				continue
			}
			for back := range strings.FieldsSeq(p.backs) {
				f, ok := parseColour(all[mode][p.front])
				b, ok2 := parseColour(all[mode][back])
				if got := contrast(f, b); ok && ok2 && got < least {
					t.Errorf("%s: --%s on --%s has contrast %.2f, want %.1f", mode, p.front, back, got, least)
				}
			}
		}
	}
}

// The focus ring is looked at on every ground.
func TestFocusRingCatches(t *testing.T) {
	grey := map[string]string{"ink": "#777777", "focus": "#808080", "paper": "#7f7f7f", "surface": "#ffffff", "tint": "#808080"}
	faults := Tokens{Light: grey, Dark: {}, Print: grey}.Check()
	var rings []string
	for _, f := range faults {
		if f.Front.Name == "focus" {
			rings = append(rings, fmt.Sprint(f.Mode, " ", f.Back.Name))
		}
	}
	if !slices.Equal(rings, []string{"light paper", "light tint"}) {
		t.Errorf("rings that cannot be seen: %v", rings)
	}
}

// The colours of a map have to go one way.
func TestSequenceCatches(t *testing.T) {
	good := map[string]string{"c-paper": "#ffffff", "c-seq-1": "#deebf7", "c-seq-2": "#b0d0ec", "c-seq-3": "#74aadb", "c-seq-4": "#2f7fc1", "c-seq-5": "#0a4a86"}
	if faults := (Tokens{Light: good}).Check(); len(faults) != 0 {
		t.Errorf("good colours: %v", faults)
	}
	for name, hex := range map[string]string{"c-seq-3": "#b0d0ec", "c-seq-5": "#2f7fc1"} {
		bad := map[string]string{}
		for k, v := range good {
			bad[k] = v
		}
		bad[name] = hex
		if faults := (Tokens{Light: bad}).Check(); len(faults) == 0 || faults[0].Front.Name != name {
			t.Errorf("%s as %s: %v", name, hex, faults)
		}
	}
}

// The measures themselves: known values.
func TestMeasures(t *testing.T) {
	colour := func(hex string) rgb {
		c, ok := parseColour(hex)
		if !ok {
			t.Fatal(hex)
		}
		return c
	}
	if got := fmt.Sprintf("%.2f", contrast(colour("#000000"), colour("#ffffff"))); got != "21.00" {
		t.Errorf("contrast of black on white is %s", got)
	}
	if got := fmt.Sprintf("%.2f", contrast(colour("#777777"), colour("#ffffff"))); got != "4.48" {
		t.Errorf("contrast of #777777 on white is %s", got)
	}
	// The traffic light of many reports fails for readers with deuteranopia.
	if who, d := nearest(colour("#dc3545"), colour("#198754")); who != "deuteranopia" || d > 8 || distance(colour("#dc3545"), colour("#198754")) < 20 {
		t.Errorf("red and green are %.1f apart for readers with %q", d, who)
	}
	for _, bad := range []string{"", "#fff", "0b5cad0", "#0b5cag", "#0b5cad00"} {
		if _, ok := parseColour(bad); ok {
			t.Errorf("%q is taken for a colour", bad)
		}
	}
}

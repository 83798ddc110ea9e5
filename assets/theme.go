package assets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Theme is how a city's site looks: one of the presets, and colours of the city's own. The colours are #rrggbb by the names of tokens.
type Theme struct {
	Preset string // Civic if empty
	Light  map[string]string
	Dark   map[string]string
}

// Civic is the preset of a city that names none: tokens.css as it is.
const Civic = "civic"

// Presets lists the presets. Each but the first is a sheet css/theme-NAME.css that says what it has otherwise than tokens.css.
var Presets = []string{Civic, "plain", "govbr", "contrast"}

// OwnColours lists the colours that a city may give itself. What figures are drawn on, and with, belongs to the preset.
var OwnColours = []string{
	"accent", "accent-ink", "band", "band-ink", "band-soft", "band-mark", "link", "link-hover", "link-seen", "focus", "focus-ink",
	"on-fill", "on-edge", "on-ink", "on-ground", "behind-fill", "behind-edge", "behind-ink", "behind-ground",
	"off-fill", "off-edge", "off-ink", "off-ground", "unknown-fill", "unknown-edge", "unknown-ink", "unknown-ground",
}

// PresetColours lists the colours that belong to the preset.
var PresetColours = []string{"paper", "surface", "tint", "ink", "ink-soft", "line", "line-strong"}

// sheet returns the text of an embedded style sheet.
func sheet(name string) string {
	body, err := embedded.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("assets: %v", err)) // the names are those of this package
	}
	return string(body)
}

// presetSheet returns what a preset says beside tokens.css: nothing if it is none, or Civic.
func presetSheet(name string) string {
	if !slices.Contains(Presets[1:], name) {
		return ":root {}"
	}
	return sheet("css/theme-" + name + ".css")
}

// Tokens returns all tokens of the theme. further are sheets with tokens of other packages, which come before what the preset says.
func (t Theme) Tokens(further ...string) (Tokens, error) {
	all, err := ReadTokens(append(append([]string{sheet("css/tokens.css")}, further...), presetSheet(t.Preset))...)
	if err != nil {
		return nil, err
	}
	for mode, colours := range map[Mode]map[string]string{Light: t.Light, Dark: t.Dark} {
		for name, hex := range colours {
			if _, ok := parseColour(hex); ok && slices.Contains(OwnColours, name) {
				all[mode][name] = hex
			}
		}
	}
	return all, nil
}

// CSS returns the style sheet of the theme, which comes after the site's own; "" if there is nothing to say. Where a reader's system forces
// colours of its own it says nothing.
func (t Theme) CSS() (string, error) {
	base, err := Theme{}.Tokens()
	if err != nil {
		return "", err
	}
	all, err := t.Tokens()
	if err != nil {
		return "", err
	}
	_, rules, err := own(presetSheet(t.Preset))
	if err != nil {
		return "", err
	}
	said := map[string]bool{} // by the blocks so far: a later one has to say it again
	var b strings.Builder
	for _, mode := range Modes {
		for name, value := range all[mode] {
			said[name] = said[name] || base[mode][name] != value
		}
		b.WriteString(block(mode, said, all[mode]))
	}
	if b.Len() == 0 && rules == "" {
		return "", nil
	}
	return "@media (forced-colors: none) {\n" + b.String() + "}\n" + rules + "\n", nil
}

// block writes the tokens of a mode.
func block(mode Mode, said map[string]bool, tokens map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if value, ok := tokens[name]; ok && said[name] {
			fmt.Fprintf(&b, "--%s:%s;", name, value)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	rule := ":root{" + b.String() + "}"
	switch mode {
	case Dark:
		return "@media (prefers-color-scheme: dark){" + rule + "}\n"
	case Print:
		return "@media print{" + rule + "}\n"
	}
	return rule + "\n"
}

// Fault is a pair of colours of a theme that readers cannot tell apart well enough.
type Fault struct {
	Mode        Mode
	Front, Back Spot
	Got, Wanted float64
	Vision      string // of readers to whom the two look alike; "" where it is a matter of contrast or of all readers
	Apart       bool   // the two stand beside each other, and not one on the other
}

// Spot is a token and its colour.
type Spot struct{ Name, Colour string }

func (s Spot) String() string { return s.Name + " " + s.Colour }

// Message says what is wrong.
func (f Fault) Message() string {
	where := ""
	switch f.Mode {
	case Dark:
		where = " in the dark"
	case Print:
		where = " on paper"
	}
	if f.Apart {
		whom := ""
		if f.Vision != "" {
			whom = " to readers with " + f.Vision
		}
		return fmt.Sprintf("%s and %s look alike%s%s: they are %.1f apart, wanted %.1f", f.Front, f.Back, whom, where, f.Got, f.Wanted)
	}
	return fmt.Sprintf("%s on %s has contrast %s%s, wanted %.1f", f.Front, f.Back, below(f.Got, f.Wanted), where, f.Wanted)
}

// below writes a number so that it reads as less than what was wanted.
func below(got, wanted float64) string {
	short := fmt.Sprintf("%.1f", got)
	if short == fmt.Sprintf("%.1f", wanted) {
		return fmt.Sprintf("%.2f", got)
	}
	return short
}

// Mend says what to do about it; changed is the one of the two that the city chose.
func (f Fault) Mend(changed string) string {
	if f.Apart {
		return "make one of the two lighter or darker"
	}
	other := f.Back
	if changed == f.Back.Name {
		other = f.Front
	}
	c, _ := parseColour(other.Colour)
	light := c.luminance() > 0.18 // beside it black stands out better than white
	return either(light, "darken ", "lighten ") + either(changed == f.Front.Name, "it", changed)
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// Check returns every pair of colours of the theme that cannot be read or told apart, in every mode.
func (t Theme) Check() ([]Fault, error) {
	all, err := t.Tokens()
	if err != nil {
		return nil, err
	}
	return all.Check(), nil
}

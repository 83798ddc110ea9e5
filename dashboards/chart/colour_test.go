package chart

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// themes reads the custom properties of the style by theme; a theme says only what differs from light.
func themes(t *testing.T) map[string]map[string][3]float64 {
	t.Helper()
	light, rest, ok := strings.Cut(CSS, "@media (prefers-color-scheme: dark)")
	dark, rest, ok2 := strings.Cut(rest, "@media print")
	print, _, ok3 := strings.Cut(rest, "@media (forced-colors: active)")
	if !ok || !ok2 || !ok3 {
		t.Fatal("the style lacks a theme")
	}
	all := map[string]map[string][3]float64{}
	for name, text := range map[string]string{"light": light, "dark": dark, "print": print} {
		all[name] = map[string][3]float64{}
		for _, src := range []string{light, text} {
			for _, m := range regexp.MustCompile(`--c-([a-z0-9-]+):\s*#([0-9a-f]{6});`).FindAllStringSubmatch(src, -1) {
				all[name][m[1]] = linear(t, m[2])
			}
		}
	}
	return all
}

// linear returns a colour in linear light (IEC 61966-2-1).
func linear(t *testing.T, hex string) (c [3]float64) {
	t.Helper()
	for i := range c {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		c[i] = v / 12.92
		if v > 0.04045 {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return c
}

func luminance(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is the contrast ratio of WCAG 2.2.
func contrast(a, b [3]float64) float64 {
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}

// The site's grounds on which figures stand, beside --c-paper.
var grounds = map[string][]string{"light": {"ffffff", "fbf9f5"}, "dark": {"1b1f23", "14171a"}, "print": {"ffffff"}}

func TestContrast(t *testing.T) {
	for theme, token := range themes(t) {
		check := func(front, back string, ground [3]float64, least float64) {
			t.Helper()
			c, ok := token[front]
			if !ok {
				t.Errorf("%s: there is no --c-%s", theme, front)
			} else if got := contrast(c, ground); got < least {
				t.Errorf("%s: --c-%s on %s has %.2f:1, wants %v:1", theme, front, back, got, least)
			}
		}
		on := map[string][3]float64{"--c-paper": token["paper"]}
		for _, hex := range grounds[theme] {
			on["#"+hex] = linear(t, hex)
		}
		for name, ground := range on {
			for _, text := range []string{"text", "strong", "target"} {
				check(text, name, ground, 4.5)
			}
			for _, graphic := range []string{"line", "bar", "target", "axis", "rest", "edge", "hatch"} {
				check(graphic, name, ground, 3)
			}
		}
		for _, front := range []string{"line", "target", "rest", "axis"} {
			check(front, "--c-band", token["band"], 3)
			check(front, "--c-zone", token["zone"], 3)
		}
		for _, front := range []string{"line", "target"} {
			check(front, "--c-fan", token["fan"], 3)
			check(front, "--c-fan-inner", token["fan-inner"], 3)
		}
		for _, front := range []string{"text", "strong", "target"} {
			check(front, "--c-band as text", token["band"], 4.5)
			check(front, "--c-zone as text", token["zone"], 4.5)
		}
		check("target", "--c-bar (the line of the city over bars)", token["bar"], 1.2)
	}
}

// The five colours go one way, from near the ground to far from it, in steps that can be told apart.
func TestSequenceGoesOneWay(t *testing.T) {
	for theme, token := range themes(t) {
		before := 1.0
		for i := 1; i <= classes; i++ {
			c := contrast(token["seq-"+strconv.Itoa(i)], token["paper"])
			if c < before*1.2 {
				t.Errorf("%s: --c-seq-%d has %.2f:1 against the page, the one before %.2f:1", theme, i, c, before)
			}
			before = c
		}
		if before < 7 {
			t.Errorf("%s: the last colour has only %.2f:1", theme, before)
		}
	}
}

// Every class that drawings use has a rule, and every colour of a rule is a custom property, so that a theme can change it.
func TestStyleCoversTheDrawings(t *testing.T) {
	used := map[string]bool{}
	for _, f := range cases(t) {
		for _, c := range both(f) {
			for _, m := range regexp.MustCompile(`class="([^"]+)"`).FindAllStringSubmatch(c.bytes(), -1) {
				for _, class := range strings.Fields(m[1]) {
					used[class] = true
				}
			}
		}
	}
	if len(used) < 25 {
		t.Fatalf("only %d classes are used", len(used))
	}
	for class := range used {
		if !regexp.MustCompile(`\.` + class + `\b`).MatchString(CSS) {
			t.Errorf("class %s has no rule", class)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*\.[^{]*\{([^}]*)\}`).FindAllStringSubmatch(CSS, -1) {
		if c := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgb`).FindString(m[1]); c != "" {
			t.Errorf("the rule %q names the colour %s", m[0], c)
		}
	}
}

package assets

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// themes reads the custom properties of tokens.css that are colours, by theme. A theme says only what differs from light.
func themes(t *testing.T) map[string]map[string]rgb {
	t.Helper()
	body, err := embedded.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(body), "@media (prefers-color-scheme: dark)")
	dark, print, ok2 := strings.Cut(rest, "@media print")
	if !ok || !ok2 {
		t.Fatal("tokens.css has no dark or no print theme")
	}
	all := map[string]map[string]rgb{}
	for name, text := range map[string]string{"light": light, "dark": dark, "print": print} {
		all[name] = map[string]rgb{}
		for _, src := range []string{light, text} {
			for _, m := range regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6});`).FindAllStringSubmatch(src, -1) {
				all[name][m[1]] = parse(t, m[2])
			}
		}
	}
	return all
}

type rgb [3]float64 // linear light, 0–1

func parse(t *testing.T, hex string) rgb {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	var c rgb
	for i := range c {
		c[i] = linear(float64(n>>(16-8*i)&255) / 255)
	}
	return c
}

// linear undoes the sRGB transfer function (IEC 61966-2-1).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(a, b rgb) float64 {
	l := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	return (max(l(a), l(b)) + 0.05) / (min(l(a), l(b)) + 0.05)
}

// pairs lists what stands on what: text needs 4.5, graphics and the edges of controls need 3.
var pairs = []struct {
	front string
	backs string
	min   float64
}{
	{"ink", "paper surface tint", 7},
	{"ink-soft", "paper surface tint", 4.5},
	{"link", "paper surface tint", 4.5},
	{"link-hover", "paper surface tint", 4.5},
	{"link-seen", "paper surface tint", 4.5},
	{"accent-ink", "accent", 4.5},
	{"band-ink", "band", 4.5},
	{"band-soft", "band", 4.5},
	{"focus-ink", "focus", 4.5},
	{"on-ink", "on-ground", 4.5},
	{"behind-ink", "behind-ground", 4.5},
	{"off-ink", "off-ground", 4.5},
	{"unknown-ink", "unknown-ground", 4.5},
	{"line-strong", "paper surface tint", 3},
	{"accent", "paper surface tint", 3},
	{"on-edge", "paper surface tint on-ground", 3},
	{"behind-edge", "paper surface tint behind-ground", 3},
	{"off-edge", "paper surface tint off-ground", 3},
	{"unknown-edge", "paper surface tint unknown-ground", 3},
}

func TestTokenContrast(t *testing.T) {
	for theme, tokens := range themes(t) {
		for _, p := range pairs {
			front, ok := tokens[p.front]
			if !ok {
				t.Errorf("there is no token --%s", p.front)
				continue
			}
			for back := range strings.FieldsSeq(p.backs) {
				if ground, ok := tokens[back]; !ok {
					t.Errorf("there is no token --%s", back)
				} else if got := contrast(front, ground); got < p.min {
					t.Errorf("%s: --%s on --%s has contrast %.2f, want %.1f", theme, p.front, back, got, p.min)
				}
			}
		}
	}
}

// The focus ring is a line of ink and a yellow one around the element: one of them always stands out from the ground it lies on.
func TestFocusRing(t *testing.T) {
	for theme, tokens := range themes(t) {
		if theme == "print" {
			continue // nobody tabs on paper
		}
		for _, ground := range []string{"paper", "surface", "tint", "band"} {
			if best := max(contrast(tokens["ink"], tokens[ground]), contrast(tokens["focus"], tokens[ground])); best < 3 {
				t.Errorf("%s: no line of the focus ring has contrast 3 on --%s: %.2f", theme, ground, best)
			}
		}
	}
}

// visions are the matrices of Machado, Oliveira and Fernandes (2009) at full severity, on linear RGB.
var visions = map[string][9]float64{
	"normal":       {1, 0, 0, 0, 1, 0, 0, 0, 1},
	"protanopia":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
	"deuteranopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"tritanopia":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
}

func seen(c rgb, m [9]float64) rgb {
	var out rgb
	for i := range out {
		out[i] = min(1, max(0, m[3*i]*c[0]+m[3*i+1]*c[1]+m[3*i+2]*c[2]))
	}
	return out
}

// oklab converts linear sRGB to OKLab (Ottosson 2020).
func oklab(c rgb) [3]float64 {
	l := math.Cbrt(0.4122214708*c[0] + 0.5363325363*c[1] + 0.0514459929*c[2])
	m := math.Cbrt(0.2119034982*c[0] + 0.6806995451*c[1] + 0.1073969566*c[2])
	s := math.Cbrt(0.0883024619*c[0] + 0.2817188376*c[1] + 0.6299787005*c[2])
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func distance(a, b rgb) float64 {
	x, y := oklab(a), oklab(b)
	return 100 * math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2])
}

// Status fills stay apart for every kind of colour vision; below 10 they begin to be taken for one another.
func TestStatusFillsStayApart(t *testing.T) {
	fills := []string{"on-fill", "behind-fill", "off-fill", "unknown-fill"}
	for theme, tokens := range themes(t) {
		for vision, matrix := range visions {
			for i, a := range fills {
				for _, b := range fills[i+1:] {
					if d := distance(seen(tokens[a], matrix), seen(tokens[b], matrix)); d < 10 {
						t.Errorf("%s, %s: --%s and --%s are %.1f apart, want 10", theme, vision, a, b, d)
					}
				}
			}
		}
	}
}

// The test itself finds what it is for: the traffic light of many reports fails.
func TestTrafficLightFails(t *testing.T) {
	red, green := parse(t, "#dc3545"), parse(t, "#198754")
	m := visions["deuteranopia"]
	if d := distance(seen(red, m), seen(green, m)); d >= 10 {
		t.Errorf("red and green are %.1f apart under deuteranopia: the measure is wrong", d)
	}
	if got := fmt.Sprintf("%.2f", contrast(parse(t, "#000000"), parse(t, "#ffffff"))); got != "21.00" {
		t.Errorf("contrast of black on white is %s", got)
	}
}

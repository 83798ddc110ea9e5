package assets

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// Mode is a way in which a page is looked at.
type Mode string

// The modes.
const (
	Light Mode = "light"
	Dark  Mode = "dark"
	Print Mode = "print"
)

// Modes lists the modes.
var Modes = []Mode{Light, Dark, Print}

// Tokens are the custom properties of style sheets, without their --, by mode. Each mode has all of them: what a sheet does not say of
// the dark or of paper it says of light.
type Tokens map[Mode]map[string]string

// blocks finds where a sheet says its tokens. Nothing else stands in these blocks.
var (
	inMode   = regexp.MustCompile(`(?s)@media \((prefers-color-scheme: dark)\) \{\s*:root \{(.*?)\}\s*\}|@media (print) \{\s*:root \{(.*?)\}\s*\}`)
	inLight  = regexp.MustCompile(`(?s)^\s*:root \{(.*?)\}`)
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	oneToken = regexp.MustCompile(`(?m)^\s*(?:--([a-z0-9-]+)|color-scheme):\s*([^;]+);\s*$`)
)

// own reads what a sheet says itself of each mode, and returns the rules that follow its tokens. The sheet begins with :root { … }; what
// differs in the dark and on paper stands in @media (prefers-color-scheme: dark) { :root { … } } and @media print { :root { … } }.
func own(css string) (tokens Tokens, rules string, err error) {
	css = comments.ReplaceAllString(css, "")
	light := inLight.FindStringSubmatch(css)
	if light == nil {
		return nil, "", fmt.Errorf("a sheet of tokens begins with :root { … }")
	}
	text := map[Mode]string{Light: light[1]}
	rest := strings.TrimPrefix(css, light[0])
	for _, m := range inMode.FindAllStringSubmatch(rest, -1) {
		if m[1] != "" {
			text[Dark] = m[2]
		} else {
			text[Print] = m[4]
		}
		rest = strings.Replace(rest, m[0], "", 1)
	}
	tokens = Tokens{}
	for _, mode := range Modes {
		tokens[mode] = map[string]string{}
		for _, m := range oneToken.FindAllStringSubmatch(text[mode], -1) {
			if m[1] != "" { // color-scheme is the same in every theme
				tokens[mode][m[1]] = m[2]
			}
		}
	}
	return tokens, strings.TrimSpace(rest), nil
}

// ReadTokens reads the tokens of several sheets, each of which overrides those before it, in every mode.
func ReadTokens(sheets ...string) (Tokens, error) {
	all := Tokens{Light: {}, Dark: {}, Print: {}}
	for _, css := range sheets {
		said, _, err := own(css)
		if err != nil {
			return nil, err
		}
		all.put(said)
	}
	return all, nil
}

// put overrides tokens by what a further sheet says itself. A token that is new holds in every mode of which the sheet says nothing else. A
// colour that is known is changed in the modes alone in which the sheet says it: one for light paper is none for the dark. Anything else,
// such as a typeface, is changed in all.
func (t Tokens) put(said Tokens) {
	for name, value := range said[Light] {
		_, known := t[Light][name]
		_, isColour := parseColour(value)
		for _, mode := range Modes {
			if mode == Light || !known || !isColour {
				t[mode][name] = value
			}
		}
	}
	for _, mode := range []Mode{Dark, Print} {
		maps.Copy(t[mode], said[mode])
	}
}

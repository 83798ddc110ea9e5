package i18n

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// placeholder is {name} in a message.
var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// placeholders returns the names of the placeholders of a text, in order of appearance.
func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// message is a text cut at its placeholders: the literal parts are one more than the names.
type message struct {
	parts []string
	names []string
}

// compile cuts a text at its placeholders.
func compile(text string) *message {
	m := &message{}
	last := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		m.parts = append(m.parts, text[last:at[0]])
		m.names = append(m.names, text[at[2]:at[3]])
		last = at[1]
	}
	m.parts = append(m.parts, text[last:])
	return m
}

// fill puts the values into the placeholders. A placeholder without a value stays visible as {name}, which the tests of pages find.
func (m *message) fill(value func(name string) (string, bool)) string {
	if len(m.names) == 0 {
		return m.parts[0]
	}
	var b strings.Builder
	for i, name := range m.names {
		b.WriteString(m.parts[i])
		v, ok := value(name)
		if !ok {
			v = "{" + name + "}"
		}
		b.WriteString(v)
	}
	b.WriteString(m.parts[len(m.names)])
	return b.String()
}

// parser lets go-i18n read our placeholders instead of Go templates. Its data is a func(string) (string, bool).
type parser struct{}

// Cacheable reports that what Parse returns may be kept.
func (parser) Cacheable() bool { return true }

// Parse cuts a text at its placeholders. The delimiters are ours, whatever a message file says.
func (parser) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	return parsed{compile(src)}, nil
}

type parsed struct{ *message }

// Execute fills the placeholders.
func (p parsed) Execute(data any) (string, error) {
	value, ok := data.(func(string) (string, bool))
	if !ok {
		return "", fmt.Errorf("i18n: a message is filled by a function, not by %T", data)
	}
	return p.fill(value), nil
}

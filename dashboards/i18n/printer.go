package i18n

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gohugoio/locales"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"citystat/kpi"
)

// Printer prints words, sentences, numbers and dates in one language and one number style. It is safe for concurrent use.
type Printer struct {
	Lang   kpi.Lang // for lang attributes
	Format string   // the number and date style, such as es-MX

	bundle  *Bundle
	numbers locales.Translator // of Format
	words   locales.Translator // of the language: names of months
	grammar grammar
}

// T returns the message with the id. args are pairs of a placeholder's name and its value; an integer is formatted, a date is
// written long. A message that does not exist is shown as its id in brackets: a test looks for it, a reader sees what is meant.
func (p *Printer) T(id string, args ...any) string {
	m := p.bundle.messages[p.Lang][id]
	if m == nil {
		m = p.bundle.messages[kpi.English][id]
	}
	if m == nil {
		return "[" + id + "]"
	}
	return m.fill(p.values(args))
}

// N returns the plural form of a message for n; {n} is put in by itself.
func (p *Printer) N(id string, n int, args ...any) string {
	return p.plural(id, strconv.Itoa(n), append([]any{"n", n}, args...))
}

// plural returns the form of a message for a number as it is shown, such as "1.0".
func (p *Printer) plural(id, shown string, args []any) string {
	text, err := p.bundle.localize[p.Lang].Localize(&goi18n.LocalizeConfig{
		MessageID: id, PluralCount: shown, TemplateData: p.values(args), TemplateParser: parser{},
	})
	if err != nil && text == "" {
		return "[" + id + "]"
	}
	return text
}

// values looks placeholders up among pairs of names and values.
func (p *Printer) values(args []any) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				return p.arg(args[i+1]), true
			}
		}
		return "", false
	}
}

// arg writes the value of a placeholder.
func (p *Printer) arg(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return p.Int(int64(v))
	case int64:
		return p.Int(v)
	case kpi.Date:
		return p.Date(v)
	case kpi.Text:
		return p.Text(v)
	}
	return fmt.Sprint(v)
}

// Text returns a text of the city, in its source language when it is not translated.
func (p *Printer) Text(t kpi.Text) string { return t.String(p.Lang) }

// List joins names by commas; never by "and", which changes before some sounds.
func (p *Printer) List(names []string) string { return strings.Join(names, ", ") }

// Upper returns a text with its first letter as a capital: a word of the messages at the beginning of a line.
func (p *Printer) Upper(s string) string {
	for i, r := range s {
		if i == 0 {
			return strings.ToUpper(string(r)) + s[len(string(r)):]
		}
	}
	return s
}

// Sort sorts names as a reader of the language expects (Á after A, Ñ after N), in place.
func (p *Printer) Sort(names []string) { SortBy(p, names, func(s string) string { return s }) }

// SortBy sorts items by a name, as a reader of the language expects, in place; equal names keep their order.
func SortBy[T any](p *Printer, items []T, name func(T) string) {
	c := collate.New(language.Make(string(p.Lang)), collate.IgnoreCase)
	slices.SortStableFunc(items, func(a, b T) int { return c.CompareString(name(a), name(b)) })
}

// Has reports whether there is a message with the id.
func (p *Printer) Has(id string) bool { return p.bundle.Has(id) }

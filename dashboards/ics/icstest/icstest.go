// Package icstest reads calendars as another program does: by the grammar of RFC 5545, and more strictly than most. It shares nothing with the code that writes them.
package icstest

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// Part is a component: a calendar or an event.
type Part struct {
	Name  string
	Props []Prop
	Parts []Part
}

// Prop is a property: its name, its parameters and its value as it is written.
type Prop struct {
	Name   string
	Params map[string]string
	Value  string
}

// Get returns the value of a property that stands in the part once, as it is written.
func (p *Part) Get(tb testing.TB, name string) string {
	tb.Helper()
	var found []string
	for _, x := range p.Props {
		if x.Name == name {
			found = append(found, x.Value)
		}
	}
	if len(found) != 1 {
		tb.Fatalf("%s has %s %d times", p.Name, name, len(found))
	}
	return found[0]
}

// Text returns a text that stands in the part once.
func (p *Part) Text(tb testing.TB, name string) string {
	tb.Helper()
	return readText(tb, p.Get(tb, name))
}

// readText reads a TEXT by RFC 5545, section 3.3.11.
func readText(tb testing.TB, s string) string {
	tb.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ';' || s[i] == ',' || s[i] < ' ' && s[i] != '\t':
			tb.Fatalf("%q has a %q that is not written as text", s, s[i])
		case s[i] != '\\':
			b.WriteByte(s[i])
		case i+1 == len(s) || !strings.ContainsRune(`\;,nN`, rune(s[i+1])):
			tb.Fatalf("%q has a backslash before nothing", s)
		default:
			if i++; s[i] == 'n' || s[i] == 'N' {
				b.WriteByte('\n')
			} else {
				b.WriteByte(s[i])
			}
		}
	}
	return b.String()
}

// Read reads a calendar by the grammar of RFC 5545, section 3.1, strictly: whatever a program might stumble over fails the test.
func Read(tb testing.TB, b []byte) Part {
	tb.Helper()
	if !utf8.Valid(b) || !bytes.HasSuffix(b, []byte("\r\n")) {
		tb.Fatalf("no UTF-8, or an end that is missing: %q", b)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) || line == "" {
			tb.Fatalf("a line of %d octets, or a letter that is cut: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(strings.TrimSuffix(string(b), "\r\n"), "\r\n ", "")
	stack := []Part{{Name: "FILE"}}
	for _, line := range strings.Split(whole, "\r\n") {
		x := readLine(tb, line)
		top := &stack[len(stack)-1]
		switch x.Name {
		case "BEGIN":
			stack = append(stack, Part{Name: x.Value})
		case "END":
			if top.Name != x.Value || len(stack) < 2 {
				tb.Fatalf("%s ends within %s", x.Value, top.Name)
			}
			done := *top
			stack = stack[:len(stack)-1]
			stack[len(stack)-1].Parts = append(stack[len(stack)-1].Parts, done)
		default:
			top.Props = append(top.Props, x)
		}
	}
	if len(stack) != 1 || len(stack[0].Parts) != 1 || stack[0].Parts[0].Name != "VCALENDAR" || len(stack[0].Props) > 0 {
		tb.Fatalf("not one calendar: %s", b)
	}
	return stack[0].Parts[0]
}

// readLine reads a content line: name, parameters, value.
func readLine(tb testing.TB, line string) Prop {
	tb.Helper()
	x := Prop{Params: map[string]string{}}
	rest := strings.TrimLeft(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
	x.Name = line[:len(line)-len(rest)]
	for strings.HasPrefix(rest, ";") {
		key, after, ok := strings.Cut(rest[1:], "=")
		if !ok || key == "" || key != strings.ToUpper(key) {
			tb.Fatalf("a parameter without a name in %q", line)
		}
		if strings.HasPrefix(after, `"`) {
			value, tail, ok := strings.Cut(after[1:], `"`)
			if !ok {
				tb.Fatalf("a quotation that does not end in %q", line)
			}
			x.Params[key], rest = value, tail
			continue
		}
		end := strings.IndexAny(after, ";:,\"")
		if end < 0 {
			tb.Fatalf("no value in %q", line)
		}
		x.Params[key], rest = after[:end], after[end:]
	}
	value, ok := strings.CutPrefix(rest, ":")
	if !ok || x.Name == "" {
		tb.Fatalf("no line of a calendar: %q", line)
	}
	x.Value = value
	return x
}

package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is what a token is.
type tokenKind int

const (
	tokEnd tokenKind = iota
	tokName
	tokKeyword // its text is in small letters
	tokText    // its text is unquoted
	tokNumber
	tokSymbol // its text is one of symbols
)

// token is a word of the language; at is its byte offset.
type token struct {
	kind   tokenKind
	text   string
	number float64
	at     int
}

// describe names the token in an error message.
func (t token) describe() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokText:
		return quote(t.text)
	}
	return strconv.Quote(t.text)
}

// keyword reports whether the word cannot be the name of a column.
func keyword(word string) bool {
	switch word {
	case "and", "or", "not", "is", "null", "in", "between", "true", "false", "as_of":
		return true
	}
	return false
}

// Reserved reports whether name is a word of the language itself, so that no column can be called by it.
func Reserved(name string) bool { return keyword(strings.ToLower(name)) }

// lex cuts the source into tokens; the last one is tokEnd.
func lex(src string) ([]token, error) {
	if len(src) > MaxLength {
		return nil, &Error{MaxLength, fmt.Sprintf("the expression has %d bytes; %d are allowed; split the indicator in two", len(src), MaxLength)}
	}
	if at := invalidUTF8(src); at >= 0 {
		return nil, &Error{at, "this byte is not UTF-8; save the file as UTF-8"}
	}
	var list []token
	for at := 0; ; {
		at += len(src[at:]) - len(strings.TrimLeft(src[at:], " \t\r\n"))
		t, n, err := next(src, at)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
		if t.kind == tokEnd {
			return list, nil
		}
		at += n
	}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// next reads the token at the offset and returns it with its length in bytes.
func next(src string, at int) (token, int, error) {
	rest := src[at:]
	if rest == "" {
		return token{kind: tokEnd, at: at}, 0, nil
	}
	switch c := rest[0]; {
	case c == '\'':
		return lexText(rest, at)
	case digit(c):
		return lexNumber(rest, at)
	case letter(c):
		return lexWord(rest, at)
	}
	return lexSymbol(rest, at)
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

// run returns the length of the longest start of s whose bytes are all ok.
func run(s string, ok func(byte) bool) int {
	i := 0
	for i < len(s) && ok(s[i]) {
		i++
	}
	return i
}

func wordByte(c byte) bool { return letter(c) || digit(c) }

func lexWord(rest string, at int) (token, int, error) {
	n := run(rest, wordByte)
	word := rest[:n]
	if Reserved(word) {
		return token{kind: tokKeyword, text: strings.ToLower(word), at: at}, n, nil
	}
	if strings.EqualFold(word, "date") { // a word of the language before a text, and a fair name for a column elsewhere
		return token{kind: tokName, text: "date", at: at}, n, nil
	}
	if word != strings.ToLower(word) || word[0] == '_' {
		return token{}, 0, &Error{at, fmt.Sprintf("%q cannot be a name: names are in small letters and begin with one; write %q", word, strings.TrimLeft(strings.ToLower(word), "_"))}
	}
	return token{kind: tokName, text: word, at: at}, n, nil
}

func lexNumber(rest string, at int) (token, int, error) {
	n := run(rest, digit)
	if n+1 < len(rest) && rest[n] == '.' && digit(rest[n+1]) {
		n += 1 + run(rest[n+1:], digit)
	}
	n += exponent(rest[n:])
	if n < len(rest) && (wordByte(rest[n]) || rest[n] == '.') {
		m := n + run(rest[n:], func(c byte) bool { return wordByte(c) || c == '.' })
		return token{}, 0, &Error{at, fmt.Sprintf("%q is not a number; write numbers as 12 or 0.5", rest[:m])}
	}
	v, err := strconv.ParseFloat(rest[:n], 64)
	if err != nil || math.IsInf(v, 0) {
		return token{}, 0, &Error{at, fmt.Sprintf("%s is too large for a number", short(rest[:n]))}
	}
	return token{kind: tokNumber, text: rest[:n], number: v, at: at}, n, nil
}

// exponent returns the length of an exponent such as e+30 at the start of s, or 0.
func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	digits := run(s[n:], digit)
	if digits == 0 {
		return 0
	}
	return n + digits
}

func lexText(rest string, at int) (token, int, error) {
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\'' && i+1 < len(rest) && rest[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case c == '\'':
			return token{kind: tokText, text: b.String(), at: at}, i + 1, nil
		case c < 0x20 || c == 0x7f:
			return token{}, 0, &Error{at + i, "a text cannot hold a line break or a control character; is the closing ' missing?"}
		default:
			b.WriteByte(c)
		}
	}
	return token{}, 0, &Error{at, "the text that begins here has no closing '; write '' for an apostrophe within a text"}
}

// symbols are the operators and marks, longer ones first.
func symbols() []string {
	return []string{"<=", ">=", "<>", "!=", "==", "||", "&&", "=", "<", ">", "+", "-", "*", "/", "(", ")", ","}
}

func lexSymbol(rest string, at int) (token, int, error) {
	for _, s := range symbols() {
		if !strings.HasPrefix(rest, s) {
			continue
		}
		t := token{kind: tokSymbol, text: s, at: at}
		switch s {
		case "!=":
			t.text = "<>"
		case "==":
			return token{}, 0, &Error{at, "write = to compare"}
		case "&&":
			return token{}, 0, &Error{at, "write and"}
		case "||":
			return token{}, 0, &Error{at, "write or; texts cannot be joined"}
		}
		return t, len(s), nil
	}
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case r == '"':
		return token{}, 0, &Error{at, `" means nothing here; put texts in single quotes, and write names without quotes`}
	case r == '‘' || r == '’' || r == '“' || r == '”':
		return token{}, 0, &Error{at, fmt.Sprintf("%c is a typographic quote; put texts in straight single quotes '", r)}
	case unicode.IsLetter(r):
		return token{}, 0, &Error{at, fmt.Sprintf("%q cannot be part of a name; names have the letters a–z, digits and _ only", r)}
	case r == '%':
		return token{}, 0, &Error{at, "% means nothing here; write a share as a number"}
	}
	return token{}, 0, &Error{at, fmt.Sprintf("%q means nothing here", r)}
}

// quote writes a text as a literal of the language.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// short cuts a long piece of source for an error message.
func short(s string) string {
	if len(s) <= 40 {
		return s
	}
	return strings.ToValidUTF8(s[:40], "") + "…"
}

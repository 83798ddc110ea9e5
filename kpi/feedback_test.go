package kpi

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestReference(t *testing.T) {
	for bits, want := range map[uint64]string{
		0: "0000-0000-0000", 1: "0000-0000-0001", 1<<60 - 1: "ZZZZ-ZZZZ-ZZZZ", 1 << 60: "0000-0000-0000", 31<<55 | 10: "Z000-0000-000A",
	} {
		if got := Reference(bits); got != want {
			t.Errorf("%d: %s, want %s", bits, got, want)
		}
	}
	for typed, want := range map[string]string{
		"K7QX-0M4T-9ZRB": "K7QX-0M4T-9ZRB", "k7qx 0m4t 9zrb": "K7QX-0M4T-9ZRB", " k7qxom4t9zrb\n": "K7QX-0M4T-9ZRB", "K7QX–OM4T–9ZRB": "K7QX-0M4T-9ZRB",
		"IL00-0000-00oO": "1100-0000-0000",
	} {
		if got, ok := ParseReference(typed); !ok || got != want {
			t.Errorf("%q: %s, %v, want %s", typed, got, ok, want)
		}
	}
	for _, bad := range []string{"", "-", "K7QX-0M4T-9ZR", "K7QX-0M4T-9ZRBB", "K7QX-0M4T-9ZR!", "U000-0000-0000", "find", "../../../etc", "\x00", "K7QX/0M4T/9ZRB"} {
		if got, ok := ParseReference(bad); ok {
			t.Errorf("%q is read as %s", bad, got)
		}
	}
}

// A reference comes back however it was written; nothing that is none is taken for one.
func FuzzReference(f *testing.F) {
	f.Add("K7QX-0M4T-9ZRB", uint64(1234567890123))
	f.Add("l", uint64(1<<63))
	f.Fuzz(func(t *testing.T, s string, bits uint64) {
		want := Reference(bits)
		for _, written := range []string{want, strings.ToLower(want), strings.ReplaceAll(want, "-", ""), strings.ReplaceAll(want, "0", "O")} {
			if got, ok := ParseReference(written); !ok || got != want {
				t.Errorf("%q: %s, %v", written, got, ok)
			}
		}
		if got, ok := ParseReference(s); ok {
			if again, ok := ParseReference(got); !ok || again != got {
				t.Errorf("%q: %s, and then %s", s, got, again)
			}
		}
	})
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		" a \r\nb\rc\n ": "a \nb\nc", "a\x00\x1b[2Jb\u0085": "a[2Jb", "\xff": "\uFFFD", "\t x\ty": "x\ty", "שלום": "שלום", "": "",
		"\u202e": "", "\u200b\u2060 \ufeff": "", "\u3164": "", "\u2800\n\ufe0f": "", "\u200fשלום\u200f": "\u200fשלום\u200f", "❤\ufe0f": "❤\ufe0f",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	f.Add("a\r\r\n\x00b \u0085")
	f.Fuzz(func(t *testing.T, s string) {
		got := PlainText(s)
		if !utf8.ValidString(got) || got != PlainText(got) || strings.ContainsFunc(got, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }) {
			t.Errorf("%q: %q, %q", s, got, PlainText(got))
		}
	})
}

func TestIsEmail(t *testing.T) {
	for _, good := range []string{"rosa@example.org", "rosa.diaz+city@mail.example.org", "rosa@müller.example", "o'neil@example.org"} {
		if !IsEmail(good) {
			t.Errorf("%q is none", good)
		}
	}
	for _, bad := range []string{"", "rosa", "@example.org", "rosa@", "rosa@localhost", "rosa@example.", "Rosa <rosa@example.org>", "rosa@example.org, eve@example.org",
		"rosa @example.org", "rosa@example.org\nBcc: eve@example.org", strings.Repeat("a", 250) + "@example.org", `"a b"@example.org`} {
		if IsEmail(bad) {
			t.Errorf("%q is one", bad)
		}
	}
}

// What whoever has the reference may know holds none of what was written.
func TestPublicFeedback(t *testing.T) {
	all := Feedback{Reference: Reference(rand.Uint64()), Lang: English, About: "/x", Indicator: "x", District: "y", Text: "text", Email: "a@example.org",
		Answer: &FeedbackAnswer{Heard: "h"}, Closed: true, Reason: "reason"}
	got := all.Public()
	if got.Text+got.Email+got.About+got.District+got.Reason != "" || got.Answer == nil || got.Reference != all.Reference || got.Indicator != "x" {
		t.Errorf("%+v", got)
	}
}

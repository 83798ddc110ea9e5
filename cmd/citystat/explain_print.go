package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"citystat/dashboards/i18n"
)

// printExplained prints what was explained, for people.
func printExplained(w io.Writer, x explained) error {
	bundle, err := i18n.New()
	if err != nil {
		return fmt.Errorf("languages: %w", err)
	}
	p := bundle.Printer(x.Lang, "")
	t := &teller{p: p}
	t.say(0, x.Name+" ("+x.Indicator+")")
	t.say(0, p.T("explain.live"))
	t.gap()
	t.lines(0, x.Clocks)
	t.head(p.T("indicator.counted"))
	t.lines(2, x.Counted)
	if len(x.Targets) > 0 {
		t.head(p.T("indicator.targets"))
		t.lines(2, x.Targets)
	}
	t.gap()
	t.say(0, x.Finding)
	if x.Newest != "" {
		t.say(0, x.Newest)
	}
	if len(x.Flags) > 0 {
		t.head(p.T("explain.flags"))
		for _, f := range x.Flags {
			t.say(2, f)
		}
	}
	for _, a := range x.Answers {
		t.answer(a)
	}
	t.sections(p.T("explain.groups"), x.Groups)
	t.sections(p.T("explain.evaluations"), x.Evaluations)
	t.sections(p.T("explain.changes"), x.Changes)
	t.sections(p.T("trust.title"), x.Checks)
	if len(x.Checks) == 0 {
		t.head(p.T("trust.title"))
		t.say(2, p.T("trust.none"))
	}
	_, err = io.WriteString(w, t.b.String())
	return err
}

// teller writes an explanation as text.
type teller struct {
	p *i18n.Printer
	b strings.Builder
}

// say writes a line.
func (t *teller) say(indent int, s string) {
	t.b.WriteString(strings.Repeat(" ", indent) + spoken(s) + "\n")
}

func (t *teller) gap() { t.b.WriteByte('\n') }

func (t *teller) head(s string) {
	t.gap()
	t.say(0, s)
}

// lines writes labels and what stands beside them, one below the other.
func (t *teller) lines(indent int, list []line) {
	width := 0
	for _, l := range list {
		width = max(width, utf8.RuneCountInString(l.Label))
	}
	for _, l := range list {
		t.say(indent, l.Label+strings.Repeat(" ", width-utf8.RuneCountInString(l.Label)+2)+l.Text)
	}
}

func (t *teller) facts(indent int, list []i18n.Fact) {
	lines := make([]line, 0, len(list))
	for _, f := range list {
		lines = append(lines, line{f.Label, f.Text})
	}
	t.lines(indent, lines)
}

// answer writes one of the answers with everything that it rests on.
func (t *teller) answer(a i18n.Explanation) {
	t.head(a.Heading + " " + t.p.Upper(a.Word) + ".")
	for _, s := range a.Sentences {
		t.say(2, s)
	}
	if len(a.Inputs) > 0 {
		t.say(2, t.p.T("explain.compared"))
		t.facts(4, a.Inputs)
	}
	if len(a.Thresholds) > 0 {
		t.say(2, t.p.T("explain.decides"))
		t.facts(4, a.Thresholds)
	}
	rest := []line{}
	if a.Rule != "" {
		rest = append(rest, line{t.p.T("explain.rule"), a.Rule})
	}
	if a.Periods != "" {
		rest = append(rest, line{t.p.T("explain.periods"), a.Periods}, line{a.Rows.Label, a.Rows.Text})
	}
	t.lines(2, rest)
	if len(a.LeftOut) > 0 {
		t.say(2, t.p.T("table.left_out"))
		t.facts(4, a.LeftOut)
	}
}

// sections writes what has sentences under it.
func (t *teller) sections(title string, list []section) {
	if len(list) == 0 {
		return
	}
	t.head(title)
	for _, s := range list {
		t.say(2, s.Title)
		for _, sentence := range s.Sentences {
			t.say(4, sentence)
		}
		t.facts(4, s.Numbers)
	}
}

package catalog

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// written is a key and its value, as they are written.
type written struct{ key, value string }

// quoted writes a text so that YAML reads the very same.
func quoted(s string) string { return strconv.Quote(s) }

// flowEntry writes an entry of a list in one line.
func flowEntry(entry []written) string {
	parts := make([]string, len(entry))
	for k, w := range entry {
		parts[k] = w.key + ": " + w.value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// targetWords writes a target.
func targetWords(t kpi.Target) []written {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	list := []written{{"by", t.By.String()}}
	switch {
	case t.Dropped:
		list = append(list, written{"dropped", "true"})
	case t.Low != 0 || t.High != 0:
		list = append(list, written{"range", "{low: " + number(t.Low) + ", high: " + number(t.High) + "}"})
	default:
		list = append(list, written{"value", number(t.Value)})
	}
	if t.Kind != kpi.TargetAnnual {
		list = append(list, written{"kind", t.Kind})
	}
	return append(append(list, written{"set", t.Set.String()}), because(t.ByWhom, t.Reason, t.Act)...)
}

// noteWords writes a note of a change.
func noteWords(n kpi.ChangeNote) []written {
	return append([]written{{"on", n.On.String()}, {"what", "[" + strings.Join(n.What, ", ") + "]"}}, because(n.ByWhom, n.Reason, n.Act)...)
}

// because writes who decided something, why, and by which act.
func because(who string, why kpi.Text, act kpi.Act) []written {
	var list []written
	if who != "" {
		list = append(list, written{"by_whom", quoted(who)})
	}
	if s := why.String(why.Source); s != "" {
		list = append(list, written{"reason", quoted(s)})
	}
	if act.IsZero() {
		return list
	}
	parts := []written{{"title", quoted(act.Title)}}
	if !act.Date.IsZero() {
		parts = append(parts, written{"date", act.Date.String()})
	}
	if act.URL != "" {
		parts = append(parts, written{"url", quoted(act.URL)})
	}
	if len(parts) == 1 {
		return append(list, written{"act", parts[0].value})
	}
	return append(list, written{"act", flowEntry(parts)})
}

// insert puts an entry into a list, before its item k or at its end, in the style of its neighbour. It reports whether it found the place.
func (p *patch) insert(file string, list *node, k int, entry []written) bool {
	d := p.files[file]
	if list.flow {
		return d.insertFlow(list, k, entry)
	}
	if len(list.items) == 0 {
		return false
	}
	lines := strings.SplitAfter(d.now, "\n")
	at, like := list.items[0].line-1, list.items[0]
	if k > 0 {
		like = list.items[k-1]
		at = ends(lines, like.line-1, list.column-1, false)
	}
	dash := []rune(strings.TrimRight(lines[like.line-1], "\r\n"))
	if list.column > len(dash) || dash[list.column-1] != '-' || strings.TrimSpace(string(dash[:list.column-1])) != "" {
		return false // the item begins in a line below its dash, or behind another dash
	}
	indent, inner := strings.Repeat(" ", list.column-1), strings.Repeat(" ", max(like.column-list.column-1, 1))
	text := indent + "-" + inner + flowEntry(entry) + "\n"
	if like.kind == mapping && !like.flow {
		text = ""
		for n, w := range entry {
			begin := indent + "-" + inner
			if n > 0 {
				begin = strings.Repeat(" ", utf8.RuneCountInString(begin))
			}
			text += begin + w.key + ": " + w.value + "\n"
		}
	}
	d.putLines(lines, at, text)
	return true
}

// putLines puts text before a line.
func (d *draft) putLines(lines []string, at int, text string) {
	before := strings.Join(lines[:at], "")
	if before != "" && !strings.HasSuffix(before, "\n") {
		before, text = before+"\n", strings.TrimSuffix(text, "\n")
	}
	d.now = before + text + strings.Join(lines[at:], "")
}

// ends returns the index of the line behind what begins in a line and stands deeper than a column; dashes reports whether a list in the very
// column belongs to it too.
func ends(lines []string, from, column int, dashes bool) int {
	end := from + 1
	for k := from + 1; k < len(lines); k++ {
		line := strings.TrimRight(lines[k], "\r\n")
		text := strings.TrimLeft(line, " ")
		indent := len(line) - len(text)
		switch {
		case text == "":
			continue
		case indent > column, dashes && indent == column && (text == "-" || strings.HasPrefix(text, "- ")):
			end = k + 1
		case strings.HasPrefix(text, "#"):
			continue
		default:
			return end
		}
	}
	return end
}

// insertFlow puts an entry into a list in brackets.
func (d *draft) insertFlow(list *node, k int, entry []written) bool {
	text := flowEntry(entry)
	begin := offsetOf(d.now, list.line, list.column)
	if begin < 0 || d.now[begin] != '[' {
		return false
	}
	if len(list.items) == 0 {
		d.now = d.now[:begin+1] + text + d.now[begin+1:]
		return true
	}
	if k == 0 {
		first := offsetOf(d.now, list.items[0].line, list.items[0].column)
		if first < 0 {
			return false
		}
		d.now = d.now[:first] + text + ", " + d.now[first:]
		return true
	}
	last := list.items[k-1]
	at := closes(d.now, offsetOf(d.now, last.line, last.column))
	if at < 0 {
		return false
	}
	between := ", "
	if k > 1 && last.line != list.items[k-2].line || k == 1 && last.line != list.line { // one a line
		between = ",\n" + strings.Repeat(" ", last.column-1)
	}
	d.now = d.now[:at] + between + text + d.now[at:]
	return true
}

// addKey puts a key into a mapping, behind the first of some keys that is there, or at its end.
func (p *patch) addKey(file string, m *node, behind []string, key, value string) bool {
	d := p.files[file]
	if m.flow {
		end := closes(d.now, offsetOf(d.now, m.line, m.column))
		if end < 0 {
			return false
		}
		body := strings.TrimRight(d.now[:end-1], " \t\n")
		comma := ", "
		if strings.HasSuffix(body, ",") {
			comma = " "
		}
		d.now = body + comma + key + ": " + value + d.now[len(body):]
		return true
	}
	if len(m.pairs) == 0 {
		return false
	}
	q := m.pairs[len(m.pairs)-1]
search:
	for _, name := range behind {
		for _, other := range m.pairs {
			if other.key.text == name {
				q = other
				break search
			}
		}
	}
	lines := strings.SplitAfter(d.now, "\n")
	at := ends(lines, q.key.line-1, m.column-1, q.value.kind == sequence && !q.value.flow)
	space := " "
	if strings.HasPrefix(value, "\n") {
		space = ""
	}
	d.putLines(lines, at, strings.Repeat(" ", m.column-1)+key+":"+space+value+"\n")
	return true
}

// replace puts another word in the place of one, in the style of the one that is there.
func (p *patch) replace(file string, n *node, word string) bool {
	d := p.files[file]
	begin := offsetOf(d.now, n.line, n.column)
	if begin < 0 || n.kind != scalar || n.style == block {
		return false
	}
	was := map[style]string{plain: n.text, singleQuoted: "'" + n.text + "'", doubleQuoted: `"` + n.text + `"`}[n.style]
	if !strings.HasPrefix(d.now[begin:], was) {
		return false
	}
	d.now = d.now[:begin] + strings.Replace(was, n.text, word, 1) + d.now[begin+len(was):]
	return true
}

// offsetOf returns the byte at a line and a column, both from 1, the column in characters; -1 if there is none.
func offsetOf(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			return -1
		}
		at += next + 1
	}
	for ; column > 1; column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	if at >= len(text) {
		return -1
	}
	return at
}

// closes returns the byte behind the bracket that closes the one at a byte; -1 if none opens there, or none closes it.
func closes(text string, at int) int {
	if at < 0 || text[at] != '[' && text[at] != '{' {
		return -1
	}
	depth := 0
	for k := at; k < len(text); k++ {
		switch c := text[k]; {
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				return k + 1
			}
		case (c == '"' || c == '\'') && begins(text, k):
			if k = closesQuote(text, k); k < 0 {
				return -1
			}
		case c == '#' && strings.ContainsRune(" \t\n", rune(text[k-1])):
			next := strings.IndexByte(text[k:], '\n')
			if next < 0 {
				return -1
			}
			k += next
		}
	}
	return -1
}

// begins reports whether a quote begins a text: one within a plain text is a letter of it.
func begins(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \t\n")
	return before != "" && strings.ContainsRune("[{,:", rune(before[len(before)-1]))
}

// closesQuote returns the quote that closes the text in quotes which begins at a byte; -1 if none does.
func closesQuote(text string, at int) int {
	quote := text[at]
	for k := at + 1; k < len(text); k++ {
		switch {
		case quote == '"' && text[k] == '\\':
			k++
		case text[k] == quote && quote == '\'' && k+1 < len(text) && text[k+1] == quote:
			k++
		case text[k] == quote:
			return k
		}
	}
	return -1
}

package warehouse

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// whiteSpace is what is trimmed from the ends of a field: space, tab, line ends, the no-break spaces and other widths of space, and the two
// marks that nobody can see and every spreadsheet leaves, zero-width space and byte order mark.
const whiteSpace = " \t\n\v\f\r\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u3000\ufeff"

// Classes of characters, as RE2 and Go write them. Texts with one of the first are taken apart: it holds everything that the other two hold and
// every character that a composed text (NFC) may not hold. It leaves out what is frequent and never decomposed, from accented Latin letters
// to dashes, quotation marks and signs of currencies, for composing costs ten times what looking does.
const (
	oddClass    = `[\x{A0}\x{AD}]|[^\x{00}-\x{2FF}\x{2010}-\x{2027}\x{2030}-\x{205E}\x{20A0}-\x{20C0}\x{2116}\x{2122}]`
	hiddenClass = `[\x{AD}\x{34F}\x{61C}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}\x{E0001}\x{E0020}-\x{E007F}]`
	spaceClass  = `[\x{A0}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}]`
)

// folderText cleans a text of the folder that is compared with cleaned texts of a source, by the same rules.
type folderText struct{ hidden, space *regexp.Regexp }

func newFolderText() folderText {
	return folderText{regexp.MustCompile(hiddenClass), regexp.MustCompile(spaceClass)}
}

func (f folderText) clean(s string) string {
	s = f.space.ReplaceAllString(f.hidden.ReplaceAllString(s, ""), " ")
	return strings.Trim(norm.NFC.String(s), whiteSpace)
}

// mixed columns of text may hold more than ASCII.
func (r *reader) mixed() bool { return r.textual() && !r.ascii }

// odd is layer g: whether the text holds a character of oddClass. Counting bytes and characters is enough for ASCII, and cheap.
func (r *reader) odd() string {
	t := r.name("t")
	return fmt.Sprintf("CASE WHEN strlen(%[1]s) <> length(%[1]s) THEN regexp_matches(%[1]s, %[2]s) ELSE false END", t, quoteText(oddClass))
}

// clean is the SQL for the text as people see it: without the characters that nobody can see and those that turn the direction of writing,
// every kind of space that is not a line end as the plain one, accents composed (NFC), and nothing white at its ends. So two texts that look alike
// are alike. A text that begins with visible ASCII, ends with none of the white space and has nothing odd is left alone: comparing costs a
// tenth of trimming.
func (r *reader) clean() string {
	t := r.name("t")
	if r.ascii {
		return r.trim(t)
	}
	seen := fmt.Sprintf("regexp_replace(regexp_replace(%s, %s, '', 'g'), %s, ' ', 'g')", t, quoteText(hiddenClass), quoteText(spaceClass))
	return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s THEN %s ELSE %s END", r.name("g"), r.trimAlways("nfc_normalize("+seen+")"), r.whiteEnds(t), r.trimAlways(t), t)
}

// whiteEnds is the condition that the text x begins or ends with white space of ASCII.
func (r *reader) whiteEnds(x string) string {
	ends := []string{x + " < '!'"}
	for _, c := range whiteSpace {
		if c < 0x80 {
			ends = append(ends, fmt.Sprintf("suffix(%s, %s)", x, r.statement.text(string(c))))
		}
	}
	return strings.Join(ends, " OR ")
}

// trim is the SQL for the text x without white space at its ends, cheap where there is none. Hidden characters within stay: in a number or a date
// they are a mistake.
func (r *reader) trim(x string) string {
	ends := r.whiteEnds(x)
	if !r.ascii {
		ends += fmt.Sprintf(" OR strlen(%[1]s) <> length(%[1]s)", x)
	}
	return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", ends, r.trimAlways(x), x)
}

// trimAlways is trim for where it is rarely asked for.
func (s *statement) trimAlways(x string) string {
	return fmt.Sprintf("trim(%s, %s)", x, s.text(whiteSpace))
}

// hidden is the condition that a character was taken out of the text that nobody can see.
func (r *reader) hidden() string {
	return fmt.Sprintf("CASE WHEN %s THEN regexp_matches(%s, %s) ELSE false END", r.name("g"), r.name("t"), quoteText(hiddenClass))
}

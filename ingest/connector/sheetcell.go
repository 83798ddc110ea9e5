package connector

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/nfp"

	"citystat/kpi"
)

// texts is the table of texts of a workbook: one text after the other, and where each ends.
type texts struct {
	all  []byte
	ends []uint32
}

// text returns a text by its number.
func (t *texts) text(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return string(t.all[start:t.ends[i]]), true
}

// readTexts reads the table of texts, if there is one.
func (b *workbook) readTexts() (err error) {
	part := b.kinds["sharedStrings"]
	if !b.archive.has(part) { // then no cell may refer to it
		return nil
	}
	r, err := b.open(part, 2*maxStrings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	d := newXML(r)
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return b.damaged(part, err)
		}
		if start, ok := tok.(xml.StartElement); !ok || start.Name.Local != "si" {
			continue
		}
		text, err := richText(d)
		if err != nil {
			return b.damaged(part, err)
		}
		b.texts.all = append(b.texts.all, text...)
		b.texts.ends = append(b.texts.ends, uint32(len(b.texts.all)))
		if len(b.texts.all)+8*len(b.texts.ends) > maxStrings {
			return kpi.Errorf(kpi.CodeInvalid, "%s holds more than %s of text in its cells; deliver it as CSV", b.name, size(maxStrings))
		}
	}
}

// richText reads the text of the element that was begun: of all its runs, without the phonetic guides of East Asian texts.
func richText(d *xml.Decoder) (string, error) {
	var text strings.Builder
	within, phonetic := 0, 0
	for depth := 1; depth > 0; {
		tok, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "rPh" && phonetic == 0 {
				phonetic = depth
			}
			if t.Name.Local == "t" && within == 0 {
				within = depth
			}
		case xml.EndElement:
			if depth == within {
				within = 0
			}
			if depth == phonetic {
				phonetic = 0
			}
			depth--
		case xml.CharData:
			if within > 0 && phonetic == 0 {
				text.Write(t)
			}
		}
	}
	return unescape(text.String()), nil
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape turns what workbooks write for characters that markup cannot hold, such as _x000D_, into these characters.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(e string) string {
		n, err := strconv.ParseUint(e[2:6], 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return e
		}
		return string(rune(n))
	})
}

// shows is what a number format shows of a number.
type shows struct{ day, clock bool }

// format returns what the number format of a style shows.
func (b *workbook) format(style int) shows {
	if f, ok := b.formats[style]; ok {
		return f
	}
	var f shows
	if st, err := b.file.GetStyle(style); err == nil { // an unknown style is the general one, as in Excel
		if f = builtIn(st.NumFmt); st.CustomNumFmt != nil {
			f = custom(*st.CustomNumFmt)
		}
	}
	b.formats[style] = f
	return f
}

// builtIn returns what the formats show that have a number and no code (ECMA-376 part 1, 18.8.30).
func builtIn(id int) shows {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return shows{day: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return shows{clock: true}
	case id == 22:
		return shows{day: true, clock: true}
	}
	return shows{}
}

// custom returns what a format shows by its code. Durations, such as [h]:mm, are numbers.
func custom(code string) shows {
	var f shows
	months := false
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return f
	}
	for _, token := range sections[0].Items { // the first section is that of positive numbers
		switch word := strings.ToLower(token.TValue); {
		case token.TType == nfp.TokenTypeElapsedDateTimes:
			return shows{}
		case token.TType != nfp.TokenTypeDateTimes || word == "":
		case word[0] == 'm':
			months = true // or minutes
		case word[0] == 'h' || word[0] == 's' || word[0] == 'a' || word[0] == 'p':
			f.clock = true
		default:
			f.day = true
		}
	}
	f.day = f.day || months && !f.clock
	return f
}

// number returns a stored number in plain digits, as precise as it is stored: the shortest decimal that is the same number of 64 bits.
// Whole numbers that are written as such keep every digit.
func number(v string) string {
	if strings.Trim(v, "0123456789") == "" || v[0] == '-' && len(v) > 1 && strings.Trim(v[1:], "0123456789") == "" {
		return v
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || math.Abs(x) >= 1e21 || x != 0 && math.Abs(x) < 1e-21 {
		return v
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// between1904 is how many days the count of 1904 is behind that of 1900.
const between1904 = 1462

// moment writes a stored number as the day and the time that its format shows. full also writes midnight. What is no day that ever was
// comes as the number that it is, but for 1900-02-29, which only Excel knows.
func (b *workbook) moment(v string, f shows, full bool) string {
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(x) || x < 0 || x >= 2958466 { // 10000-01-01
		return number(v)
	}
	ms := int64(math.Round(x * 86_400_000))
	day, ms := ms/86_400_000, ms%86_400_000
	clock := time.UnixMilli(ms).UTC().Format("15:04:05.999")
	if !f.day && day == 0 {
		return clock
	}
	if b.from1904 {
		day += between1904
	}
	var date string
	switch {
	case day == 0:
		return number(v)
	case day == 60:
		date = "1900-02-29"
	case day < 60:
		date = time.Date(1899, 12, 31+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	default:
		date = time.Date(1899, 12, 30+int(day), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if ms == 0 && !full {
		return date
	}
	return date + "T" + clock
}

// serial writes a stored number as a serial day of the count of 1900.
func (b *workbook) serial(v string) string {
	if b.from1904 {
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			return strconv.FormatFloat(x+between1904, 'f', -1, 64)
		}
	}
	return number(v)
}

// otherWorkbook finds references to other workbooks in formulas: '[1]Sheet'!A1.
var otherWorkbook = regexp.MustCompile(`(^|[^A-Za-z0-9_\]])'?\[[0-9]+\]`)

package connector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystat/kpi"
)

// ReasonBadJSON is the reason for which a line of NDJSON, or a row that is no object, is set aside.
const ReasonBadJSON = "bad_json"

// What JSON may be beyond [Limits].
const (
	jsonDepth   = 64       // brackets within brackets
	jsonName    = 4 << 10  // bytes of a name
	jsonSkipped = 64 << 20 // bytes of one value that is not kept
)

// fault is what is wrong with JSON, in words without a value of the data in them. It ends the file, or sets a line of NDJSON aside.
type fault struct {
	reason, detail string
}

// Error returns the words.
func (f *fault) Error() string { return f.detail }

func faultf(format string, args ...any) error {
	return &fault{reason: ReasonBadJSON, detail: fmt.Sprintf(format, args...)}
}

// jsonReader reads JSON token by token. It refuses what RFC 7493 (I-JSON) refuses: names that are there twice, bytes that are no UTF-8 and
// halves of surrogate pairs; and what is nested deeper than jsonDepth. Its memory is bounded: no token may be longer than a field can be.
type jsonReader struct {
	dec *jsontext.Decoder
	in  *meter // nil where the text is in memory
	max int    // bytes of a field
}

func newJSONReader(r io.Reader, limits Limits) *jsonReader {
	in := &meter{r: r, most: 6*int64(limits.Field) + 1<<20} // a character may be written as \u0041
	return &jsonReader{dec: jsontext.NewDecoder(in), in: in, max: limits.Field}
}

// meter hands out bytes until too many have come since the last token.
type meter struct {
	r             io.Reader
	n, mark, most int64
}

// Read fails with a fault once a token has grown too long.
func (m *meter) Read(p []byte) (int, error) {
	if m.n-m.mark > m.most {
		return 0, faultf("a value is longer than is read; is a quote missing?")
	}
	n, err := m.r.Read(p)
	m.n += int64(n)
	return n, err
}

// token reads a token. It is good until the next one is read.
func (j *jsonReader) token() (jsontext.Token, error) {
	j.mark()
	t, err := j.dec.ReadToken()
	if err != nil {
		return t, jsonError(err)
	}
	if j.dec.StackDepth() > jsonDepth {
		return t, faultf("brackets are nested deeper than %d at byte %d; no table is", jsonDepth, j.dec.InputOffset())
	}
	return t, nil
}

// kind is the kind of the next token: one of n f t " 0 { } [ ], or 0 if there is none or it is bad.
func (j *jsonReader) kind() jsontext.Kind {
	j.mark()
	return j.dec.PeekKind()
}

// mark begins to measure the next token.
func (j *jsonReader) mark() {
	if j.in != nil {
		j.in.mark = j.dec.InputOffset()
	}
}

// open reads a bracket.
func (j *jsonReader) open(bracket jsontext.Kind) error {
	t, err := j.token()
	if err == nil && t.Kind() != bracket {
		err = faultf("%s stands where %s should at byte %d", kindWord(t.Kind()), kindWord(bracket), j.dec.InputOffset())
	}
	return err
}

func kindWord(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a text"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "the end"
}

// more reports whether the array or object that is open goes on; it reads the bracket that closes it.
func (j *jsonReader) more() (bool, error) {
	if k := j.kind(); k != '}' && k != ']' {
		return true, nil
	}
	_, err := j.token()
	return false, err
}

// name reads the name of a member.
func (j *jsonReader) name() (string, error) {
	t, err := j.token()
	if err != nil {
		return "", err
	}
	if s := t.String(); len(s) <= jsonName {
		return s, nil
	}
	return "", faultf("a name is longer than %s; no column is named so", size(jsonName))
}

// scalar reads a text, a number as it is written, true, false, or null as "".
func (j *jsonReader) scalar() (string, error) {
	t, err := j.token()
	if err != nil || t.Kind() == 'n' {
		return "", err
	}
	s := t.String()
	if len(s) > j.max {
		return "", faultf("a field is longer than %s", size(j.max))
	}
	return s, nil
}

// skip reads a value and forgets it.
func (j *jsonReader) skip() error {
	depth, start := j.dec.StackDepth(), j.dec.InputOffset()
	for {
		if _, err := j.token(); err != nil {
			return err
		}
		if j.dec.StackDepth() <= depth {
			return nil
		}
		if j.dec.InputOffset()-start > jsonSkipped {
			return faultf("the value at %s is larger than %s, and it is not one that is read", j.where(), size(jsonSkipped))
		}
	}
}

// where is the path of what was read last, without what follows a row's number.
func (j *jsonReader) where() string { return cutText(string(j.dec.StackPointer()), 80) }

// end closes what is open and makes sure that nothing follows.
func (j *jsonReader) end() error {
	for j.dec.StackDepth() > 0 {
		if more, err := j.more(); err != nil {
			return err
		} else if more {
			if err := j.skip(); err != nil {
				return err
			}
		}
	}
	j.mark()
	at := j.dec.InputOffset()
	if _, err := j.dec.ReadToken(); !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if err = jsonError(err); err != nil && !isFault(err) {
			return err
		}
		return faultf("more follows after the JSON has ended at byte %d; is it NDJSON? Then declare shape: lines", at)
	}
	return nil
}

func isFault(err error) bool {
	var f *fault
	return errors.As(err, &f)
}

// jsonError turns an error of the decoder into a fault. Those of the readers below it stay as they are.
func jsonError(err error) error {
	var told *kpi.Error
	var f *fault
	var bad *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &f):
		return f
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return faultf("the JSON ends in the middle: it was cut off, fetch it again")
	case !errors.As(err, &bad):
		return err
	case errors.Is(err, jsontext.ErrDuplicateName):
		return faultf("the name %q is there twice in one object, at byte %d", cutText(bad.JSONPointer.LastToken(), 80), bad.ByteOffset)
	}
	detail := strings.TrimPrefix(fmt.Sprint(bad.Err), "jsontext: ")
	if strings.Contains(detail, "UTF-8") {
		return &fault{reason: ReasonInvalidUTF8, detail: fmt.Sprintf("bytes that are no UTF-8 at byte %d; if the file is not UTF-8, declare its encoding (such as windows-1252)", bad.ByteOffset)}
	}
	return faultf("it is no JSON at byte %d: %s", bad.ByteOffset, cutText(unquoted(detail), 120))
}

// fatal is an error that ends a file: a fault with the file's name.
func fatal(name string, err error) error {
	var f *fault
	if errors.As(err, &f) {
		return kpi.Errorf(kpi.CodeInvalid, "%s: %s", name, f.detail)
	}
	return err
}

// sniffJSON refuses text that cannot be JSON, in words that help.
func sniffJSON(name string, head []byte) error {
	if text := bytes.TrimLeft(head, " \t\r\n"); markup(text) {
		return kpi.Errorf(kpi.CodeInvalid, "%s is an HTML or XML page and not JSON; the address may have answered with an error or a login page", name)
	}
	return sniffText(name, head)
}

// find goes to the value at a path of names, from the top. What it finds on the way in place of it is told.
func (j *jsonReader) find(path string) error {
	if path == "" {
		return nil
	}
	for name := range strings.SplitSeq(path, ".") {
		if j.kind() != '{' {
			return faultf("there is no object in which %q of the path rows: %s could be, but %s", name, path, kindWord(j.kind()))
		}
		seen, found, err := j.member(name)
		if err != nil {
			return err
		}
		if !found {
			return faultf("%q of the path rows: %s is not there; %s", name, path, seen)
		}
	}
	return nil
}

// want makes sure that the next value begins with a bracket; if it is another one, it says what stands there.
func (j *jsonReader) want(bracket jsontext.Kind, what string) error {
	k := j.kind()
	switch {
	case k == bracket:
		return nil
	case k == '{':
		seen, _, err := j.member("")
		if err != nil {
			return err
		}
		if j.dec.StackDepth() == 0 && j.kind() == '{' {
			return faultf("%s should stand here, and there is one object after the other: it is NDJSON; declare shape: lines", what)
		}
		return faultf("%s should stand here, and it is an object; %s. If the rows lie deeper, declare rows: with the path to them", what, seen)
	case k == 0:
		if _, err := j.token(); err != nil {
			return err
		}
	}
	return faultf("%s should stand here, and it is %s", what, kindWord(k))
}

// member opens an object and goes to the value of the member with a name. If there is none it has read the object, and says what it holds:
// the names, and what an error object says.
func (j *jsonReader) member(want string) (seen string, found bool, err error) {
	if err := j.open('{'); err != nil {
		return "", false, err
	}
	var names []string
	says := ""
	for {
		more, err := j.more()
		if err != nil || !more {
			return holds(names, says), false, err
		}
		name, err := j.name()
		if err != nil {
			return "", false, err
		}
		if name == want && want != "" {
			return "", true, nil
		}
		if len(names) <= 12 {
			names = append(names, cutText(name, 40))
		}
		if says == "" && j.kind() == '"' && slices.Contains(errorNames, strings.ToLower(name)) {
			says, err = j.scalar()
		} else {
			err = j.skip()
		}
		if err != nil {
			return "", false, err
		}
	}
}

// errorNames are the names under which portals say what went wrong.
var errorNames = []string{"error", "message", "error_description", "detail", "errormessage"}

func holds(names []string, says string) string {
	text := "the object is empty"
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	if len(names) > 0 {
		text = fmt.Sprintf("the object has %q", names)
	}
	if says != "" {
		text += fmt.Sprintf(" and says %q: the address may have answered with an error", cutText(says, 120))
	}
	return text
}

// unquoted takes out of the decoder's words what it quotes of the text: nobody knows of which member that is.
func unquoted(detail string) string {
	from, to := strings.IndexByte(detail, '`'), strings.LastIndexByte(detail, '`')
	if from < 0 {
		return detail
	}
	return strings.TrimSpace(detail[:from]) + detail[to+1:]
}

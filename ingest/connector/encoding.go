package connector

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"citystat/kpi"
)

// The encodings that a folder may declare. UTF-8 is the default.
const (
	utf8Name    = "utf-8"
	utf16leName = "utf-16le"
	utf16beName = "utf-16be"
	win1252Name = "windows-1252"
	latin1Name  = "iso-8859-1"
)

// marks are the byte order marks.
var marks = []struct {
	mark []byte
	name string
}{{[]byte{0xef, 0xbb, 0xbf}, utf8Name}, {[]byte{0xff, 0xfe}, utf16leName}, {[]byte{0xfe, 0xff}, utf16beName}}

// decode turns the declared encoding into UTF-8 and takes a byte order mark off. A mark that contradicts the declaration is an error,
// but for UTF-16 where nothing or the default is declared: its mark leaves no doubt. recoded tells that the text was in another encoding.
func decode(name string, body io.Reader, head []byte, declared string) (text io.Reader, start []byte, warning string, recoded bool, err error) {
	if declared == "" {
		declared = utf8Name
	}
	encoding := declared
	for _, m := range marks {
		if !bytes.HasPrefix(head, m.mark) {
			continue
		}
		if m.name != declared {
			if declared != utf8Name {
				return nil, nil, "", false, kpi.Errorf(kpi.CodeInvalid, "%s begins with the byte order mark of %s and is declared %s; declare encoding: %s", name, m.name, declared, m.name)
			}
			encoding = m.name
			warning = name + " is " + m.name + " by its byte order mark; declare encoding: " + m.name
		}
		if _, err := io.CopyN(io.Discard, body, int64(len(m.mark))); err != nil {
			return nil, nil, "", false, err
		}
		head = head[len(m.mark):]
		break
	}
	switch encoding {
	case utf8Name:
		if zeros := bytes.Count(head, []byte{0}); zeros > len(head)/4 {
			err = kpi.Errorf(kpi.CodeInvalid, "%s is full of NUL bytes and looks like UTF-16; declare encoding: utf-16le (or utf-16be)", name)
		}
	case utf16leName:
		body, head, err = peek(&utf16Reader{r: body, order: binary.LittleEndian})
	case utf16beName:
		body, head, err = peek(&utf16Reader{r: body, order: binary.BigEndian})
	case win1252Name, latin1Name:
		if looksUTF8(head) {
			err = kpi.Errorf(kpi.CodeInvalid, "%s is declared %s, and every character in it beyond ASCII is written as UTF-8 writes it; declare encoding: utf-8, or its letters would be garbled", name, encoding)
			break
		}
		letters := charmap.Windows1252
		if encoding == latin1Name {
			letters = charmap.ISO8859_1
		}
		body, head, err = peek(letters.NewDecoder().Reader(body))
	default:
		err = kpi.Errorf(kpi.CodeInvalid, "%s: encoding %q is unknown; declare utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1", name, encoding)
	}
	return body, head, warning, encoding != utf8Name, err
}

// utf16Reader turns UTF-16 into UTF-8. A surrogate without its partner, or half a character at the end, becomes a byte that is no
// UTF-8, so that the row that holds it is set aside; golang.org/x/text would put U+FFFD in its place and lose that.
type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	in    [8 << 10]byte
	n     int    // bytes in in that are not yet turned
	out   []byte // turned and not yet handed out
	keep  []byte // the array of out
	err   error
}

// Read hands out UTF-8.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 && u.err == nil {
		u.turn()
	}
	if len(u.out) == 0 {
		return 0, u.err
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) turn() {
	k, err := u.r.Read(u.in[u.n:])
	u.n += k
	u.err = err
	b, out := u.in[:u.n], u.keep[:0]
	for len(b) >= 2 {
		r := rune(u.order.Uint16(b))
		if !utf16.IsSurrogate(r) {
			out, b = utf8.AppendRune(out, r), b[2:]
			continue
		}
		if len(b) < 4 && err == nil {
			break // its partner is still to come
		}
		if len(b) >= 4 {
			if pair := utf16.DecodeRune(r, rune(u.order.Uint16(b[2:]))); pair != utf8.RuneError {
				out, b = utf8.AppendRune(out, pair), b[4:]
				continue
			}
		}
		out, b = append(out, 0xff), b[2:]
	}
	if err != nil && len(b) > 0 {
		out, b = append(out, 0xff), nil
	}
	u.n = copy(u.in[:], b)
	u.out, u.keep = out, out
}

// looksUTF8 reports whether the first bytes of a file hold characters beyond ASCII and all of them are good UTF-8. Text in an encoding of
// one byte a letter hardly ever looks like that: an accented letter would have to be followed by signs that no word has.
func looksUTF8(head []byte) bool {
	if len(head) == headSize { // it may end within a character
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
			head = head[:len(head)-1]
		}
	}
	return !ascii(head) && utf8.Valid(head)
}

package evidence

import (
	"bytes"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is kept.
const (
	MaxBytes = 8_000_000 // of a file as it comes
	MaxFiles = 20        // of a commitment; what was withdrawn does not count
	MaxName  = 80        // letters
	MaxShows = 200       // letters of what is said of it
)

// Types of what is kept.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	PDF  = "application/pdf"
	CSV  = "text/csv"
	Text = "text/plain"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	ODS  = "application/vnd.oasis.opendocument.spreadsheet"
)

// endings are how the names of the types end.
var endings = map[string]string{JPEG: ".jpg", PNG: ".png", PDF: ".pdf", CSV: ".csv", Text: ".txt", XLSX: ".xlsx", DOCX: ".docx", ODS: ".ods"}

// Ending is how a name of a file of the type ends; "" of a type that is not kept.
func Ending(kind string) string { return endings[kind] }

// Accept lists the endings of names of files that may be kept, for the field of a form.
const Accept = ".jpg,.jpeg,.png,.pdf,.csv,.xlsx,.ods,.docx,.txt"

// Problem is why a file is not kept.
type Problem string

// The problems.
const (
	Empty   Problem = "empty"
	Large   Problem = "large"   // more bytes than may be
	Kind    Problem = "kind"    // it is none of the types, whatever its name says
	Apple   Problem = "heic"    // a photo in a form that few programs read
	Macros  Problem = "macros"  // an office file with a program in it
	Locked  Problem = "locked"  // it has a password
	Damaged Problem = "damaged" // it begins like one of the types, and cannot be read
	Huge    Problem = "huge"    // a picture of too many points, or an archive that would become too large

	Many     Problem = "many"   // the commitment has as much as may be
	Twice    Problem = "twice"  // it has just this file already
	NoWords  Problem = "shows"  // nobody says what it shows, or in more letters than may be
	NoReason Problem = "reason" // it is withdrawn without a reason, or with too long a one
)

// Problems lists the problems.
var Problems = []Problem{Empty, Large, Kind, Apple, Macros, Locked, Damaged, Huge, Many, Twice, NoWords, NoReason}

// Error says what is wrong, for a log.
func (p Problem) Error() string { return "evidence: " + string(p) }

// File is what is kept.
type File struct {
	Name          string // with the ending of its type
	Type          string
	Data          []byte
	Width, Height int // of a picture
}

// Picture reports whether it can be shown on a page.
func (f *File) Picture() bool { return f.Type == JPEG || f.Type == PNG }

// Clean finds out what a file is, and returns it as it is kept. It fails with a [Problem].
func Clean(name string, data []byte) (File, error) {
	switch {
	case len(data) == 0:
		return File{}, Empty
	case len(data) > MaxBytes:
		return File{}, Large
	}
	f := File{Type: typeOf(name, data), Data: data}
	var err error
	switch f.Type {
	case JPEG, PNG:
		err = f.redraw()
	case PDF:
		err = checkPDF(data)
	case zipped:
		f.Type, err = checkOffice(data)
	case heic:
		err = Apple
	case "":
		err = Kind
	}
	if err != nil {
		return File{}, err
	}
	f.Name = Name(name, f.Type)
	return f, nil
}

// What a file may be at first sight, beside what is kept.
const (
	zipped = "zip"
	heic   = "heic"
)

// typeOf is what a file is by its first bytes; of a text its name says whether it is a table. It is "" of all that is not kept.
func typeOf(name string, data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return PDF
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return zipped
	case isApple(data):
		return heic
	case !isText(data):
		return ""
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		return CSV
	case ".txt":
		return Text
	}
	return ""
}

// isApple reports whether a file is a photo as new telephones keep it.
func isApple(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	switch string(data[8:12]) {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// isText reports whether a file is lines of text: no byte is one that no text has, and it is not the code of a page or a drawing, which a browser might run.
func isText(data []byte) bool {
	for _, b := range data {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' || b == 0x7f {
			return false
		}
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(start) > 0 && start[0] != '<'
}

// checkPDF looks whether a file is whole: its end says where its parts are.
func checkPDF(data []byte) error {
	if end := data[max(0, len(data)-2048):]; !bytes.Contains(end, []byte("%%EOF")) || !bytes.Contains(end, []byte("startxref")) {
		return Damaged
	}
	return nil
}

// Name makes the name of a file fit to be shown and to be saved under: one name, of letters that can be seen, with the ending of its type.
func Name(name, kind string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(`<>:"|?*/;%`+"`", c): // that some system does not take in a name
			return '-'
		case c == ' ' || unicode.IsGraphic(c) && !unicode.Is(unicode.Cf, c) && !unicode.IsSpace(c):
			return c
		}
		return -1
	}, name)
	name = strings.TrimRight(strings.TrimSuffix(name, path.Ext(name)), ". ")
	name = strings.TrimLeft(name, ".- ")
	if n := MaxName - len(endings[kind]); utf8.RuneCountInString(name) > n {
		name = strings.TrimRight(string([]rune(name)[:n]), ". ")
	}
	if name == "" {
		name = "file"
	}
	return name + endings[kind]
}

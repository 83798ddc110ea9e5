package suggest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"

	"citystat/kpi"
)

// looked is what a file seems to be.
type looked struct {
	folder fs.FS
	name   string
	source kpi.Source // Path is the file itself
	head   []byte     // the first bytes, decompressed
	whole  bool       // head is all there is
	zipped bool       // it is a file of an archive
	unsure []string   // comments on the source
}

// look finds out what a file is by its first bytes, whatever its name says.
func look(folder fs.FS, name string) (l *looked, err error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: name + " cannot be opened", Err: err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is no regular file", name)
	}
	if strings.ContainsAny(name, `*?[\`) {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: the name holds one of * ? [ \\, which mean more than one file in a city folder; rename it first", name)
	}
	l = &looked{folder: folder, name: name, source: kpi.Source{Path: name}}
	if l.head, l.whole, err = firstBytes(f); err != nil {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is damaged or cut short: it cannot be decompressed; fetch it again", name)
	}
	if len(l.head) == 0 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is empty", name)
	}
	if bytes.HasPrefix(l.head, []byte("PK\x03\x04")) {
		if err := l.archive(f, st.Size()); err != nil || l.source.Kind == kpi.SourceXLSX {
			return l, err
		}
	}
	return l, l.kind()
}

func cannot(name string, err error) error {
	return &kpi.Error{Code: kpi.CodeInvalid, Message: name + " cannot be read", Err: err}
}

// unpack decompresses gzip, by its first bytes.
func unpack(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	if magic, err := in.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return in, nil //nolint:nilerr // a file of one byte has no magic; whoever reads on meets the error again
	}
	return gzip.NewReader(in)
}

// firstBytes reads the head of a file, decompressed.
func firstBytes(r io.Reader) (head []byte, whole bool, err error) {
	if r, err = unpack(r); err != nil {
		return nil, false, err
	}
	head, err = io.ReadAll(io.LimitReader(r, maxHead))
	return head, len(head) < maxHead, err
}

// archive looks into a ZIP archive: a workbook is one too.
func (l *looked) archive(f fs.File, size int64) error {
	at, ok := f.(io.ReaderAt)
	if !ok {
		return kpi.Errorf(kpi.CodeInvalid, "%s: an archive is looked at in a directory only", l.name)
	}
	l.zipped = true
	z, err := zip.NewReader(at, size)
	if err != nil {
		return kpi.Errorf(kpi.CodeInvalid, "%s is damaged or cut short: it is no whole ZIP archive; fetch it again", l.name)
	}
	if len(z.File) > 10_000 {
		return kpi.Errorf(kpi.CodeInvalid, "%s holds %d files; that is no table", l.name, len(z.File))
	}
	var members []*zip.File
	for _, m := range z.File {
		if m.Name == "xl/workbook.xml" {
			return l.workbook(m)
		}
		if base := path.Base(m.Name); !m.FileInfo().IsDir() && !strings.HasPrefix(base, ".") && !strings.HasPrefix(m.Name, "__MACOSX/") {
			members = append(members, m)
		}
	}
	if len(members) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s holds no file", l.name)
	}
	return l.member(members)
}

// member goes on with the first file of an archive.
func (l *looked) member(members []*zip.File) error {
	m := members[0]
	if strings.ContainsAny(m.Name, `*?[\`) || strings.HasPrefix(m.Name, "/") || strings.Contains(m.Name, "..") {
		return kpi.Errorf(kpi.CodeInvalid, "%s holds a file whose name leads elsewhere or means more than one file; unpack it and look at the files", l.name)
	}
	if len(members) > 1 {
		l.source.Member = m.Name
		l.unsure = append(l.unsure, fmt.Sprintf("the archive holds %d files; this block is of %s", len(members), quoted(m.Name)))
	}
	r, err := m.Open()
	if err != nil {
		return cannot(l.name, err)
	}
	l.head, l.whole, err = firstBytes(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return cannot(l.name, err)
	}
	return nil
}

// workbook chooses a sheet: the first that is not hidden.
func (l *looked) workbook(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return cannot(l.name, err)
	}
	var book struct {
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
		} `xml:"sheets>sheet"`
	}
	err = xml.NewDecoder(io.LimitReader(r, maxHead)).Decode(&book)
	if err = errors.Join(err, r.Close()); err != nil {
		return kpi.Errorf(kpi.CodeInvalid, "%s is damaged: its list of sheets cannot be read", l.name)
	}
	l.source.Kind = kpi.SourceXLSX
	var shown, hidden []string
	for _, s := range book.Sheets {
		if s.State == "" || s.State == "visible" {
			shown = append(shown, s.Name)
		} else {
			hidden = append(hidden, s.Name)
		}
	}
	if len(shown) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s has no sheet that is not hidden", l.name)
	}
	l.source.Sheet = shown[0]
	if len(shown) > 1 {
		l.unsure = append(l.unsure, "the workbook has the sheets "+list(shown)+"; this block is of the first")
	}
	if len(hidden) > 0 {
		l.unsure = append(l.unsure, "the workbook hides the sheets "+list(hidden))
	}
	return nil
}

// kind finds out what a file that is no workbook holds.
func (l *looked) kind() error {
	text := bytes.TrimLeft(bytes.TrimPrefix(l.head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(l.head, []byte("PAR1")):
		l.source.Kind = kpi.SourceParquet
		return nil
	case bytes.HasPrefix(l.head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return kpi.Errorf(kpi.CodeInvalid, "%s is an old Excel workbook, or one that is protected by a password; save it as .xlsx, without a password", l.name)
	case len(text) == 0:
		return kpi.Errorf(kpi.CodeInvalid, "%s holds nothing but blank lines", l.name)
	case text[0] == '{' || text[0] == '[':
		return l.json()
	}
	l.source.Kind = kpi.SourceCSV
	return l.text()
}

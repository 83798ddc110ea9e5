package connector

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// Bounds of a workbook, beside Limits. They are far above what a spreadsheet program can show.
const (
	maxParts    = 32 << 20  // bytes of the parts that describe a workbook: its sheets and formats
	maxStrings  = 128 << 20 // bytes of its table of texts
	maxSheetRow = 1 << 20   // rows of a sheet, as Excel has
	maxSheetCol = 1 << 14   // columns
)

// workbook is an open workbook of which the rows are not read yet.
type workbook struct {
	archive  *archive
	limits   Limits
	name     string
	part     string            // of the archive: the workbook itself
	targets  map[string]string // parts by the id that the workbook refers to them with
	kinds    map[string]string // parts by the last word of their kind
	file     *excelize.File    // knows the sheets and formats, and no row
	from1904 bool
	texts    texts
	formats  map[int]shows // what number formats show, by the index of the style
}

// openWorkbook opens the workbook that a source holds.
func openWorkbook(src *source, limits Limits, dir string) (*workbook, error) {
	if err := sniffWorkbook(src.name, src.head); err != nil {
		return nil, err
	}
	a, err := openArchive(src.item, limits, dir)
	if err != nil {
		return nil, err
	}
	b := &workbook{archive: a, limits: limits, name: src.name, formats: map[int]shows{}}
	if err := b.describe(); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// sniffWorkbook refuses what is no workbook, by its first bytes.
func sniffWorkbook(name string, head []byte) error {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return kpi.Errorf(kpi.CodeInvalid, "%s is an old Excel workbook (.xls) or one that is protected with a password; save it as .xlsx, without a password", name)
	}
	if err := sniffContainer(name, head, kpi.SourceXLSX); err != nil {
		return err
	}
	if err := sniffText(name, head); err != nil {
		return err
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s is no Excel workbook (.xlsx), whatever its name says; deliver one, or declare what it is", name)
}

func (b *workbook) close() error {
	var err error
	if b.file != nil {
		err = b.file.Close()
	}
	return errors.Join(err, b.archive.close())
}

// damaged says that a part cannot be read.
func (b *workbook) damaged(part string, err error) error {
	var told *kpi.Error
	if errors.As(err, &told) {
		return err
	}
	return &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("%s is damaged: its part %s cannot be read; open it in a spreadsheet and save it anew", b.name, part), Err: err}
}

// describe finds out what sheets and formats there are.
func (b *workbook) describe() error {
	root, _, err := b.relations("_rels/.rels", "")
	if err != nil {
		return err
	}
	b.part = root["officeDocument"]
	if !b.archive.has(b.part) || !strings.HasSuffix(b.part, ".xml") {
		return kpi.Errorf(kpi.CodeInvalid, "%s is a ZIP archive or another document and no Excel workbook (.xlsx); save it as .xlsx", b.name)
	}
	dir, base := path.Split(b.part)
	if b.kinds, b.targets, err = b.relations(dir+"_rels/"+base+".rels", dir); err != nil {
		return err
	}
	slim, err := b.slim(dir + "_rels/" + base + ".rels")
	if err != nil {
		return err
	}
	if b.file, err = excelize.OpenReader(slim, excelize.Options{UnzipSizeLimit: maxParts, UnzipXMLSizeLimit: maxParts}); err != nil {
		return b.damaged(b.part, err)
	}
	props, err := b.file.GetWorkbookProps()
	if err != nil {
		return b.damaged(b.part, err)
	}
	b.from1904 = props.Date1904 != nil && *props.Date1904
	return nil
}

// relations reads which parts belong to another one: by the last word of their kind, and by id.
func (b *workbook) relations(part, dir string) (kinds, ids map[string]string, err error) {
	kinds, ids = map[string]string{}, map[string]string{}
	if !b.archive.has(part) {
		return kinds, ids, nil
	}
	var list struct {
		Relationship []struct {
			ID         string `xml:"Id,attr"`
			Type       string `xml:"Type,attr"`
			Target     string `xml:"Target,attr"`
			TargetMode string `xml:"TargetMode,attr"`
		}
	}
	r, err := b.open(part, maxParts)
	if err != nil {
		return nil, nil, err
	}
	if err = errors.Join(newXML(r).Decode(&list), r.Close()); err != nil {
		return nil, nil, b.damaged(part, err)
	}
	for _, rel := range list.Relationship {
		target := strings.TrimPrefix(rel.Target, "/")
		if target == rel.Target {
			target = path.Join(dir, target)
		}
		if rel.TargetMode != "External" {
			kinds[path.Base(rel.Type)], ids[rel.ID] = target, target
		}
	}
	return kinds, ids, nil
}

// slim returns the workbook without its rows and texts.
func (b *workbook) slim(relations string) (io.Reader, error) {
	names := map[string]string{"[Content_Types].xml": "", "_rels/.rels": "", b.part: "", relations: "", b.kinds["styles"]: "xl/styles.xml"}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range b.archive.members {
		as, wanted := names[f.Name]
		if !wanted {
			continue
		}
		if f.CompressedSize64 > maxParts || f.UncompressedSize64 > maxParts {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s: its part %s is larger than %s; remove formats that nobody uses", b.name, f.Name, size(maxParts))
		}
		if err := copyPart(w, f, as); err != nil {
			return nil, b.damaged(f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &out, nil
}

// copyPart copies a part as it is, under another name if one is given.
func copyPart(w *zip.Writer, f *zip.File, as string) error {
	if as == "" {
		return w.Copy(f)
	}
	head := f.FileHeader
	head.Name = as
	from, err := f.OpenRaw()
	if err != nil {
		return err
	}
	to, err := w.CreateRaw(&head)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}

// open opens a part for reading, up to a number of bytes.
func (b *workbook) open(part string, most int64) (io.ReadCloser, error) {
	for _, f := range b.archive.members {
		if f.Name != part {
			continue
		}
		if f.UncompressedSize64 > uint64(b.limits.RatioFrom) && f.UncompressedSize64/uint64(b.limits.Ratio) > f.CompressedSize64 {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s: its part %s grows to more than %d times its size when it is decompressed; that is no table of a city", b.name, part, b.limits.Ratio)
		}
		m, err := b.archive.member(f)
		if err != nil {
			return nil, err
		}
		name := b.name + "/" + part
		return struct {
			io.Reader
			io.Closer
		}{&longText{r: &bounded{r: m, name: name, left: most, max: most}, name: name, max: b.limits.Record}, m}, nil
	}
	return nil, kpi.Errorf(kpi.CodeInvalid, "%s is damaged: its part %s is missing; open it in a spreadsheet and save it anew", b.name, part)
}

// longText stops markup that holds a longer text than a row may have, before a parser gathers it in memory.
type longText struct {
	r    io.Reader
	name string
	max  int
	run  int // bytes since the last mark
}

// Read reads from the reader below.
func (l *longText) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if i := bytes.LastIndexByte(p[:n], '<'); i >= 0 {
		l.run = n - i
	} else if l.run += n; l.run > l.max {
		return 0, kpi.Errorf(kpi.CodeInvalid, "%s holds a text that is longer than %s", l.name, size(l.max))
	}
	return n, err
}

// sheet opens the declared sheet; the only one that is not hidden if none is declared.
func (b *workbook) sheet(from *kpi.Source, limits Limits) (*sheet, error) {
	if b.file.WorkBook == nil {
		return nil, b.damaged(b.part, errors.New("it has no sheets"))
	}
	s := &sheet{book: b, from: from, limits: limits}
	var names []string
	found := 0
	for _, sh := range b.file.WorkBook.Sheets.Sheet {
		hidden := sh.State != "" && sh.State != "visible"
		label := fmt.Sprintf("%q", sh.Name)
		if hidden {
			label += " (hidden)"
		}
		names = append(names, label)
		if from.Sheet == sh.Name || from.Sheet == "" && !hidden {
			s.name, s.part, s.hiddenSheet = fmt.Sprintf("%s sheet %q", b.name, sh.Name), b.targets[sh.ID], hidden
			found++
		}
	}
	switch {
	case len(names) == 0:
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds no sheet; the last good data stay", b.name)
	case found == 0 && from.Sheet != "":
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s has no sheet %q; it has %s", b.name, from.Sheet, strings.Join(names, ", "))
	case found != 1:
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s has the sheets %s; declare under source: which one is meant, such as sheet: %s", b.name, strings.Join(names, ", "), strings.TrimSuffix(names[0], " (hidden)"))
	}
	if err := b.readTexts(); err != nil {
		return nil, err
	}
	return s, s.open()
}

// newXML reads markup strictly: entities that it does not declare itself and other encodings than UTF-8 are errors.
func newXML(r io.Reader) *xml.Decoder { return xml.NewDecoder(r) }

package connector

import (
	"bytes"

	"citystat/kpi"
)

// containers are what is delivered under the name of a table by mistake, by their first bytes.
var containers = []struct{ magic, what string }{
	{"PK\x03\x04", "a ZIP archive within another file"},
	{"PK\x05\x06", "an empty ZIP archive within another file"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook or a protected Office file"},
	{"PAR1", "a Parquet file"},
	{"%PDF-", "a PDF document"},
	{"\x1f\x8b", "gzip within gzip"},
	{"BZh", "compressed with bzip2"},
	{"\xfd7zXZ\x00", "compressed with xz"},
	{"\x28\xb5\x2f\xfd", "compressed with Zstandard"},
	{"SQLite format 3\x00", "an SQLite database"},
}

// kindName names a kind of source for people.
func kindName(kind kpi.SourceKind) string {
	switch kind {
	case kpi.SourceJSON:
		return "JSON"
	case kpi.SourceGeoJSON:
		return "GeoJSON"
	case kpi.SourceOCDS:
		return "JSON of Open Contracting"
	case kpi.SourceParquet:
		return "Parquet"
	}
	return "CSV"
}

// sniffContainer refuses what is no text at all where a kind of text is declared.
func sniffContainer(name string, head []byte, declared kpi.SourceKind) error {
	for _, c := range containers {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			if declared == kpi.SourceXLSX {
				return kpi.Errorf(kpi.CodeInvalid, "%s is %s and no Excel workbook; deliver it as .xlsx, or declare what it is", name, c.what)
			}
			return kpi.Errorf(kpi.CodeInvalid, "%s is %s and not %s; deliver %[3]s, plain, as .gz or in a .zip", name, c.what, kindName(declared))
		}
	}
	return nil
}

// sniffCSV refuses text that is no table.
func sniffCSV(name string, head []byte) error {
	if err := sniffText(name, head); err != nil {
		return err
	}
	if text := bytes.TrimLeft(head, " \t\r\n"); len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		return kpi.Errorf(kpi.CodeInvalid, "%s is JSON and not CSV; the address may have answered with an error", name)
	}
	return nil
}

// sniffText refuses text that is no data at all: what a portal says in place of it, and what version control leaves behind.
func sniffText(name string, head []byte) error {
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(bytes.TrimRight(text, "\x1a")) == 0 && len(head) < headSize:
		return kpi.Errorf(kpi.CodeInvalid, "%s holds nothing but blank lines; the last good data stay", name)
	case bytes.HasPrefix(text, []byte("version https://git-lfs.github.com/spec/")):
		return kpi.Errorf(kpi.CodeInvalid, "%s is a Git LFS pointer and not the file it points to; fetch it with git lfs pull", name)
	case conflictMarker(text):
		return kpi.Errorf(kpi.CodeInvalid, "%s holds the marks of a merge conflict; resolve it first", name)
	case markup(text):
		return kpi.Errorf(kpi.CodeInvalid, "%s is an HTML or XML page and holds no data; the address may have answered with an error or a login page", name)
	}
	return nil
}

// markup reports whether text begins as HTML and XML do.
func markup(text []byte) bool {
	if len(text) < 2 || text[0] != '<' {
		return false
	}
	c := text[1] | 0x20
	return c >= 'a' && c <= 'z' || text[1] == '!' || text[1] == '?'
}

// conflictMarker reports whether a line is one that git writes into a file with a conflict.
func conflictMarker(line []byte) bool {
	if len(line) < 7 {
		return false
	}
	switch line[0] {
	case '<':
		return bytes.HasPrefix(line, []byte("<<<<<<< "))
	case '>':
		return bytes.HasPrefix(line, []byte(">>>>>>> "))
	case '=':
		return bytes.Equal(line, []byte("======="))
	}
	return false
}

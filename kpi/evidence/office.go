package evidence

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// Limits of an office file, which is an archive of parts.
const (
	maxParts    = 2_000
	maxUnpacked = 100_000_000 // bytes of all its parts
	maxTypes    = 1_000_000   // bytes of the part that says what the others are
)

// checkOffice finds out which office file an archive is. Each part is unpacked to nothing, so that what cannot be unpacked, or becomes too large, is found here and
// not on the computer of whoever opens it.
func checkOffice(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) && len(data) > 6 && data[6]&1 != 0 {
		return "", Locked
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	switch {
	case err != nil:
		return "", Damaged
	case len(z.File) > maxParts:
		return "", Huge
	}
	kind := ""
	left := int64(maxUnpacked)
	seen := map[string]bool{}
	for _, part := range z.File {
		switch {
		case seen[part.Name] || strings.Contains(part.Name, "..") || strings.HasPrefix(part.Name, "/"):
			return "", Damaged // two readers would read two files
		case part.Flags&1 != 0:
			return "", Locked
		case isProgram(part.Name):
			return "", Macros
		}
		seen[part.Name] = true
		head, n, err := unpack(part, left)
		if err != nil {
			return "", err
		}
		left -= n
		switch part.Name {
		case "[Content_Types].xml":
			if bytes.Contains(bytes.ToLower(head), []byte("macroenabled")) || bytes.Contains(bytes.ToLower(head), []byte("vbaproject")) {
				return "", Macros
			}
		case "mimetype":
			kind = strings.TrimSpace(string(head))
		case "META-INF/manifest.xml":
			if bytes.Contains(head, []byte("encryption-data")) {
				return "", Locked
			}
		}
	}
	switch {
	case kind == ODS && seen["content.xml"]:
		return ODS, nil
	case kind != "":
		return "", Kind
	case seen["[Content_Types].xml"] && seen["xl/workbook.xml"]:
		return XLSX, nil
	case seen["[Content_Types].xml"] && seen["word/document.xml"]:
		return DOCX, nil
	}
	return "", Kind
}

// isProgram reports whether a part of an office file is one that runs when it is opened.
func isProgram(name string) bool {
	name = strings.ToLower(name)
	for _, dir := range []string{"basic/", "scripts/", "xl/macrosheets/"} {
		if strings.HasPrefix(name, dir) && !strings.HasSuffix(name, "/") {
			return true
		}
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	return slices.Contains([]string{"vbaproject.bin", "vbadata.xml"}, base) || strings.Contains(name, "/activex/")
}

// unpack unpacks a part to nothing but its beginning, and says how many bytes it has.
func unpack(part *zip.File, left int64) (head []byte, n int64, err error) {
	r, err := part.Open()
	if err != nil {
		return nil, 0, Damaged
	}
	defer func() {
		if e := r.Close(); e != nil && err == nil {
			err = Damaged
		}
	}()
	var b bytes.Buffer
	n, err = io.Copy(&b, io.LimitReader(r, min(left+1, maxTypes)))
	if err == nil && n == maxTypes {
		var more int64
		more, err = io.Copy(io.Discard, io.LimitReader(r, left+1-n))
		n += more
	}
	switch {
	case n > left:
		return nil, n, Huge
	case err != nil && !errors.Is(err, io.EOF):
		return nil, n, Damaged
	}
	return b.Bytes(), n, nil
}

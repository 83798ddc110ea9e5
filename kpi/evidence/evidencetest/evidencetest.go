// Package evidencetest makes files for tests of what people send as evidence: a photo as a telephone takes it, with all that it tells beside its points, and
// office files.
package evidencetest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// Marks are what a photo of [Photo] tells beside its points. None of it may be left.
var Marks = []string{
	"Exif\x00\x00", "HARBOR-CAMERA", "2026:03:20 08:15:00", "MAKER-NOTE-OF-SOMEBODY", "http://ns.adobe.com/xap/1.0/", "xmp-person-in-the-photo", "JPEG-COMMENT", "ICC_PROFILE", "behind-the-end",
	"GPS-AREA-OF-THE-QUAY",
}

// Coordinates are where it was taken, as EXIF writes them: 4° 35′ 56″.
var Coordinates = rationals(4, 35, 56)

func rationals(list ...uint32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, n), 1)
	}
	return b
}

// Corners is a picture whose upper left corner is red, upper right green, lower left blue and lower right white.
func Corners(width, height int) *image.RGBA {
	im := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := []color.RGBA{{R: 220, A: 255}, {G: 200, A: 255}, {B: 220, A: 255}, {R: 255, G: 255, B: 255, A: 255}}[2*(2*y/height)+2*x/width]
			im.SetRGBA(x, y, c)
		}
	}
	return im
}

// Photo is a JPEG of [Corners] that lies in its file as orientation says (1 to 8; 0: nothing says so), with [Marks], [Coordinates], and a preview.
func Photo(width, height, orientation int) []byte {
	var plain, preview bytes.Buffer
	for _, p := range []struct {
		b             *bytes.Buffer
		width, height int
	}{{&plain, width, height}, {&preview, 16, 16}} {
		if err := jpeg.Encode(p.b, Corners(p.width, p.height), &jpeg.Options{Quality: 92}); err != nil {
			panic(err)
		}
	}
	b := []byte("\xff\xd8")
	b = append(b, segment(0xe1, append([]byte("Exif\x00\x00"), Exif(orientation, preview.Bytes())...))...)
	b = append(b, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>xmp-person-in-the-photo</x:xmpmeta>"))...)
	b = append(b, segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01 profile"))...)
	b = append(b, segment(0xfe, []byte("JPEG-COMMENT"))...)
	b = append(b, plain.Bytes()[2:]...)
	return append(b, "behind-the-end <script>alert(1)</script>"...)
}

func segment(marker byte, body []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)) //nolint:gosec // the bodies here are short
	return append(b, body...)
}

// Exif is a block of EXIF by hand: make, orientation, date, where the photo was taken, a note of the camera's maker, and a preview.
func Exif(orientation int, preview []byte) []byte {
	type field struct {
		tag, kind uint16
		count     uint32
		value     []byte // of more than four bytes it stands behind the fields
	}
	text := func(tag uint16, s string) field { return field{tag, 2, uint32(len(s) + 1), append([]byte(s), 0)} } //nolint:gosec // short
	short := func(tag, n uint16) field { return field{tag, 3, 1, binary.BigEndian.AppendUint16(nil, n)} }
	long := func(tag uint16, n int) field { return field{tag, 4, 1, binary.BigEndian.AppendUint32(nil, uint32(n))} } //nolint:gosec // short
	write := func(at int, fields []field, next int) []byte {
		b := binary.BigEndian.AppendUint16(nil, uint16(len(fields))) //nolint:gosec // few
		var behind []byte
		data := at + 2 + 12*len(fields) + 4
		for _, f := range fields {
			b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, f.tag), f.kind)
			b = binary.BigEndian.AppendUint32(b, f.count)
			if len(f.value) <= 4 {
				b = append(b, append(f.value, make([]byte, 4-len(f.value))...)...)
				continue
			}
			b = binary.BigEndian.AppendUint32(b, uint32(data+len(behind))) //nolint:gosec // short
			behind = append(behind, f.value...)
		}
		b = binary.BigEndian.AppendUint32(b, uint32(next)) //nolint:gosec // short
		return append(b, behind...)
	}
	gps := func(at int) []byte {
		return write(at, []field{text(1, "N"), {2, 5, 3, Coordinates}, text(3, "W"), {4, 5, 3, rationals(74, 4, 52)}, text(28, "GPS-AREA-OF-THE-QUAY")}, 0)
	}
	first := func(gpsAt, previewAt int) []byte {
		fields := []field{text(0x010f, "HARBOR-CAMERA")}
		if orientation != 0 {
			fields = append(fields, short(0x0112, uint16(orientation))) //nolint:gosec // 1 to 8
		}
		return write(8, append(fields, text(0x0132, "2026:03:20 08:15:00"), long(0x8825, gpsAt), text(0x927c, "MAKER-NOTE-OF-SOMEBODY")), previewAt)
	}
	gpsAt := 8 + len(first(0, 0))
	previewAt := gpsAt + len(gps(gpsAt))
	second := func(at int) []byte { return write(previewAt, []field{long(0x0201, at), long(0x0202, len(preview))}, 0) }
	b := append([]byte("MM\x00*\x00\x00\x00\x08"), first(gpsAt, previewAt)...)
	b = append(b, gps(gpsAt)...)
	b = append(b, second(previewAt+len(second(0)))...)
	return append(b, preview...)
}

// Screenshot is a PNG of [Corners].
func Screenshot(width, height int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, Corners(width, height)); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Archive is a ZIP archive of parts: names and contents in turn. What holds the MIME type of an OpenDocument comes first and is not compressed.
func Archive(parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		h := &zip.FileHeader{Name: parts[i], Method: zip.Deflate}
		if parts[i] == "mimetype" {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// PDF is a small one.
func PDF() []byte {
	return []byte("%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj\ntrailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
}

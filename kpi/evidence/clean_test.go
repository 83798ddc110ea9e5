package evidence_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"citystat/kpi/evidence"
	"citystat/kpi/evidence/evidencetest"
)

const (
	types   = `<?xml version="1.0"?><Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`
	sealed  = `<?xml version="1.0"?><Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`
	odsType = "application/vnd.oasis.opendocument.spreadsheet"
)

// leavesNothing reports what a picture still tells of what stood beside its points.
func leavesNothing(t *testing.T, what string, data []byte) {
	t.Helper()
	for _, mark := range append(evidencetest.Marks, string(evidencetest.Coordinates)) {
		if bytes.Contains(data, []byte(mark)) {
			t.Errorf("%s still holds %q", what, mark)
		}
	}
	for i := 2; i+4 <= len(data) && data[0] == 0xff && data[i] == 0xff && data[i+1] != 0xda; { // the segments of a JPEG up to its points
		if marker := data[i+1]; marker >= 0xe0 && marker <= 0xef || marker == 0xfe {
			t.Errorf("%s has a segment %x of a camera or a program", what, marker)
		}
		i += 2 + int(binary.BigEndian.Uint16(data[i+2:]))
	}
}

// TestAPhotoTellsNothingButItsPoints sends a photo as each telephone may lay it, with the place where it was taken, and looks whether it stands upright and whether
// anything but its points is left.
func TestAPhotoTellsNothingButItsPoints(t *testing.T) {
	red, green, blue, white := [3]int{220, 0, 0}, [3]int{0, 200, 0}, [3]int{0, 0, 220}, [3]int{255, 255, 255}
	for how, want := range map[int][4][3]int{ // upper left, upper right, lower left, lower right, as whoever took it saw them
		0: {red, green, blue, white}, 1: {red, green, blue, white}, 2: {green, red, white, blue}, 3: {white, blue, green, red}, 4: {blue, white, red, green},
		5: {red, blue, green, white}, 6: {blue, red, white, green}, 7: {white, green, blue, red}, 8: {green, white, red, blue}, 9: {red, green, blue, white},
	} {
		photo := evidencetest.Photo(320, 200, how)
		for _, mark := range append(evidencetest.Marks, string(evidencetest.Coordinates)) {
			if !bytes.Contains(photo, []byte(mark)) {
				t.Fatalf("the photo does not hold %q: the test shows nothing", mark)
			}
		}
		f, err := evidence.Clean("IMG_0001.JPG", photo)
		if err != nil {
			t.Fatal(err)
		}
		leavesNothing(t, "a photo", f.Data)
		im, err := jpeg.Decode(bytes.NewReader(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		size := image.Pt(320, 200)
		if how >= 5 && how <= 8 {
			size = image.Pt(200, 320)
		}
		if im.Bounds().Size() != size || f.Width != size.X || f.Height != size.Y || f.Name != "IMG_0001.jpg" || f.Type != evidence.JPEG || !f.Picture() {
			t.Errorf("orientation %d: %v, %s %s", how, im.Bounds(), f.Name, f.Type)
		}
		for i, c := range want {
			at := image.Pt(size.X/4+i%2*size.X/2, size.Y/4+i/2*size.Y/2)
			if got := color.RGBAModel.Convert(im.At(at.X, at.Y)).(color.RGBA); !near(got, c) {
				t.Errorf("orientation %d: at %v is %v, want %v", how, at, got, c)
			}
		}
	}
}

func near(c color.RGBA, want [3]int) bool {
	for i, v := range []uint8{c.R, c.G, c.B} {
		if d := int(v) - want[i]; d > 24 || d < -24 {
			return false
		}
	}
	return true
}

// chunk is a part of a PNG.
func chunk(kind, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, kind+body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body)))
}

// withChunks puts parts behind the first one of a PNG, which says how large it is.
func withChunks(data []byte, parts ...[]byte) []byte {
	const first = 8 + 12 + 13
	return append(append(bytes.Clone(data[:first]), bytes.Join(parts, nil)...), data[first:]...)
}

func TestAScreenshotTellsNothingButItsPoints(t *testing.T) {
	shot := withChunks(evidencetest.Screenshot(320, 200), chunk("eXIf", string(evidencetest.Exif(6, nil))), chunk("tEXt", "Author\x00xmp-person-in-the-photo"))
	f, err := evidence.Clean("shot.png", append(shot, "behind-the-end"...))
	if err != nil {
		t.Fatal(err)
	}
	leavesNothing(t, "a screenshot", f.Data)
	im, err := png.Decode(bytes.NewReader(f.Data))
	if err != nil || im.Bounds().Size() != image.Pt(200, 320) || f.Type != evidence.PNG {
		t.Fatalf("%v, %v", im, err)
	}
	if got := color.RGBAModel.Convert(im.At(20, 20)).(color.RGBA); !near(got, [3]int{0, 0, 220}) {
		t.Errorf("not turned: %v", got)
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 10, 10)) // what one can see through stays so
	var b bytes.Buffer
	if err := png.Encode(&b, glass); err != nil {
		t.Fatal(err)
	}
	f, err = evidence.Clean("glass.png", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if im, err = png.Decode(bytes.NewReader(f.Data)); err != nil {
		t.Fatal(err)
	}
	if _, _, _, alpha := im.At(5, 5).RGBA(); alpha != 0 {
		t.Errorf("alpha %d", alpha)
	}
}

// TestLargePicturesShrink: the longer side is bounded, and what is seen stays what it was.
func TestLargePicturesShrink(t *testing.T) {
	for _, c := range []struct{ w, h, wide, high int }{{3000, 1000, 2400, 800}, {1000, 3001, 799, 2400}, {2400, 2400, 2400, 2400}, {9000, 2, 2400, 1}, {1, 1, 1, 1}} {
		f, err := evidence.Clean("a.png", evidencetest.Screenshot(c.w, c.h))
		if err != nil {
			t.Fatal(err)
		}
		im, err := png.Decode(bytes.NewReader(f.Data))
		if err != nil || im.Bounds().Dx() != c.wide || im.Bounds().Dy() != c.high || f.Width != c.wide || f.Height != c.high {
			t.Errorf("%d × %d became %v, %v", c.w, c.h, im.Bounds(), err)
			continue
		}
		if c.high < 10 {
			continue
		}
		for i, want := range [][3]int{{220, 0, 0}, {0, 200, 0}, {0, 0, 220}, {255, 255, 255}} {
			if got := color.RGBAModel.Convert(im.At(c.wide/4+i%2*c.wide/2, c.high/4+i/2*c.high/2)).(color.RGBA); !near(got, want) {
				t.Errorf("%d × %d: %v, want %v", c.w, c.h, got, want)
			}
		}
	}
}

// TestWhatIsKept says of each file by hand what becomes of it.
func TestWhatIsKept(t *testing.T) {
	shot, photo := evidencetest.Screenshot(40, 30), evidencetest.Photo(40, 30, 1)
	bomb := bytes.Clone(shot)
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	var moving bytes.Buffer
	if err := gif.Encode(&moving, evidencetest.Corners(4, 4), nil); err != nil {
		t.Fatal(err)
	}
	xlsx := evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", "<workbook/>")
	locked := bytes.Clone(xlsx)
	locked[6] |= 1
	broken := bytes.Clone(xlsx)
	broken[60] ^= 0x55
	zeros := strings.Repeat("\x00", 120_000_000)
	for name, c := range map[string]struct {
		data []byte
		want any // a type, or a problem
	}{
		"photo.jpg":   {photo, evidence.JPEG},
		"photo.png":   {photo, evidence.JPEG}, // a file is what it holds
		"shot.PNG":    {shot, evidence.PNG},
		"noname":      {shot, evidence.PNG},
		"letter.pdf":  {evidencetest.PDF(), evidence.PDF},
		"list.csv":    {[]byte("street,lights\nQuay,12\n"), evidence.CSV},
		"latin.csv":   {[]byte("calle,n\nPe\xf1a,12\r\n"), evidence.CSV},
		"note.txt":    {[]byte("\xef\xbb\xbfAll is done."), evidence.Text},
		"list.xlsx":   {xlsx, evidence.XLSX},
		"letter.docx": {evidencetest.Archive("[Content_Types].xml", "<Types/>", "word/document.xml", "<document/>"), evidence.DOCX},
		"list.ods":    {evidencetest.Archive("mimetype", odsType, "content.xml", "<x/>", "META-INF/manifest.xml", "<x/>"), evidence.ODS},

		"nothing.jpg":        {nil, evidence.Empty},
		"large.txt":          {bytes.Repeat([]byte("a"), evidence.MaxBytes+1), evidence.Large},
		"telephone.heic":     {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), evidence.Apple},
		"telephone.jpg":      {[]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"), evidence.Apple},
		"film.mp4":           {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00"), evidence.Kind},
		"drawing.png":        {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), evidence.Kind},
		"drawing.svg":        {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), evidence.Kind},
		"page.txt":           {[]byte("\xef\xbb\xbf \n<!doctype html><script>alert(1)</script>"), evidence.Kind},
		"page.html":          {[]byte("hello"), evidence.Kind},
		"nul.txt":            {[]byte("a\x00b"), evidence.Kind},
		"blank.txt":          {[]byte(" \n"), evidence.Kind},
		"wide.csv":           {[]byte("\xff\xfea\x00,\x00"), evidence.Kind},
		"moving.gif":         {moving.Bytes(), evidence.Kind},
		"moving.jpg":         {moving.Bytes(), evidence.Kind},
		"program.pdf":        {[]byte("MZ\x90\x00"), evidence.Kind},
		"half.jpg":           {photo[:len(photo)/2], evidence.Damaged},
		"head.jpg":           {photo[:4], evidence.Damaged},
		"half.png":           {shot[:len(shot)-20], evidence.Damaged},
		"three.jpg":          {[]byte("\xff\xd8\xff"), evidence.Damaged},
		"page.jpg":           {[]byte("\xff\xd8\xff<script>alert(1)</script>"), evidence.Damaged},
		"bomb.png":           {bomb, evidence.Huge},
		"half.pdf":           {evidencetest.PDF()[:60], evidence.Damaged},
		"half.xlsx":          {xlsx[:len(xlsx)-30], evidence.Damaged},
		"broken.xlsx":        {broken, evidence.Damaged},
		"locked.xlsx":        {locked, evidence.Locked},
		"old.xls":            {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), evidence.Kind},
		"macro.xlsm":         {evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", "<x/>", "xl/vbaProject.bin", "x"), evidence.Macros},
		"hidden.xlsx":        {evidencetest.Archive("[Content_Types].xml", sealed, "xl/workbook.xml", "<x/>"), evidence.Macros},
		"old-macro.xlsx":     {evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", "<x/>", "xl/macrosheets/sheet1.xml", "<x/>"), evidence.Macros},
		"macro.docx":         {evidencetest.Archive("[Content_Types].xml", "<Types/>", "word/document.xml", "<x/>", "word/VBAPROJECT.bin", "x"), evidence.Macros},
		"macro.ods":          {evidencetest.Archive("mimetype", odsType, "content.xml", "<x/>", "Basic/Standard/Module1.xml", "<x/>"), evidence.Macros},
		"locked.ods":         {evidencetest.Archive("mimetype", odsType, "content.xml", "x", "META-INF/manifest.xml", "<manifest:encryption-data/>"), evidence.Locked},
		"drawing.odg":        {evidencetest.Archive("mimetype", "application/vnd.oasis.opendocument.graphics", "content.xml", "<x/>"), evidence.Kind},
		"some.zip":           {evidencetest.Archive("a.txt", "a"), evidence.Kind},
		"program.jar":        {evidencetest.Archive("META-INF/MANIFEST.MF", "x", "A.class", "x"), evidence.Kind},
		"zipbomb.xlsx":       {evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", zeros), evidence.Huge},
		"parts.xlsx":         {evidencetest.Archive(append([]string{"[Content_Types].xml", types, "xl/workbook.xml", "<x/>"}, many(2_000)...)...), evidence.Huge},
		"twice.xlsx":         {evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", "<x/>", "xl/workbook.xml", "<y/>"), evidence.Damaged},
		"up.xlsx":            {evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", "<x/>", "../../etc/passwd", "x"), evidence.Damaged},
		"picture-before.pdf": {append([]byte("GIF89a"), evidencetest.PDF()...), evidence.Kind},
		"page-and-zip.xlsx":  {append([]byte("<script>"), xlsx...), evidence.Kind},
	} {
		f, err := evidence.Clean(name, c.data)
		var p evidence.Problem
		switch {
		case errors.As(err, &p):
			if any(p) != c.want || f.Data != nil {
				t.Errorf("%s: %q, want %v", name, p, c.want)
			}
		case err != nil || any(f.Type) != c.want:
			t.Errorf("%s: %q, %v, want %v", name, f.Type, err, c.want)
		case !f.Picture() && !bytes.Equal(f.Data, c.data):
			t.Errorf("%s was changed", name)
		case !strings.HasSuffix(f.Name, evidence.Ending(f.Type)) || evidence.Ending(f.Type) == "":
			t.Errorf("%s is called %s", name, f.Name)
		}
	}
}

func many(n int) (parts []string) {
	for i := range n {
		parts = append(parts, strings.Repeat("a", i%200)+string(rune('A'+i/200))+".xml", "")
	}
	return parts
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"photo.jpeg": "photo.jpg", `C:\Users\ana\quay.jpg`: "quay.jpg", "../../etc/passwd": "passwd.jpg", "": "file.jpg", ".jpg": "file.jpg", "a.php.jpg": "a.php.jpg", "evil.jpg.exe": "evil.jpg.jpg",
		"מיכל.jpg": "מיכל.jpg", "a\u202egpj.exe": "agpj.jpg", "a\x00b\r\nc.jpg": "abc.jpg", `"><script>.jpg`: "script-.jpg", "un año.jpg": "un año.jpg", "   .jpg": "file.jpg", "a\xff\xfe.jpg": "a.jpg",
		strings.Repeat("é", 200) + ".jpg": strings.Repeat("é", 76) + ".jpg", "....": "file.jpg", "-rf.jpg": "rf.jpg",
	} {
		if got := evidence.Name(name, evidence.JPEG); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}

// FuzzClean: whatever comes, it is refused in words or kept as one of the types, and what is kept as a picture can be read and tells nothing.
func FuzzClean(f *testing.F) {
	f.Add("a.jpg", evidencetest.Photo(16, 12, 6))
	f.Add("a.png", evidencetest.Screenshot(16, 12))
	f.Add("a.xlsx", evidencetest.Archive("[Content_Types].xml", types, "xl/workbook.xml", "<workbook/>"))
	f.Add("a.pdf", evidencetest.PDF())
	f.Add("a.csv", []byte("a,b\n1,2\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		kept, err := evidence.Clean(name, data)
		var p evidence.Problem
		if err != nil {
			if !errors.As(err, &p) || kept.Data != nil {
				t.Fatalf("%v, %+v", err, kept)
			}
			return
		}
		if evidence.Ending(kept.Type) == "" || !strings.HasSuffix(kept.Name, evidence.Ending(kept.Type)) || strings.ContainsAny(kept.Name, "/\\\"\r\n\x00<>") || len(kept.Data) == 0 {
			t.Fatalf("%q as %q", kept.Name, kept.Type)
		}
		if kept.Picture() {
			im, _, err := image.DecodeConfig(bytes.NewReader(kept.Data))
			if err != nil || im.Width != kept.Width || im.Height != kept.Height || max(im.Width, im.Height) > evidence.MaxSide {
				t.Fatalf("%+v, %v", im, err)
			}
			leavesNothing(t, "a picture", kept.Data)
		}
	})
}

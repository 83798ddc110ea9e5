package evidence

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"sync"
)

// Limits of a picture.
const (
	MaxSide   = 2_400      // points of its longer side, as it is kept
	maxPoints = 40_000_000 // as it comes
	quality   = 85
)

// easel lets one picture be decoded at a time: one of the largest takes some hundred megabytes.
var easel sync.Mutex

// redraw decodes a picture and writes it anew: turned as its camera said, no larger than [MaxSide], and nothing but its points.
func (f *File) redraw() error {
	read, config := jpeg.Decode, jpeg.DecodeConfig
	if f.Type == PNG {
		read, config = png.Decode, png.DecodeConfig
	}
	c, err := config(bytes.NewReader(f.Data))
	switch {
	case err != nil || c.Width < 1 || c.Height < 1:
		return Damaged
	case c.Width > maxPoints/c.Height:
		return Huge
	}
	easel.Lock()
	defer easel.Unlock()
	im, err := read(bytes.NewReader(f.Data))
	if err != nil {
		return Damaged
	}
	small := turned(shrunk(im), orientation(f.Type, f.Data))
	var b bytes.Buffer
	if f.Type == PNG {
		err = png.Encode(&b, small)
	} else {
		err = jpeg.Encode(&b, small, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return Damaged
	}
	f.Data, f.Width, f.Height = b.Bytes(), small.Rect.Dx(), small.Rect.Dy()
	return nil
}

// shrunk is a picture whose longer side is no longer than [MaxSide]. Each of its points is the mean of those that lie in its place. It is drawn a band at a
// time, so that the whole of a large picture is not in memory twice.
func shrunk(im image.Image) *image.RGBA {
	from := im.Bounds()
	w, h := from.Dx(), from.Dy()
	to := image.Rect(0, 0, w, h)
	if long := max(w, h); long > MaxSide {
		to = image.Rect(0, 0, max(1, w*MaxSide/long), max(1, h*MaxSide/long))
	}
	out := image.NewRGBA(to)
	if to.Dx() == w && to.Dy() == h {
		draw.Draw(out, to, im, from.Min, draw.Src)
		return out
	}
	band := image.NewRGBA(image.Rect(0, 0, w, h/to.Dy()+2))
	for y := range to.Dy() {
		top, end := y*h/to.Dy(), max((y+1)*h/to.Dy(), y*h/to.Dy()+1)
		rows := image.Rect(0, 0, w, end-top)
		draw.Draw(band, rows, im, image.Pt(from.Min.X, from.Min.Y+top), draw.Src)
		for x := range to.Dx() {
			left, right := x*w/to.Dx(), max((x+1)*w/to.Dx(), x*w/to.Dx()+1)
			mean(out.Pix[out.PixOffset(x, y):][:4], band, left, right, end-top)
		}
	}
	return out
}

// mean writes the mean of the points of a band between two columns.
func mean(to []uint8, band *image.RGBA, left, right, rows int) {
	var sum [4]uint64
	for y := range rows {
		line := band.Pix[y*band.Stride+4*left : y*band.Stride+4*right]
		for i := 0; i < len(line); i += 4 {
			sum[0] += uint64(line[i])
			sum[1] += uint64(line[i+1])
			sum[2] += uint64(line[i+2])
			sum[3] += uint64(line[i+3])
		}
	}
	n := uint64(rows * (right - left))
	for i := range sum {
		to[i] = uint8((sum[i] + n/2) / n)
	}
}

// turned is a picture as it was seen: how says how it lies in its file, 1 to 8 as in EXIF.
func turned(im *image.RGBA, how int) *image.RGBA {
	if how < 2 || how > 8 {
		return im
	}
	w, h := im.Rect.Dx(), im.Rect.Dy()
	to := image.Rect(0, 0, w, h)
	if how >= 5 { // it lies on its side
		to = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(to)
	for y := range to.Dy() {
		for x := range to.Dx() {
			fx, fy := source(x, y, w, h, how)
			copy(out.Pix[out.PixOffset(x, y):][:4], im.Pix[im.PixOffset(fx, fy):][:4])
		}
	}
	return out
}

// source is where a point of a turned picture lies in its file, which is w wide and h high.
func source(x, y, w, h, how int) (int, int) {
	switch how {
	case 2: // as in a mirror
		return w - 1 - x, y
	case 3: // upside down
		return w - 1 - x, h - 1 - y
	case 4: // as in water
		return x, h - 1 - y
	case 5:
		return y, x
	case 6: // a quarter to the right
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8: // a quarter to the left
		return w - 1 - y, x
	}
	return x, y
}

// orientation is how a picture lies in its file, as its camera wrote; 1 if nothing says so.
func orientation(kind string, data []byte) int {
	if kind == PNG {
		return tiffOrientation(pngChunk(data, "eXIf"))
	}
	for data = data[2:]; len(data) >= 4 && data[0] == 0xff; {
		marker, size := data[1], int(binary.BigEndian.Uint16(data[2:]))
		switch {
		case marker == 0xff: // filling
			data = data[1:]
			continue
		case marker == 0xda || marker == 0xd9 || size < 2 || len(data) < 2+size:
			return 1
		}
		if body, ok := bytes.CutPrefix(data[4:2+size], []byte("Exif\x00\x00")); ok && marker == 0xe1 {
			return tiffOrientation(body)
		}
		data = data[2+size:]
	}
	return 1
}

// pngChunk returns the first chunk of a kind; nil if there is none.
func pngChunk(data []byte, kind string) []byte {
	for data = data[8:]; len(data) >= 12; {
		size := uint64(binary.BigEndian.Uint32(data))
		if uint64(len(data)) < 12+size {
			return nil
		}
		if string(data[4:8]) == kind {
			return data[8 : 8+size]
		}
		data = data[12+size:]
	}
	return nil
}

// tiffOrientation reads the one field of EXIF that is heeded.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	n := uint64(order.Uint16(b[at:]))
	for i := range n {
		field := at + 2 + 12*i
		if field+12 > uint64(len(b)) {
			return 1
		}
		if order.Uint16(b[field:]) == 0x0112 {
			return int(order.Uint16(b[field+8:]))
		}
	}
	return 1
}

package catalog_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"citystat/ingest/catalog"
)

// picture makes a PNG.
func picture(t *testing.T, width, height int, dot func(x, y int) color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			img.Set(x, y, dot(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPNG loads pictures that a browser shows, and some that it would not.
func TestPNG(t *testing.T) {
	plain := func(int, int) color.Color { return color.Black }
	noise := rand.New(rand.NewPCG(1, 2))
	good := picture(t, 40, 30, plain)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"good", good, ""},
		{"cut off", good[:len(good)-20], "is damaged or cut off"},
		{"header alone", good[:40], "is damaged or cut off"},
		{"another format", []byte("\xff\xd8\xff\xe0JFIF"), "is no PNG"},
		{"nothing", nil, "is no PNG"},
		{"wide", picture(t, 2001, 1, plain), "has 2001 × 1 pixels"},
		{"heavy", picture(t, 100, 100, func(int, int) color.Color { return color.Gray{uint8(noise.Uint32())} }), ""},
		{"too heavy", picture(t, 200, 200, func(int, int) color.Color {
			return color.RGBA{uint8(noise.Uint32()), uint8(noise.Uint32()), uint8(noise.Uint32()), 255}
		}), "has more than 64 kB"},
	} {
		f := folder(t, "public")
		f["assets/logo.png"] = &fstest.MapFile{Data: c.data}
		f["city.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(f["city.yaml"].Data), "assets/logo.svg", "assets/logo.png", 1))}
		city, problems, err := catalog.Load(f)
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && (city == nil || city.Theme.Logo.Type != "image/png" || !bytes.Equal(city.Theme.Logo.Data, c.data)):
			t.Errorf("%s: it is not taken:\n%s", c.name, problems)
		case c.want != "" && (city != nil || len(problems) != 1 || problems[0].Line != 12 || !strings.Contains(problems[0].Message, c.want)):
			t.Errorf("%s: %s", c.name, problems)
		}
	}
}

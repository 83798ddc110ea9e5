package catalog

import (
	"bytes"
	"fmt"
	"image/png"
	"path"
	"strings"

	"citystat/kpi"
)

const (
	maxLogo       = 64 << 10 // bytes: every page shows it
	maxLogoPixels = 2000     // of a side
)

// readLogo reads the picture that stands beside the city's name: its file, or a mapping with the words that it holds.
func (l *loader) readLogo(theme object) error {
	n := theme.get("logo", optional)
	if n == nil {
		return nil
	}
	o := object{l: l, n: theme.n, shape: logoShape, value: map[string]*node{"file": n}, key: map[string]*node{"file": theme.key["logo"]}}
	if n.kind == mapping {
		var ok bool
		if o, ok = l.object(n, logoShape); !ok {
			return nil
		}
	}
	alt := l.phrase(o, "alt", optional, "theme.logo.alt")
	at, name, err := l.fileOf(o, "file", required)
	if err != nil || at == nil {
		return err
	}
	data, err := l.bytes(name, maxLogo)
	if err != nil {
		return err
	}
	if p := l.picture(at, name, data); p != nil {
		p.Alt = alt
		l.city.Theme.Logo = p
	}
	return nil
}

// picture checks the file and returns what is shown of it; nil if it has reported why nothing is.
func (l *loader) picture(at *node, name string, data []byte) *kpi.Picture {
	if len(data) > maxLogo {
		l.bad(at, "export it smaller, or as an SVG without what an editor needs", "%s has more than %d kB, and every page shows it", short(name), maxLogo>>10)
		return nil
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".svg":
		src := l.text(name, data)
		if src == nil || !l.harmless(src) {
			return nil
		}
		return &kpi.Picture{Type: "image/svg+xml", Data: []byte(src.text)}
	case ".png":
		if message := checkPNG(data); message != "" {
			l.bad(at, "export it again as PNG, or better as SVG", "%s %s", short(name), message)
			return nil
		}
		return &kpi.Picture{Type: "image/png", Data: data}
	}
	l.bad(at, "export it as SVG or PNG", "%s is no .svg and no .png", short(name))
	return nil
}

// checkPNG says what is wrong with a picture; nothing if it is good. Its size is looked at before anything is unpacked.
func checkPNG(data []byte) string {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return "is no PNG"
	case config.Width > maxLogoPixels || config.Height > maxLogoPixels:
		return fmt.Sprintf("has %d × %d pixels, and %d a side are enough for every screen", config.Width, config.Height, maxLogoPixels)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		return "is damaged or cut off"
	}
	return ""
}

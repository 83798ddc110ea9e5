package assets

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"strconv"
	"strings"
)

// PictureSize returns the width and height of a PNG or an SVG, in units that are the same for both; 1 and 1 if it does not say.
func PictureSize(data []byte) (width, height float64) {
	if config, err := png.DecodeConfig(bytes.NewReader(data)); err == nil {
		return sound(float64(config.Width), float64(config.Height))
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if err != nil {
			return 1, 1
		}
		if root, ok := token.(xml.StartElement); ok {
			return svgSize(root)
		}
	}
}

// svgSize reads the size of an SVG: that of its view box, or its width and height.
func svgSize(root xml.StartElement) (width, height float64) {
	value := map[string]string{}
	for _, a := range root.Attr {
		value[a.Name.Local] = a.Value
	}
	length := func(s string) float64 {
		v, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
		if err != nil {
			return 0
		}
		return v
	}
	if box := strings.Fields(strings.ReplaceAll(value["viewBox"], ",", " ")); len(box) == 4 {
		return sound(length(box[2]), length(box[3]))
	}
	return sound(length(value["width"]), length(value["height"]))
}

// sound returns 1 and 1 for what is no size.
func sound(width, height float64) (w, h float64) {
	const most = 1e6
	if width > 0 && height > 0 && width < most && height < most {
		return width, height
	}
	return 1, 1
}

// Plate returns the rules by which a logo keeps the ground for which it was drawn, the band's in the light, where the band is dark instead of
// light or light instead of dark. It is "" where the band stays what it is.
func (t Tokens) Plate() string {
	ground := t[Light]["band"]
	var b strings.Builder
	for _, mode := range []Mode{Dark, Print} {
		if isDark(t[mode]["band"]) == isDark(ground) {
			continue
		}
		query := either(mode == Dark, "screen and (prefers-color-scheme: dark)", "print")
		b.WriteString("@media " + query + "{.wordmark img{padding:2px 4px;background:" + ground + ";border-radius:3px;-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n")
	}
	return b.String()
}

// isDark reports whether white stands out better on a colour than black.
func isDark(hex string) bool {
	c, _ := parseColour(hex)
	return c.luminance() < 0.18
}

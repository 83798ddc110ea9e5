package assets

import (
	"math"
	"strconv"
)

// rgb is a colour in linear light, each part from 0 to 1.
type rgb [3]float64

// parseColour reads #rrggbb.
func parseColour(hex string) (rgb, bool) {
	var c rgb
	if len(hex) != 7 || hex[0] != '#' {
		return c, false
	}
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return c, false
	}
	for i := range c {
		c[i] = linear(float64(n>>(16-8*i)&255) / 255)
	}
	return c, true
}

// linear undoes the sRGB transfer function (IEC 61966-2-1).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// luminance is the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is the contrast ratio of WCAG 2.2.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// vision is a kind of colour vision and what it makes of a colour.
type vision struct {
	name   string
	matrix [9]float64
}

// visions are the matrices of Machado, Oliveira and Fernandes (2009) at full severity, on linear RGB.
var visions = []vision{
	{"protanopia", [9]float64{0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998}},
	{"deuteranopia", [9]float64{0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881}},
	{"tritanopia", [9]float64{1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900}},
}

// seen is what a colour is to a reader with that vision.
func (v vision) seen(c rgb) rgb {
	var out rgb
	for i := range out {
		out[i] = min(1, max(0, v.matrix[3*i]*c[0]+v.matrix[3*i+1]*c[1]+v.matrix[3*i+2]*c[2]))
	}
	return out
}

// oklab converts linear sRGB to OKLab (Ottosson 2020).
func oklab(c rgb) [3]float64 {
	l := math.Cbrt(0.4122214708*c[0] + 0.5363325363*c[1] + 0.0514459929*c[2])
	m := math.Cbrt(0.2119034982*c[0] + 0.6806995451*c[1] + 0.1073969566*c[2])
	s := math.Cbrt(0.0883024619*c[0] + 0.2817188376*c[1] + 0.6299787005*c[2])
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// distance is how far two colours are apart, from 0 to about 100.
func distance(a, b rgb) float64 {
	x, y := oklab(a), oklab(b)
	return 100 * math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2])
}

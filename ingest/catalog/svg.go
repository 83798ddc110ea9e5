package catalog

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const svgSpace = "http://www.w3.org/2000/svg"

// drawing lists the elements of SVG of which a picture is made. None of them runs, moves or fetches anything.
var drawing = strings.Fields(`svg g defs symbol use title desc metadata style switch view
	path rect circle ellipse line polyline polygon text tspan textPath image
	linearGradient radialGradient stop pattern clipPath mask marker
	filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow
	feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight
	feTile feTurbulence`)

// editors lists the name spaces of what drawing programs note for themselves; a browser draws nothing of it.
var editors = []string{
	"http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd", "http://www.inkscape.org/namespaces/inkscape", "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"http://creativecommons.org/ns#", "http://web.resource.org/cc/", "http://purl.org/dc/elements/1.1/", "http://www.bohemiancoding.com/sketch/ns",
}

// svg reads a picture for what a picture need not hold: it comes from outside, and every page shows it.
type svg struct {
	l     *loader
	src   *source
	d     *xml.Decoder
	at    int // byte at which the token begins
	open  []xml.Name
	roots int
	good  bool
}

// harmless reports whether an SVG is a picture and nothing else. What is wrong is told with its place in the file.
func (l *loader) harmless(src *source) bool {
	s := &svg{l: l, src: src, d: xml.NewDecoder(strings.NewReader(src.text)), good: true}
	for {
		s.at = int(s.d.InputOffset())
		token, err := s.d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			message := err.Error()
			if errors.As(err, &syntax) {
				message = syntax.Msg
			}
			s.bad("export it again", "this is no SVG that can be read: %s", message)
			return false
		}
		s.token(token)
	}
	if s.roots == 0 {
		s.at = 0
		s.bad("export it again", "the file holds no <svg>")
	}
	return s.good
}

func (s *svg) bad(mend, format string, args ...any) {
	s.good = false
	s.l.add(SeverityError, s.src.offset(s.at), fmt.Sprintf(format, args...), mend)
}

// token looks at one piece of the file.
func (s *svg) token(token xml.Token) {
	switch t := token.(type) {
	case xml.ProcInst:
		if t.Target != "xml" {
			s.bad("delete it", "<?%s?> is no part of a picture", t.Target)
		}
	case xml.Directive:
		s.bad("delete the line: no browser needs it", "<!%s> can stand for anything", shorten(string(t)))
	case xml.StartElement:
		s.element(t)
		s.open = append(s.open, t.Name)
	case xml.EndElement:
		s.open = s.open[:len(s.open)-1]
	case xml.CharData:
		if n := len(s.open); n > 0 && s.open[n-1].Local == "style" {
			s.style(string(t))
		}
	}
}

// shorten keeps a message on one line.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 30 {
		return string(runes[:30]) + "…"
	}
	return s
}

// element looks at an element and its attributes.
func (s *svg) element(t xml.StartElement) {
	name := t.Name.Local
	switch {
	case len(s.open) == 0:
		s.roots++
		s.root(t)
	case slices.Contains(editors, t.Name.Space):
	case t.Name.Space != svgSpace || !slices.Contains(drawing, name):
		s.bad("take it out, or export the logo as plain SVG", "<%s> is not allowed in a logo: it may hold shapes, text and colours, and nothing that runs, moves or fetches", name)
	}
	for _, a := range t.Attr {
		s.attribute(a)
	}
}

// root looks at the outermost element: without a size of its own a picture has no shape on a page.
func (s *svg) root(t xml.StartElement) {
	if s.roots > 1 || t.Name.Local != "svg" || t.Name.Space != svgSpace {
		s.bad(`export it again; an SVG is one <svg xmlns="`+svgSpace+`">`, "<%s> is not the one <svg> of a picture", t.Name.Local)
		return
	}
	value := map[string]string{}
	for _, a := range t.Attr {
		value[a.Name.Local] = a.Value
	}
	box := strings.FieldsFunc(value["viewBox"], func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' })
	if len(box) == 4 && positive(box[2]) && positive(box[3]) || positive(value["width"]) && positive(value["height"]) {
		return
	}
	s.bad(`add viewBox="0 0 WIDTH HEIGHT"`, "the picture does not say how wide and high it is")
}

func positive(s string) bool {
	v, err := strconv.ParseFloat(strings.TrimSuffix(s, "px"), 64)
	return err == nil && v > 0 && v < 1e6
}

var embeddedImage = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$`)

// attribute looks at one attribute.
func (s *svg) attribute(a xml.Attr) {
	name := a.Name.Local
	lower := strings.ToLower(name)
	value := strings.TrimSpace(a.Value)
	switch {
	case a.Name.Space == "xmlns" || a.Name.Space == "" && name == "xmlns": // names a name space and leads nowhere
	case strings.HasPrefix(lower, "on"):
		s.bad("take it out", "the attribute %s runs a script", name)
	case lower == "href" || lower == "src":
		if !strings.HasPrefix(value, "#") && !embeddedImage.MatchString(value) {
			s.bad("draw what it leads to into the logo", "%s leads out of the picture, to %s", name, short(value))
		}
	case lower == "base" && a.Name.Space != "":
		s.bad("take it out", "the attribute %s leads out of the picture", name)
	default:
		s.style(a.Value)
	}
}

var (
	fetching = regexp.MustCompile(`(?i)(?:url|image|image-set|src|element|cross-fade|expression)\s*\(\s*['"]?\s*([^#'"\s])`)
	steering = regexp.MustCompile(`(?i)@[a-z-]+|\\|javascript:|-moz-binding|behavior\s*:`)
)

// style looks at rules, and at the values of attributes, which may hold the same.
func (s *svg) style(text string) {
	if m := fetching.FindString(text); m != "" {
		s.bad("draw what it leads to into the logo", "%s… leads out of the picture", shorten(m))
		return
	}
	if m := steering.FindString(text); m != "" {
		s.bad("export the logo as plain SVG", "%s has no place in a logo", shorten(m))
	}
}

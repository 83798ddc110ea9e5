package pages

import (
	"net/http"
	"strings"

	"citystat/dashboards/i18n"
)

// alternates is the Link header (RFC 8288) by which search engines find the same page in the city's other languages. They want whole
// addresses, which a page cannot hold: it is rendered once for all names by which the site is reached. "" where the site's name is none.
func (p *Pages) alternates(req *http.Request, r *Request, suffix string) string {
	if !hostName(req.Host) {
		return ""
	}
	scheme := "http://"
	if req.TLS != nil || p.opts.TLS {
		scheme = "https://"
	}
	var b strings.Builder
	add := func(segment, lang string) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		for _, part := range []string{"<", scheme, req.Host, "/", segment, suffix, `>; rel="alternate"; hreflang="`, lang, `"`} {
			b.WriteString(part)
		}
	}
	langs := offered(r.City)
	b.Grow(len(langs) * (80 + len(suffix)))
	for _, lang := range langs {
		add(i18n.Segment(lang), string(lang))
	}
	add(i18n.Segment(langs[0]), "x-default")
	return b.String()
}

// hostName reports whether a Host header can be a name or a number with its port, and nothing that means more in another header.
func hostName(host string) bool {
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == ':', c == '[', c == ']', c == '_':
		default:
			return false
		}
	}
	return host != ""
}

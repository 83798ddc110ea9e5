package i18n

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gohugoio/locales"
	"github.com/gohugoio/locales/en_GB"
	"github.com/gohugoio/locales/en_US"
	"github.com/gohugoio/locales/es_419"
	"github.com/gohugoio/locales/es_AR"
	"github.com/gohugoio/locales/es_CL"
	"github.com/gohugoio/locales/es_CO"
	"github.com/gohugoio/locales/es_ES"
	"github.com/gohugoio/locales/es_MX"
	"github.com/gohugoio/locales/es_PE"
	"github.com/gohugoio/locales/es_US"
	"github.com/gohugoio/locales/fr_CA"
	"github.com/gohugoio/locales/fr_FR"
	"github.com/gohugoio/locales/pt_BR"
	"golang.org/x/text/language"

	"citystat/kpi"
)

// Match returns the language among offered that suits an Accept-Language header best, the first of them if none does. It returns
// English when nothing is offered.
func Match(acceptLanguage string, offered []kpi.Lang) kpi.Lang {
	if len(offered) == 0 {
		return kpi.English
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return offered[0]
	}
	tags := make([]language.Tag, len(offered))
	for i, lang := range offered {
		tags[i] = language.Make(string(lang))
	}
	// The index and not the tag: the matcher answers fr-CA with fr-u-rg-cazzzz.
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return offered[0]
	}
	return offered[i]
}

// Segment returns the language as it stands in addresses: en, es, pt-br or fr.
func Segment(lang kpi.Lang) string { return strings.ToLower(string(lang)) }

// FromSegment returns the language that the first segment of an address means. canonical is false for another spelling of it (ES,
// pt-BR, pt_br, pt), which a page answers with a redirect to [Segment]; ok is false if it is no language.
func FromSegment(segment string) (lang kpi.Lang, canonical, ok bool) {
	for _, l := range kpi.Langs {
		if segment == Segment(l) {
			return l, true, true
		}
	}
	s := strings.ToLower(strings.ReplaceAll(segment, "_", "-"))
	for _, l := range kpi.Langs {
		own := Segment(l)
		base, _, _ := strings.Cut(own, "-")
		if s == own || s == base || slices.Contains(regions[l], s) {
			return l, false, true
		}
	}
	return "", false, false
}

// regions are the other spellings that people type and old links carry.
var regions = map[kpi.Lang][]string{
	kpi.English:    {"en-us", "en-gb", "en-ca", "eng", "english"},
	kpi.Spanish:    {"es-mx", "es-us", "es-419", "es-co", "es-ar", "es-cl", "es-pe", "es-es", "spa"},
	kpi.Portuguese: {"pt-pt", "por"},
	kpi.French:     {"fr-ca", "fr-fr", "fra"},
}

// ownNames are the languages' names in themselves.
var ownNames = map[kpi.Lang]string{
	kpi.English: "English", kpi.Spanish: "Español", kpi.Portuguese: "Português", kpi.French: "Français",
}

// OwnName returns the name of a language in that language.
func OwnName(lang kpi.Lang) string { return ownNames[lang] }

// Formats returns the number and date styles known for a language, as BCP 47 tags; the first is the usual one.
func Formats(lang kpi.Lang) []string {
	switch lang {
	case kpi.Spanish:
		return []string{"es-MX", "es-US", "es-419", "es-CO", "es-AR", "es-CL", "es-PE", "es-ES"}
	case kpi.Portuguese:
		return []string{"pt-BR"}
	case kpi.French:
		return []string{"fr-CA", "fr-FR"}
	}
	return []string{"en-US", "en-GB"}
}

// style returns the known style that is meant by a city's format tag.
func style(lang kpi.Lang, format string) string {
	known := Formats(lang)
	if format == "" || slices.Contains(known, format) {
		return cmp.Or(format, known[0])
	}
	tag, err := language.Parse(format)
	if err != nil {
		return known[0]
	}
	tags := make([]language.Tag, len(known))
	for i, k := range known {
		tags[i] = language.Make(k)
	}
	_, i, _ := language.NewMatcher(tags).Match(tag)
	return known[i]
}

// styles makes the translators. They only read, so one of each serves all printers.
func styles() map[string]locales.Translator {
	return map[string]locales.Translator{
		"en-US": en_US.New(), "en-GB": en_GB.New(),
		"es-MX": es_MX.New(), "es-US": es_US.New(), "es-419": es_419.New(), "es-CO": es_CO.New(), "es-AR": es_AR.New(),
		"es-CL": es_CL.New(), "es-PE": es_PE.New(), "es-ES": es_ES.New(),
		"pt-BR": pt_BR.New(),
		"fr-CA": fr_CA.New(), "fr-FR": fr_FR.New(),
	}
}

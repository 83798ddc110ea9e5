package i18n

import (
	"strings"

	"citystat/kpi"
)

// Pseudo reads the messages as [New] does, and makes of the English ones a language that nobody speaks: every letter that can has an
// accent, and every text is at least 40 % longer. It is for tests: what is cut, overflows or was not taken from the messages shows at once.
func Pseudo() (*Bundle, error) {
	return read(func(lang kpi.Lang, text string) string {
		text = typography(lang, text)
		if lang != kpi.English {
			return text
		}
		return pseudo(text)
	})
}

// accents gives letters the look of other languages'. They are among those that every system's fonts have.
var accents = strings.NewReplacer("a", "á", "c", "ç", "e", "é", "g", "ğ", "i", "í", "n", "ñ", "o", "ó", "s", "š", "u", "ú", "y", "ý", "z", "ž",
	"A", "Å", "C", "Ç", "E", "É", "I", "Î", "N", "Ñ", "O", "Ö", "S", "Š", "U", "Ü", "Y", "Ý", "Z", "Ž")

// pseudo changes a text but for its placeholders. It grows in its words, as the words of other languages are longer, by doubled vowels;
// where there are too few of them, by letters at the end of the text.
func pseudo(text string) string {
	var out strings.Builder
	at, letters, grown := 0, 0, 0
	for _, m := range placeholder.FindAllStringIndex(text, -1) {
		grow(&out, text[at:m[0]], &letters, &grown)
		out.WriteString(text[m[0]:m[1]])
		at = m[1]
	}
	grow(&out, text[at:], &letters, &grown)
	if missing := (2*letters+4)/5 - grown; missing > 0 {
		end := strings.TrimRight(out.String(), ".:;!?")
		return end + strings.Repeat("é", missing) + out.String()[len(end):]
	}
	return out.String()
}

// grow writes a part of a text with its accents, and doubles vowels until there are two letters more for each five.
func grow(out *strings.Builder, text string, letters, grown *int) {
	for _, r := range text {
		letter := accents.Replace(string(r))
		out.WriteString(letter)
		*letters++
		if strings.ContainsRune("aeiou", r) && 5**grown < 2**letters {
			out.WriteString(letter)
			*grown++
		}
	}
}

package scorecardtest

import "citystat/kpi"

// drawing is a logo.
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 32"><path fill="#ffffff" d="M4 28V10l8 6 8-6v18zM26 28l9-22 9 22z"/></svg>`

// hostileTheme is a theme as a publication may hold it that no folder of ours ever gave.
func hostileTheme() kpi.Theme {
	colours := func(link string) map[string]string {
		return map[string]string{"accent": hostileTexts[0], "band": "red;}</style><script>alert(1)</script>", hostileTexts[3]: "#123456", "link": link}
	}
	return kpi.Theme{
		Preset: "../" + hostileTexts[0], Light: colours("#0b3d0b"), Dark: colours("#b7e8b7"),
		Logo: &kpi.Picture{Type: "text/html", Data: []byte(drawing), Alt: kpi.NewText(kpi.English, hostileTexts[3])},
	}
}

// translated is a text whose translations came about in these ways. An outdated one is not shown.
func translated(t kpi.Text, states map[kpi.Lang]kpi.TextState) kpi.Text {
	t.State = states
	for lang, state := range states {
		if state == kpi.TextOutdated {
			delete(t.In, lang)
		}
	}
	return t
}

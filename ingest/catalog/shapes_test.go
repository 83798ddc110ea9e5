package catalog

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"citystat/kpi"
)

// The package comment is where people look up how a source, a column, a schedule and what is asked of an indicator are written: it names every
// key of them, and every kind of source with the keys that it has.
func TestDocNamesEveryKey(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for _, s := range []*shape{sourceShape, columnShape, scheduleShape, networkShape, secretShape, unpivotShape, checkShape,
		populationShape, holidaysShape, rollUpShape, evaluationShape, measureShape, ratioShape, rateShape, lastShape, durationShape, targetShape, judgeShape, rebaseShape,
		equityShape, suppressShape, changeShape, projectShape, plannedShape, milestoneShape, placeShape,
		meetingShape, themeShape, logoShape, contactShape, statementShape, complaintsShape, termShape, serviceShape, departmentShape, priorityShape, districtsShape, pastDistrictShape, translationShape} {
		for _, key := range s.keys() {
			if !regexp.MustCompile(`\b` + key + `\b`).MatchString(doc) {
				t.Errorf("doc.go does not say what %s of %s is", key, s.what)
			}
		}
	}
	_, table, _ := strings.Cut(doc, "The keys of each kind:")
	table, _, _ = strings.Cut(table, "What they say:")
	shared := append(ofFetching(), "kind", "path", "url", "timeout")
	for _, kind := range kpi.SourceKinds {
		at := regexp.MustCompile(`(?m)^//\t` + kind + ` +`).FindStringIndex(table)
		if at == nil {
			t.Errorf("doc.go has no line of the kind %s", kind)
			continue
		}
		entry, _, _ := strings.Cut(table[at[1]:], "\n")
		for rest := table[at[1]+len(entry):]; strings.HasPrefix(rest, "\n//\t  "); {
			line, _, _ := strings.Cut(rest[1:], "\n")
			entry += line
			rest = rest[1+len(line):]
		}
		for _, key := range sourceKeys(kind, "") {
			if !slices.Contains(shared, key) && !regexp.MustCompile(`\b`+key+`\b`).MatchString(entry) {
				t.Errorf("doc.go does not say that %s has %s", kind, key)
			}
		}
	}
}

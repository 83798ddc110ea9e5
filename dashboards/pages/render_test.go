package pages

import (
	"io/fs"
	"regexp"
	"testing"
)

// TestPartsHaveOneName looks that no two parts of templates are called the same: the one that is read last would stand in the place of the other on every page.
func TestPartsHaveOneName(t *testing.T) {
	list, err := fs.Glob(files, "*.gohtml")
	if err != nil || len(list) < 50 {
		t.Fatalf("%d templates: %v", len(list), err)
	}
	defined := regexp.MustCompile(`\{\{-?\s*define\s+"([^"]+)"`)
	shared := map[string]string{}
	names := map[string][]string{}
	for _, name := range list {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range defined.FindAllStringSubmatch(string(text), -1) {
			if names[name] = append(names[name], m[1]); name[0] != '_' {
				continue
			}
			if other, taken := shared[m[1]]; taken {
				t.Errorf("%s and %s both define %q", other, name, m[1])
			}
			shared[m[1]] = name
		}
	}
	for name, parts := range names {
		for _, part := range parts {
			if other, taken := shared[part]; taken && other != name {
				t.Errorf("%s defines %q, which stands in %s", name, part, other)
			}
		}
	}
}

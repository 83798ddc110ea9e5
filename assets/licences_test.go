package assets

import (
	"os"
	"strings"
	"testing"
)

// What pages say of licences is what the files say.
func TestLicencesThatPagesName(t *testing.T) {
	notice, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(notice), EChartsName+"\n")
	if !found || !strings.Contains(strings.SplitN(after, "\n\n", 2)[0], EChartsLicence) {
		t.Errorf("NOTICE does not name %s under %s", EChartsName, EChartsLicence)
	}
	licence, err := os.ReadFile("../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if head := string(licence[:200]); !strings.Contains(head, "Apache License") || !strings.Contains(head, "Version 2.0") {
		t.Errorf("LICENSE is not the %s: %q", ProgramLicence, head)
	}
}

package catalog_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest/catalog"
	"citystat/kpi"
	sampledata "citystat/sample-data"
)

// decide is a decision of a day about an indicator.
func decide(id int64, kind kpi.DecisionKind, indicator string, day kpi.Date, t *kpi.Target) kpi.Decision {
	return kpi.Decision{
		Stamp: kpi.Stamp{ID: id}, Kind: kind, State: kpi.DecisionInForce, Indicator: indicator, Target: t, On: day, Lang: kpi.English,
		Whose: `The "council": of {all}`, Reason: fmt.Sprintf("Reason no. %d: it's 'so', \"truly\" # and \\ more — ñ", id),
	}
}

// was says of decisions what the folder says now.
func was(t *testing.T, files fs.FS, list []kpi.Decision) []kpi.Decision {
	t.Helper()
	city, problems, err := catalog.Load(files)
	if err != nil || city == nil {
		t.Fatalf("%v\n%s", err, problems)
	}
	for k := range list {
		list[k].Was, list[k].Lang = list[k].Says(city), city.Source()
	}
	return list
}

// roundTrip lets git and patch put the patch into the folder, and checks that it is then as it must be. It returns the patch.
func roundTrip(t *testing.T, files fs.FS, decisions []kpi.Decision) kpi.FolderPatch {
	t.Helper()
	before, _, err := catalog.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := kpi.Apply(before, decisions)
	p, err := catalog.Patch(files, decisions)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Diff) == 0 {
		return p
	}
	results := map[string]string{}
	for name, command := range map[string][]string{"git": {"git", "apply", "--whitespace=error-all", "../p.patch"}, "patch": {"patch", "-s", "-p1", "--fuzz=0", "-i", "../p.patch"}} {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("%s is not here", command[0])
			continue
		}
		dir := t.TempDir()
		root := filepath.Join(dir, "city")
		if err := os.CopyFS(root, files); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "p.patch"), p.Diff, 0o600); err != nil {
			t.Fatal(err)
		}
		if name == "git" && strings.Contains(string(p.Diff), "\r") {
			command = []string{"git", "apply", "../p.patch"}
		}
		c := exec.Command(command[0], command[1:]...)
		c.Dir = root
		c.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+dir)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s\n%s", name, err, out, p.Diff)
		}
		after, problems, err := catalog.Load(os.DirFS(root))
		if err != nil || after == nil {
			t.Fatalf("%s: %v\n%s\n%s", name, err, problems, p.Diff)
		}
		if n := problems.Count(catalog.SeverityError); n > 0 {
			t.Fatalf("%s: %s", name, problems)
		}
		got, applied := kpi.Apply(after, decisions)
		in := map[int64]bool{}
		for _, id := range p.Decisions {
			in[id] = true
		}
		for _, a := range applied {
			if in[a.Decision.ID] != (a.State == kpi.AppliedInFolder) {
				t.Errorf("%s: decision %d is %s", name, a.Decision.ID, a.State)
			}
		}
		w := *want
		w.Hash, got.Hash = "", ""
		if diff := cmp.Diff(&w, got); diff != "" {
			t.Errorf("%s: the city is another (-want +got):\n%s\n%s", name, diff, p.Diff)
		}
		results[name] = string(p.Diff)
		again, err := catalog.Patch(os.DirFS(root), decisions)
		if err != nil || len(again.Diff) > 0 {
			t.Errorf("%s: a second patch: %v\n%s", name, err, again.Diff)
		}
	}
	if len(results) == 0 {
		t.Fatal("neither git nor patch is here")
	}
	return p
}

// TestPatchOfSamples decides something about every indicator of both sample cities.
func TestPatchOfSamples(t *testing.T) {
	for _, name := range sampledata.Names() {
		t.Run(name, func(t *testing.T) {
			files, _ := sampledata.City(name)
			city, _, err := catalog.Load(files)
			if err != nil {
				t.Fatal(err)
			}
			var list []kpi.Decision
			day := kpi.NewDate(2026, 10, 2)
			if !city.AsOf.IsZero() {
				day = city.AsOf.AddDays(-60)
			}
			add := func(kind kpi.DecisionKind, i *kpi.Indicator, x *kpi.Target, more func(*kpi.Decision)) {
				d := decide(int64(len(list)+1), kind, i.ID, day.AddDays(len(list)%20), x)
				if more != nil {
					more(&d)
				}
				list = append(list, d)
			}
			for k := range city.Indicators {
				i := &city.Indicators[k]
				if i.Project != nil {
					continue // whose targets are its plan
				}
				for n, x := range i.TargetsInForce(kpi.Date{}) {
					moved := kpi.Target{By: x.By, Kind: x.Kind, Value: x.Value + 1, Low: x.Low, High: x.High}
					if i.Direction == kpi.Range {
						moved.Value, moved.High = 0, x.High+1
					}
					switch what := (k + n) % 3; {
					case what == 0 && x.By.After(day.AddDays(30)):
						add(kpi.DecideTarget, i, &moved, func(d *kpi.Decision) {
							d.Act = kpi.Act{Title: "Decreto 7: \"nuevo\"", Date: kpi.NewDate(2026, 10, 1), URL: "https://example.gov/7?a=1#b"}
						})
					case what == 1:
						add(kpi.DecideDrop, i, &moved, nil)
					case what == 2:
						add(kpi.DecideTarget, i, &kpi.Target{By: kpi.NewDate(2029, 12, 31), Kind: kpi.TargetTerm, Value: moved.Value, Low: moved.Low, High: moved.High}, nil)
					}
				}
				if k%2 == 0 {
					add(kpi.DecideOwner, i, nil, func(d *kpi.Decision) { d.Owner = city.People[k%len(city.People)].ID })
				}
			}
			p := roundTrip(t, files, was(t, files, list))
			if len(p.Decisions) != len(list) || len(list) < 20 {
				t.Errorf("%d of %d decisions are in the patch; left to people: %+v", len(p.Decisions), len(list), p.ByHand)
			}
			for _, line := range strings.Split(string(p.Diff), "\n") {
				if strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "---") && !strings.Contains(line, "owner:") && !strings.Contains(line, "{") {
					t.Errorf("the patch takes away %q", line)
				}
			}
		})
	}
}

// TestPatchOfShapes puts decisions into folders that are written in many ways.
func TestPatchOfShapes(t *testing.T) {
	day := kpi.NewDate(2015, 2, 3)
	target := func(by kpi.Date, v float64) *kpi.Target { return &kpi.Target{By: by, Value: v} }
	year, later, early := kpi.NewDate(2015, 12, 31), kpi.NewDate(2016, 12, 31), kpi.NewDate(2015, 4, 30)
	revise := decide(1, kpi.DecideTarget, "street-lights-on-time", day, target(year, 85.5))
	revise.Act = kpi.Act{Title: "Ordinance 3"}
	several := []kpi.Decision{
		revise, decide(2, kpi.DecideTarget, "street-lights-on-time", day.AddDays(1), target(later, 90)), decide(3, kpi.DecideTarget, "street-lights-on-time", day.AddDays(2), target(early, 70)),
		decide(4, kpi.DecideDrop, "street-lights-on-time", day.AddDays(3), &kpi.Target{By: later}),
	}
	owner := decide(5, kpi.DecideOwner, "street-lights-on-time", day, nil)
	owner.Owner = "data-office"
	const list = `    targets:
      - {by: 2015-06-30, value: 75, set: 2015-01-01, kind: interim, by_whom: the mayor, reason: Halfway}
      - {by: 2015-12-31, value: 80, set: 2015-01-01, illustrative: true}
`
	for name, c := range map[string]struct {
		with    string // in the place of the list of targets
		all     func(string) string
		decided []kpi.Decision
		hand    kpi.HandWhy
		line    string // that the patch has
	}{
		"items in braces": {list, nil, append(several, owner), "", "+      - {by: 2015-12-31, value: 85.5, set: 2015-02-03, by_whom: "},
		"items of lines": {`    targets:   # what the city promises

      # Halfway
      -  by: 2015-06-30
         value: 75
         set: 2015-01-01
         kind: interim   # not the year's
         by_whom: the mayor
         reason: Halfway
      # the year
      -  by: 2015-12-31
         value: 80
         set: 2015-01-01

         illustrative: true
         # behind the year
`, nil, append(several, owner), "", "+      -  by: 2015-12-31\n+         value: 85.5\n+         set: 2015-02-03\n"},
		"a text of several lines": {`    targets:
      - by: 2015-06-30
        value: 75
        set: 2015-01-01
        kind: interim
        by_whom: the mayor
        reason: |
          Halfway
      - by: 2015-12-31
        value: 80
        set: 2015-01-01
        illustrative: true
`, nil, several, "", "+      - by: 2015-04-30\n"},
		"dashes below the key": {`    targets:
    - {by: 2015-06-30, value: 75, set: 2015-01-01, kind: interim, by_whom: the mayor, reason: Halfway}
    - {by: 2015-12-31, value: 80, set: 2015-01-01, illustrative: true}
`, nil, several, "", "+    - {by: 2016-12-31, value: 90, "},
		"in brackets": {`    targets: [{by: 2015-06-30, value: 75, set: 2015-01-01, kind: interim, by_whom: the mayor, reason: Halfway}, {by: 2015-12-31, value: 80, set: 2015-01-01, illustrative: true}] # all
`, nil, several, "", "}] # all\n"},
		"in brackets, one a line": {`    targets: [ # ] not yet
      {by: 2015-06-30, value: 75, set: 2015-01-01, kind: interim, by_whom: "the mayor", reason: 'Halfway'},
      {by: 2015-12-31, value: 80, set: 2015-01-01, illustrative: true}, # the "last
    ]
`, nil, several, "", "+      {by: 2016-12-31, value: 90, "},
		"no targets yet": {"", func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, "street-lights-on-time.target", "gone"), "- {at: indicator.gone", "#")
		}, several[:3], "", "+    targets:\n+      - {by: 2015-04-30"},
		"windows":                {list, func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") }, append(several, owner), "", "by_whom"},
		"no line end at the end": {list, func(s string) string { return strings.TrimRight(s, "\n") }, several, "", ""},
		"an anchor":              {strings.Replace(list, "targets:", "targets: &lights", 1), nil, several[:1], kpi.HandAnchor, ""},
		"an anchor at an entry":  {strings.Replace(list, "- {by: 2015-06-30", "- &half {by: 2015-06-30", 1), nil, several[:1], kpi.HandAnchor, ""},
		"an anchor at the owner": {list, func(s string) string { return strings.Replace(s, "owner: ", "owner: &who ", 1) }, []kpi.Decision{owner}, kpi.HandAnchor, ""},
		"the owner in quotes": {list, func(s string) string {
			return strings.Replace(s, "owner: commissioner", "owner: \"commissioner\" # so far", 1)
		}, []kpi.Decision{owner}, "", "+    owner: \"data-office\" # so far\n"},
		"what the folder refuses":   {list, nil, []kpi.Decision{decide(9, kpi.DecideTarget, "street-lights-on-time", day, target(year, 180))}, kpi.HandRefused, ""},
		"no such indicator anymore": {list, nil, []kpi.Decision{decide(9, kpi.DecideTarget, "gone", day, target(year, 80))}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(base(t))
			text := string(files["datasets/requests.yaml"].Data)
			if strings.Count(text, list) != 1 {
				t.Fatal("the list of targets is another")
			}
			text = strings.Replace(text, list, c.with, 1)
			if c.all != nil {
				for file, data := range files {
					if file != "datasets/requests.yaml" && strings.HasPrefix(file, "text/") {
						files[file] = &fstest.MapFile{Data: []byte(c.all(string(data.Data)))}
					}
				}
				text = c.all(text)
			}
			files["datasets/requests.yaml"] = &fstest.MapFile{Data: []byte(text)}
			p := roundTrip(t, files, was(t, files, c.decided))
			switch {
			case c.hand == "" && (len(p.ByHand) > 0 || len(p.Decisions) == 0 && name != "no such indicator anymore"):
				t.Errorf("left to people: %+v\n%s", p.ByHand, p.Diff)
			case c.hand != "" && (len(p.ByHand) != 1 || p.ByHand[0].Why != c.hand || p.ByHand[0].Line == 0 || len(p.ByHand[0].Lines) == 0 || len(p.Diff) > 0):
				t.Errorf("left to people: %+v\n%s", p.ByHand, p.Diff)
			}
			if !strings.Contains(string(p.Diff), c.line) {
				t.Errorf("no line %q in\n%s", c.line, p.Diff)
			}
		})
	}
}

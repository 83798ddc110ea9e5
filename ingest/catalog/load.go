package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// Load reads a city's folder and checks it. The problems are all mistakes and warnings of the folder, in order of file, line and
// column. The city is complete, with every default filled in, and nil if the problems refuse the folder (Problems.Failed). Data files that
// are not there do not: the definitions are good, a city is returned although these problems are errors (Problem.Delivery), and loading
// that dataset fails. The error is one of reading alone: the folder is not there, or the machine refuses a file.
func Load(fsys fs.FS) (*kpi.City, Problems, error) {
	if _, err := fs.ReadDir(fsys, "."); err != nil {
		return nil, nil, fmt.Errorf("read the city folder: %w; name a folder that holds a city.yaml", err)
	}
	l := newLoader(fsys)
	if err := l.everything(); err != nil {
		return nil, nil, err
	}
	l.listRest()
	l.mask(l.problems)
	problems := sorted(l.problems)
	if problems.Failed() {
		return nil, problems, nil
	}
	seal(&l.city)
	return &l.city, problems, nil
}

// everything reads all that the folder says.
func (l *loader) everything() error {
	for _, step := range []func() error{l.readCity, l.readDatasets, l.resolve, l.readTranslations, l.fillTranslations, l.readStrays} {
		if err := step(); err != nil {
			return fmt.Errorf("read the city folder: %w", err)
		}
	}
	return nil
}

// loader reads one folder.
type loader struct {
	fsys     fs.FS
	city     kpi.City
	language kpi.Lang      // in which the folder is written
	calendar *kpi.Calendar // nil if the city's calendar is not known
	problems []Problem
	unlisted map[Severity]int // problems beyond maxRecords
	tables   map[string]*table
	later    []func() // checks that need everything to be read
	phrases  map[string]*phrase
	order    []string // keys of phrases as they were met
	files    []string // of the folder, for suggestions
	datasets map[string]*dataset
	hidden   []hidden // secrets that stand in the folder by mistake
	plans    []*plan
	fillers  []func()           // translations of what the rows of plans have in common
	inPlan   map[place][]string // once the rows of a plan are read: what has been said about each place
	inRows   bool               // the rows of a plan are being read
	unplaced *object            // city.yaml, if it has no priorities of its own
	untold   []untold
}

// untold is a text that lacks its translation into a language.
type untold struct {
	lang       kpi.Lang
	at, source string
}

func newLoader(fsys fs.FS) *loader {
	l := &loader{fsys: fsys, language: kpi.English, tables: map[string]*table{}, phrases: map[string]*phrase{}, datasets: map[string]*dataset{}}
	l.city = kpi.City{
		Districts: []kpi.District{}, Departments: []kpi.Department{}, People: []kpi.Person{}, Priorities: []kpi.Priority{},
		Reasons: map[string]kpi.Text{}, Datasets: []kpi.Dataset{}, Indicators: []kpi.Indicator{},
		FiscalStart: 1, Publish: kpi.PublishEveryLoad, Bands: kpi.DefaultBands,
	}
	return l
}

// add records a problem at a place. Beyond a great many nothing is gained by one more: they are counted.
func (l *loader) add(s Severity, at place, message, mend string) {
	l.record(Problem{Severity: s, Message: message, Mend: mend}, at)
}

// record is add for a problem that lacks nothing but its place. Missing deliveries are always listed: as one of those that are only counted
// such a problem could not be told from a mistake that refuses the folder, and there is at most one a dataset.
func (l *loader) record(p Problem, at place) {
	if l.repeated(at, p.Message) {
		return
	}
	if len(l.problems) >= maxRecords && !p.Delivery {
		if l.unlisted == nil {
			l.unlisted = map[Severity]int{}
		}
		l.unlisted[p.Severity]++
		return
	}
	p.File = at.src.name
	if at.src.cells != nil {
		p.Line, p.Column, p.Cell, p.Source = at.line, at.column, letters(at.column), at.src.cells[cell{at.line, at.column}]
		l.problems = append(l.problems, p)
		return
	}
	p.Line = min(max(at.line, 1), len(at.src.lines))
	line := at.src.line(p.Line)
	p.Column = min(max(at.column, 1), utf8.RuneCountInString(line)+1)
	p.Source, p.Cut = window(at.src, p.Line, p.Column)
	l.problems = append(l.problems, p)
}

// listRest says how many problems are not listed. A mistake among them still refuses the folder.
func (l *loader) listRest() {
	for _, s := range []Severity{SeverityError, SeverityWarning} {
		if n := l.unlisted[s]; n > 0 {
			l.problems = append(l.problems, Problem{
				File: "city.yaml", Severity: s, Mend: "mend those that are listed, and check again",
				Message: fmt.Sprintf("%d more problems of this kind in the folder are not listed", n),
			})
		}
	}
}

// bad records a mistake at a node.
func (l *loader) bad(n *node, mend, format string, args ...any) {
	l.add(SeverityError, n.place(), fmt.Sprintf(format, args...), mend)
}

// warn records a warning at a node.
func (l *loader) warn(n *node, mend, format string, args ...any) {
	l.add(SeverityWarning, n.place(), fmt.Sprintf(format, args...), mend)
}

// file records a mistake that is about a file as a whole.
func (l *loader) file(name, mend, format string, args ...any) {
	l.problems = append(l.problems, Problem{File: name, Message: fmt.Sprintf(format, args...), Mend: mend, Severity: SeverityError})
}

// yaml reads a YAML file. It returns nil without an error if it reported why there is nothing to read, and fs.ErrNotExist for a file
// that is not there.
func (l *loader) yaml(name string) (*node, error) {
	src, err := l.read(name, maxYAML)
	if err != nil {
		return nil, err
	}
	if src == nil {
		return nil, nil
	}
	root := l.parse(src)
	if root == nil || root.kind == broken {
		return nil, nil
	}
	return root, nil
}

// readDatasets reads the files of the folder datasets in the order of their names.
func (l *loader) readDatasets() error {
	entries, err := fs.ReadDir(l.fsys, "datasets")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	found := false
	for _, e := range entries {
		name := path.Join("datasets", e.Name())
		switch ext := path.Ext(e.Name()); {
		case e.IsDir() || strings.HasPrefix(e.Name(), "."):
		case ext == ".yaml":
			found = true
			if err := l.readDataset(name); err != nil {
				return err
			}
		case ext == ".yml":
			found = true
			l.open("dataset", "indicator")
			l.file(name, "call it "+strings.TrimSuffix(name, ext)+".yaml", "the file is not read, because its name does not end in .yaml")
		}
	}
	if !found {
		l.open("dataset", "indicator")
		l.file("datasets", "write one file a dataset, such as datasets/service-requests.yaml", "the folder describes no dataset")
	}
	return nil
}

// resolve runs the checks that had to wait for the whole folder.
func (l *loader) resolve() error {
	l.needPriorities()
	for _, check := range l.later {
		check()
	}
	return nil
}

// readStrays warns of YAML files that nothing reads: they were probably meant to say something.
func (l *loader) readStrays() error {
	files, err := l.list()
	if err != nil {
		return err
	}
	for _, name := range files {
		dir, base := path.Split(name)
		ext := path.Ext(base)
		switch {
		case ext != ".yaml" && ext != ".yml", name == "city.yaml", dir == "datasets/", strings.HasPrefix(dir, "data/"):
		case dir == "text/" && slices.Contains(l.city.Languages, kpi.Lang(strings.TrimSuffix(base, ".yaml"))) && base != string(l.language)+".yaml":
		case dir == "text/" && (len(l.city.Languages) == 0 || l.table("language").open): // reported in city.yaml
		default:
			l.problems = append(l.problems, Problem{File: name, Severity: SeverityWarning, Message: "nothing reads this file", Mend: stray(dir, base, l.language)})
		}
	}
	return nil
}

// stray says what a file that nothing reads was perhaps meant to be.
func stray(dir, base string, source kpi.Lang) string {
	lang := strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
	switch {
	case dir == "text/" && lang == string(source):
		return "this is the language in which the folder is written; only the others are translated"
	case dir == "text/" && strings.HasSuffix(base, ".yml"):
		return "call it text/" + lang + ".yaml"
	case dir == "text/":
		return "add the language to languages in city.yaml, or delete the file"
	}
	return "the folder's own files are city.yaml, datasets/*.yaml and text/*.yaml"
}

// list returns the files of the folder, hidden ones left out.
func (l *loader) list() ([]string, error) {
	if l.files != nil {
		return l.files, nil
	}
	const most = 10_000 // a folder may hold a great many data files; suggestions do not need them all
	err := fs.WalkDir(l.fsys, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir // a folder that cannot be listed has nothing to suggest
		case name != "." && strings.HasPrefix(e.Name(), ".") && e.IsDir():
			return fs.SkipDir
		case e.IsDir() || strings.HasPrefix(e.Name(), "."):
			return nil
		case len(l.files) >= most:
			return fs.SkipAll
		}
		l.files = append(l.files, name)
		return nil
	})
	return l.files, err
}

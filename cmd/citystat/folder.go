package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"citystat/ingest/catalog"
	"citystat/kpi"
	sampledata "citystat/sample-data"
)

// samplePrefix begins what stands in the place of a folder for a city that the program carries: sample:puerto-claro. A directory that is called so
// is given as ./sample:puerto-claro.
const samplePrefix = "sample:"

// folder is a city folder that can be read again and again.
type folder struct {
	path string // as the person gave it; "" for the sample city, sample:NAME for one of them by name
}

// String names the folder for people.
func (f folder) String() string {
	if f.path == "" {
		return "the sample city that the program carries"
	}
	if name, ok := strings.CutPrefix(f.path, samplePrefix); ok {
		return "the sample city " + name
	}
	return f.path
}

// sampleCity returns the files of a city that the program carries.
func sampleCity(name string) (fs.FS, error) {
	if files, ok := sampledata.City(name); ok {
		return files, nil
	}
	return nil, kpi.Errorf(kpi.CodeNotFound, "there is no sample city %q; there are: %s%s", name, samplePrefix, strings.Join(sampledata.Names(), ", "+samplePrefix))
}

// files returns the folder's files.
func (f folder) files() (fs.FS, error) {
	if f.path == "" {
		return sampleCity(sampledata.Default)
	}
	if name, ok := strings.CutPrefix(f.path, samplePrefix); ok {
		return sampleCity(name)
	}
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, ok := sampledata.City(f.path); ok {
			return nil, kpi.Errorf(kpi.CodeNotFound, "there is no folder %s; the sample city of that name is %s%s", f.path, samplePrefix, f.path)
		}
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no folder %s; give the folder that holds city.yaml", f.path)
	}
	if err != nil {
		return nil, fmt.Errorf("city folder: %w", err)
	}
	if !info.IsDir() {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is a file; give the folder that holds city.yaml", f.path)
	}
	return os.DirFS(f.path), nil
}

// load reads and checks the folder. It returns the city only if its definitions are good; the problems hold warnings and data files
// that are not there too.
func (f folder) load() (*kpi.City, fs.FS, catalog.Problems, error) {
	files, err := f.files()
	if err != nil {
		return nil, nil, nil, err
	}
	city, problems, err := catalog.Load(files)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("reading %s: %w", f, err)
	}
	return city, files, problems, nil
}

// mustLoad is load for commands that cannot go on with a wrong folder: it prints the problems to w. Without data files they go on, and those
// are printed as warnings: a dataset that has not come must not take the others away.
func (f folder) mustLoad(w io.Writer) (*kpi.City, fs.FS, error) {
	city, files, problems, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	if city == nil {
		if err := problems.Print(w); err != nil {
			return nil, nil, fmt.Errorf("printing what is wrong with %s: %w", f, err)
		}
		return nil, nil, fmt.Errorf("%s is refused: %s; mend the folder and run `citystat check` until it says that all is well", f, counted(problems.Count(catalog.SeverityError), "mistake", "mistakes"))
	}
	if err := warnOfMissing(w, f, problems.Deliveries()); err != nil {
		return nil, nil, err
	}
	return city, files, nil
}

// warnOfMissing prints which data files are not there, and what that means.
func warnOfMissing(w io.Writer, f folder, missing catalog.Problems) error {
	if len(missing) == 0 {
		return nil
	}
	if err := missing.Print(w); err != nil {
		return fmt.Errorf("printing what is missing in %s: %w", f, err)
	}
	_, err := fmt.Fprintf(w, "%s cannot be loaded until its files are there; last good data stay, and the rest of %s goes on.\n", counted(len(missing), "dataset", "datasets"), f)
	return err
}

// dataDir is the directory that keeps the city's data: what the person gave, or a place of its own for each city.
func dataDir(given string, city *kpi.City) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	base := os.Getenv("XDG_DATA_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no place for the data: %w; say one with --data DIR", err)
		}
		base = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(base, "citystat", city.ID), nil
}

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"citystat/ingest/catalog"
	"citystat/kpi"
	sampledata "citystat/sample-data"
)

// folder is a city folder that can be read again and again.
type folder struct {
	path string // as the person gave it; "" for the sample city
}

// String names the folder for people.
func (f folder) String() string {
	if f.path == "" {
		return "the sample city that the program carries"
	}
	return f.path
}

// files returns the folder's files.
func (f folder) files() (fs.FS, error) {
	if f.path == "" {
		return sampledata.Boston2015(), nil
	}
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
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

// load reads and checks the folder. It returns the city only if nothing is wrong; the problems hold warnings too.
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

// mustLoad is load for commands that cannot go on with a wrong folder: it prints the problems to w.
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
	return city, files, nil
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

// Package suggest looks at a file and writes down, as the block of a dataset, how a city folder could declare it. It is a helper for the person
// who writes the folder, and nothing else: ingest declares and never guesses, and nothing here is used by it.
//
// What the file proves is written as it is. What it does not prove stands beside a comment that begins with UNSURE, with what speaks for either
// side; where the two readings would give other numbers or days, such as 03/04, neither is taken and the column is left as text. Columns that
// look as if they spoke of a person are proposed under drop, with the reason, and none of their values is ever shown.
//
// The block loads as it stands: every row that was looked at is read, but for those that are broken in themselves.
package suggest

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"citystat/kpi"
)

// How much of a file is looked at, at most. What is not text or a workbook has to be read whole, and is refused if it is larger.
const (
	maxRows  = 100_000
	maxText  = 32 << 20 // bytes of fields
	maxWhole = 64 << 20 // bytes, decompressed, of what must be read whole
	maxHead  = 1 << 20  // bytes from which encoding and delimiter are concluded
)

// Options say more about where the file belongs. All may be left out.
type Options struct {
	Dataset string    // id of the dataset; empty: made of the file's name
	Path    string    // how the city folder names the file; empty: data/ and the file's name
	City    *kpi.City // the city: its districts are recognised, and its zone is known; nil: unknown
	Dir     string    // an existing directory for temporary files, which are gone afterwards; empty: the system's
}

// File returns the block that is suggested for the file: YAML with comments, the same for the same file. Its errors have [kpi.CodeInvalid], are
// fit for people, and name no value of the file.
func File(ctx context.Context, folder fs.FS, name string, o Options) ([]byte, error) {
	if strings.Contains(name, "://") {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is an address; download it first, and look at the file", name)
	}
	l, err := look(folder, name)
	if err != nil {
		return nil, err
	}
	t, err := l.read(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	if err := t.headed(name); err != nil {
		return nil, err
	}
	if o.Path == "" {
		o.Path = path.Join("data", path.Base(name))
	}
	if o.Dataset == "" {
		o.Dataset = datasetID(o.Path)
	}
	d := draftOf(l, t, o)
	if d.whole() == 0 {
		_, err := (&table{broken: t.broken}).enough(name)
		return nil, err
	}
	return write(d), nil
}

package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"citystat/kpi"
)

// item is one source of a delivery: a file of the city folder, a member of an archive, or a file that was fetched.
type item struct {
	name  string                  // for people; no secret is in it
	open  func() (fs.File, error) // may be called again
	fetch kpi.Fetch               // zero unless it was fetched
}

// delivery is one run over all sources of a dataset.
type delivery struct {
	req         Request
	limits      Limits
	done, total int64 // bytes of the sources
	told        int64 // done when progress was last told
	archives    []*archive
	result      Result
}

func newDelivery(req Request) *delivery {
	return &delivery{req: req, limits: req.Limits.orDefault()}
}

// readFiles reads a kind of file with form, which makes one copy of one item. The files lie in the city folder or are fetched; an archive
// gives its members.
func readFiles(ctx context.Context, req Request, form func(context.Context, *delivery, item) (File, error)) (res Result, err error) {
	d := newDelivery(req)
	items, clean, err := d.items(ctx)
	defer func() { err = errors.Join(err, clean()) }()
	if err != nil || d.result.NotModified {
		return d.result, err
	}
	for _, it := range items {
		f, err := form(ctx, d, it)
		if err != nil {
			return Result{}, errors.Join(err, removeCopies(d.result.Files))
		}
		d.result.Files = append(d.result.Files, f)
	}
	return d.finish(), nil
}

// finish adds up the hashes of the sources.
func (d *delivery) finish() Result {
	sum := sha256.New()
	for _, f := range d.result.Files {
		fmt.Fprintln(sum, f.SourceHash)
	}
	d.result.SourceHash = hex.EncodeToString(sum.Sum(nil))
	return d.result
}

func removeCopies(files []File) error {
	var errs []error
	for _, f := range files {
		for _, path := range []string{f.Plain, f.Compressed} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // two sources may share a copy
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// items returns the sources of the delivery in order, and a function, never nil, that removes what was fetched for them.
func (d *delivery) items(ctx context.Context) (items []item, clean func() error, err error) {
	clean = func() error { return nil }
	if d.req.Dataset.Source.URL == "" {
		items, err = d.matches()
	} else {
		items, clean, err = d.fetched(ctx)
	}
	if err != nil || d.result.NotModified {
		return nil, clean, err
	}
	fetched := clean
	clean = func() error { return errors.Join(d.closeArchives(), fetched()) }
	if items, err = d.unpack(items); err != nil {
		return nil, clean, err
	}
	for _, it := range items {
		st, err := it.stat()
		if err != nil {
			return nil, clean, cannotRead(it.name, err)
		}
		d.total += st.Size()
	}
	return items, clean, nil
}

func (d *delivery) closeArchives() error {
	var errs []error
	for _, a := range d.archives {
		errs = append(errs, a.close())
	}
	return errors.Join(errs...)
}

// fetched brings the file at the source's address.
func (d *delivery) fetched(ctx context.Context) (items []item, clean func() error, err error) {
	if d.req.Network == nil {
		return nil, func() error { return nil }, kpi.Errorf(kpi.CodeInvalid, "dataset %s is fetched over a network, and none is set up", d.req.Dataset.ID)
	}
	items, d.result.NotModified, d.result.Warnings, clean, err = d.req.Network.items(ctx, d.req)
	return items, clean, err
}

// matches returns the files of the city folder that the source's path names.
func (d *delivery) matches() ([]item, error) {
	path := d.req.Dataset.Source.Path
	names, err := fs.Glob(d.req.Folder, path)
	if err != nil {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: source path %q is no pattern of file names: %v", d.req.Dataset.ID, path, err)
	}
	if len(names) == 0 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: no file matches %q in the city folder; bring the file or mend source: path", d.req.Dataset.ID, path)
	}
	items := make([]item, len(names))
	for i, name := range names {
		items[i] = item{name: name, open: func() (fs.File, error) { return openRegular(d.req.Folder, name) }}
	}
	return items, nil
}

// openRegular opens a file of the folder. A pipe is not even opened: that would wait for somebody to write into it.
func openRegular(folder fs.FS, name string) (fs.File, error) {
	st, err := fs.Stat(folder, name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is no regular file; a source must name files", name)
	}
	return folder.Open(name)
}

// stat opens an item for its size.
func (it item) stat() (fs.FileInfo, error) {
	f, err := it.open()
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	return st, errors.Join(err, f.Close())
}

// tell reports progress about every megabyte, and at the end.
func (d *delivery) tell(n int) {
	d.done += int64(n)
	if d.req.Progress != nil && (d.done-d.told >= 1<<20 || d.done == d.total) {
		d.told = d.done
		d.req.Progress(kpi.Progress{Dataset: d.req.Dataset.ID, Step: kpi.StepFetch, Done: d.done, Total: d.total, Unit: "bytes"})
	}
}

func (d *delivery) warn(s string) {
	if s != "" {
		d.result.Warnings = append(d.result.Warnings, s)
	}
}

// setAside keeps a row as a reject. Too many of them mean that something is declared wrong.
func (d *delivery) setAside(r kpi.Reject) error {
	r.Dataset = d.req.Dataset.ID
	if d.result.Rejects = append(d.result.Rejects, r); len(d.result.Rejects) > d.limits.Rejects {
		first := d.result.Rejects[0]
		return kpi.Errorf(kpi.CodeInvalid, "dataset %s: more than %d rows are broken; is the delimiter, the quote or the encoding declared wrong? The first: %s line %d: %s",
			d.req.Dataset.ID, d.limits.Rejects, first.File, first.Line, first.Detail)
	}
	return nil
}

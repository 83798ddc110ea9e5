package connector

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"slices"

	"citystat/kpi"
)

// items fetches the file (or the files) at the address of the request's source into req.Dir. clean is never nil and removes them. If the
// source is as it was in req.Previous, notModified is true and there are no items.
func (n *Network) items(ctx context.Context, req Request) (items []item, notModified bool, warnings []string, clean func() error, err error) {
	var got []fetched
	clean = func() error { return removeFetched(got) }
	src := &req.Dataset.Source
	u, err := url.Parse(src.URL)
	if err != nil || u.Host == "" {
		return nil, false, nil, clean, kpi.Errorf(kpi.CodeInvalid, "dataset %s: source url is no address; write it as https://host/path or sftp://host/path", req.Dataset.ID)
	}
	if u.Scheme == "sftp" {
		got, err = n.fetchSFTP(ctx, u, req)
	} else {
		got, err = n.fetchURL(ctx, u, req)
	}
	if err != nil {
		return nil, false, nil, clean, err
	}
	for _, f := range got {
		warnings = append(warnings, f.warnings...)
	}
	if got[0].notModified || sameAs(got, req.Previous) {
		return nil, true, warnings, clean, nil
	}
	for _, f := range got {
		items = append(items, item{name: f.fetch.URL, fetch: f.fetch, open: func() (fs.File, error) { return os.Open(f.path) }})
	}
	return items, false, warnings, clean, nil
}

func removeFetched(got []fetched) error {
	var errs []error
	for _, f := range got {
		if f.path == "" {
			continue
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sameAs reports whether the very same bytes came the last time, in the same order. Sources without a validator have to be fetched to
// find that out, but they need not be read.
func sameAs(got []fetched, before kpi.Load) bool {
	return slices.EqualFunc(got, before.Spool, func(f fetched, s kpi.SpoolFile) bool {
		return f.sum == s.SourceHash && f.fetch.URL == s.Fetch.URL
	})
}

// fetchURL brings one file over HTTP.
func (n *Network) fetchURL(ctx context.Context, u *url.URL, req Request) ([]fetched, error) {
	src := &req.Dataset.Source
	header, err := n.header(src)
	if err != nil {
		return nil, inDataset(req, err)
	}
	token, err := n.secret("token", src.Token)
	if err != nil {
		return nil, inDataset(req, err)
	}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	a := ask{url: src.URL, header: header, limit: req.mostBytes(), timeout: src.Timeout}
	var before kpi.Fetch
	for _, s := range req.Previous.Spool {
		if s.Fetch.URL == n.safeURL(u) {
			before = s.Fetch
		}
	}
	f, err := n.fetch(ctx, a, before, req.Dir, req.fetching(0))
	if err != nil {
		return nil, inDataset(req, err)
	}
	return []fetched{f}, nil
}

// mostBytes is how much a source may send.
func (r Request) mostBytes() int64 {
	if r.Dataset.Source.MaxBytes > 0 {
		return r.Dataset.Source.MaxBytes
	}
	return r.Limits.orDefault().Bytes
}

// fetching tells the progress of a download, about every megabyte; before is what came in files before it.
func (r Request) fetching(before int64) func(done, total int64) {
	var told int64
	return func(done, total int64) {
		if r.Progress == nil || done-told < 1<<20 && done != total {
			return
		}
		told = done
		r.Progress(kpi.Progress{Dataset: r.Dataset.ID, Step: kpi.StepFetch, Done: before + done, Total: max(before+total, 0), Unit: "bytes"})
	}
}

// inDataset says of which dataset an error is, if it is about the source's keys.
func inDataset(req Request, err error) error {
	var p *problem
	var k *kpi.Error
	if errors.As(err, &p) || !errors.As(err, &k) {
		return err
	}
	return &kpi.Error{Code: k.Code, Message: "dataset " + req.Dataset.ID + ": " + k.Message, Err: k.Err}
}

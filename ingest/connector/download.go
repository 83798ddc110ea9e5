package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// fetched is a file that was fetched, or the word that it is as it was.
type fetched struct {
	path        string
	sum         string // SHA-256 of the bytes as they came
	bytes       int64
	fetch       kpi.Fetch
	notModified bool
	warnings    []string
}

// download is a file that is being fetched, in one attempt or several.
type download struct {
	n        *Network
	ask      ask
	before   kpi.Fetch // the last good delivery from this address; zero: none
	progress func(done, total int64)

	file      *os.File
	sum       hash.Hash
	done      int64
	total     int64  // as announced, -1 if it was not
	validator string // strong: the part that is there is of the same file as the rest
	coding    string
	result    fetched
}

// fetch downloads an address to a new file in dir, which the caller removes. If the source says that it is as it was before, there is none.
func (n *Network) fetch(ctx context.Context, a ask, before kpi.Fetch, dir string, progress func(done, total int64)) (got fetched, err error) {
	ctx, cancel := n.within(ctx, a.timeout)
	defer cancel()
	d := &download{n: n, ask: a, before: before, progress: progress, sum: sha256.New(), total: -1}
	if d.file, err = os.CreateTemp(dir, "fetched-*"); err != nil { // mode 0600
		return fetched{}, fmt.Errorf("what is fetched cannot be written: %w", err)
	}
	got, err = retry(ctx, n, a, d.try)
	if cerr := d.file.Close(); cerr != nil {
		err = errors.Join(err, cerr)
	} else if at, bad := http.ParseTime(got.fetch.LastModified); bad == nil && err == nil && !got.notModified {
		err = os.Chtimes(d.file.Name(), at, at) // the file is as old as its source
	}
	if err != nil || got.notModified {
		return got, errors.Join(err, os.Remove(d.file.Name()))
	}
	got.path, got.sum, got.bytes = d.file.Name(), hex.EncodeToString(d.sum.Sum(nil)), d.done
	return got, nil
}

// try asks for the file, or for the rest of it.
func (d *download) try(ctx context.Context, _ uint) (fetched, *failure) {
	a := d.ask
	a.header = a.header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	resume := d.done > 0 && d.validator != ""
	if resume {
		a.header.Set("Range", "bytes="+strconv.FormatInt(d.done, 10)+"-")
		a.header.Set("If-Range", d.validator)
	} else {
		setIf(a.header, "If-None-Match", d.before.ETag)
		setIf(a.header, "If-Modified-Since", d.before.LastModified)
	}
	ans, f := d.n.send(ctx, a)
	if f != nil {
		return fetched{}, f
	}
	return d.take(ans, resume)
}

func setIf(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// take makes what came part of the file.
func (d *download) take(ans *answer, resume bool) (got fetched, f *failure) {
	conditional := !resume && (d.before.ETag != "" || d.before.LastModified != "")
	switch status := ans.fetch.Status; {
	case status == http.StatusNotModified && conditional:
		d.close(ans)
		return fetched{notModified: true, fetch: ans.fetch, warnings: ans.warnings}, nil
	case status == http.StatusPartialContent && resume:
		if !d.continues(ans) {
			d.validator = "" // so the next attempt begins anew
			d.close(ans)
			return fetched{}, passing("changed its file while it was fetched")
		}
	case status == http.StatusRequestedRangeNotSatisfiable && resume:
		d.validator = ""
		d.close(ans)
		return fetched{}, passing("has not the rest of the file any more whose beginning it sent")
	default:
		if f := d.n.accept(ans, http.StatusOK, http.StatusNonAuthoritativeInfo); f != nil {
			return fetched{}, f
		}
		if f := d.begin(ans); f != nil {
			d.close(ans)
			return fetched{}, f
		}
	}
	defer d.close(ans)
	if f := d.copy(ans); f != nil {
		return fetched{}, f
	}
	return d.result, nil
}

func (d *download) close(ans *answer) {
	if err := ans.Close(); err != nil {
		d.n.log.Debug("an answer could not be closed", "why", d.n.scrub(err.Error()))
	}
}

// begin starts the file anew.
func (d *download) begin(ans *answer) *failure {
	d.coding = strings.ToLower(ans.header.Get("Content-Encoding"))
	if d.coding == "identity" {
		d.coding = ""
	}
	if d.coding != "" && d.coding != "gzip" && d.coding != "x-gzip" { // gzip is a form in which files are delivered anyway
		return unknownCoding(d.coding)
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return d.unwritten(err)
	}
	if err := d.file.Truncate(0); err != nil {
		return d.unwritten(err)
	}
	d.sum.Reset()
	d.done, d.total, d.validator = 0, ans.length, strong(ans.header)
	d.result = fetched{fetch: ans.fetch, warnings: ans.warnings}
	if d.total > d.ask.bound() {
		return tooLarge(d.ask.bound())
	}
	return nil
}

// continues reports whether a partial answer is the rest of what is there.
func (d *download) continues(ans *answer) bool {
	var first, last, total int64
	text := ans.header.Get("Content-Range")
	if _, err := fmt.Sscanf(text, "bytes %d-%d/%d", &first, &last, &total); err != nil {
		return false
	}
	if d.total < 0 {
		d.total = total
	}
	etag := ans.header.Get("ETag")
	return first == d.done && total == d.total && last == total-1 && strings.ToLower(ans.header.Get("Content-Encoding")) == d.coding &&
		(etag == "" || d.result.fetch.ETag == "" || etag == d.result.fetch.ETag)
}

// strong returns a validator that names these bytes and no others: a strong entity tag, or a date of change long enough ago that the file
// cannot have changed twice within its second (RFC 9110 section 8.8.2.2). "" if there is none.
func strong(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" {
		if strings.HasPrefix(tag, "W/") {
			return ""
		}
		return tag
	}
	changed, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		return ""
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || date.Sub(changed) < time.Minute {
		return ""
	}
	return h.Get("Last-Modified")
}

// copy writes what comes to the file.
func (d *download) copy(ans *answer) *failure {
	began := d.done
	buf := make([]byte, 128<<10)
	for {
		k, err := ans.Read(buf)
		if d.done+int64(k) > d.ask.bound() {
			return tooLarge(d.ask.bound())
		}
		if _, werr := d.file.Write(buf[:k]); werr != nil {
			return d.unwritten(werr)
		}
		d.sum.Write(buf[:k]) // never fails
		d.done += int64(k)
		d.progress(d.done, d.total)
		if err == io.EOF { //nolint:errorlint // the contract of io.Reader
			break
		}
		if err != nil {
			return d.broke(err, began)
		}
	}
	if d.total >= 0 && d.done != d.total {
		return d.broke(passing("ended its answer too early"), began)
	}
	return nil
}

func (d *download) broke(err error, began int64) *failure {
	const enough = 1 << 20
	f := brokenOff(err)
	f.gained = d.validator != "" && d.done-began >= enough
	if d.total > 0 {
		f.text += fmt.Sprintf(" (%d of %d bytes came)", d.done, d.total)
	}
	return f
}

func (d *download) unwritten(err error) *failure {
	return &failure{ours: fmt.Errorf("what is fetched cannot be written: %w", err)}
}

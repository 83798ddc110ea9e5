package connector

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// archive is an open ZIP archive of which every entry was found harmless before the first was opened. Workbooks are archives too.
type archive struct {
	name    string
	members []*zip.File // without folders, in the order of the archive
	file    io.Closer
	spare   string // path of a copy that was made to read it; "" for none
}

// openArchive opens an archive and refuses it as a whole if any of its entries is of a kind that archives of data have no need of: names
// that lead out of a folder, links, entries twice, encryption, data that several entries share, and more of it than the limits allow.
// What an entry says about its own size is not relied on: reading ends where the limits do.
func openArchive(it item, limits Limits, dir string) (*archive, error) {
	a := &archive{name: it.name}
	at, size, err := a.readerAt(it, dir)
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	z, err := zip.NewReader(at, size)
	if err == nil {
		err = a.check(z, size, limits)
	} else {
		err = badZip(it.name, err)
	}
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// readerAt opens the archive for reading at any place. What cannot be read so is copied to dir first.
func (a *archive) readerAt(it item, dir string) (io.ReaderAt, int64, error) {
	f, err := it.open()
	if err != nil {
		return nil, 0, cannotRead(it.name, err)
	}
	a.file = f
	st, err := f.Stat()
	if err != nil {
		return nil, 0, cannotRead(it.name, err)
	}
	if !st.Mode().IsRegular() {
		return nil, 0, kpi.Errorf(kpi.CodeInvalid, "%s is no regular file; a source must name files", it.name)
	}
	if at, ok := f.(io.ReaderAt); ok {
		return at, st.Size(), nil
	}
	spare, err := os.CreateTemp(dir, "archive-*")
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	a.file, a.spare = spare, spare.Name()
	n, err := io.Copy(spare, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, 0, cannotRead(it.name, err)
	}
	return spare, n, nil
}

// close releases the archive. Members that are open are of no use afterwards.
func (a *archive) close() error {
	var err error
	if a.file != nil {
		err = a.file.Close()
	}
	if a.spare != "" {
		err = errors.Join(err, os.Remove(a.spare))
	}
	return err
}

// check looks at every entry of an archive of the given size.
func (a *archive) check(z *zip.Reader, packed int64, limits Limits) error {
	if len(z.File) > limits.Members {
		return kpi.Errorf(kpi.CodeInvalid, "%s holds %d entries and %d are the most that is read", a.name, len(z.File), limits.Members)
	}
	seen := make(map[string]bool, len(z.File))
	var total uint64
	for _, f := range z.File {
		if err := a.checkEntry(f, seen); err != nil {
			return err
		}
		if total += f.UncompressedSize64; total < f.UncompressedSize64 || total > uint64(limits.Bytes) {
			return kpi.Errorf(kpi.CodeInvalid, "%s grows to more than %s when it is decompressed; split it, or raise the limit", a.name, size(limits.Bytes))
		}
		if !f.FileInfo().IsDir() {
			a.members = append(a.members, f)
		}
	}
	if total > uint64(limits.RatioFrom) && total/uint64(limits.Ratio) > uint64(packed) {
		return kpi.Errorf(kpi.CodeInvalid, "%s grows to more than %d times its size when it is decompressed; that is no table of a city", a.name, limits.Ratio)
	}
	return a.overlaps(z.File)
}

func (a *archive) checkEntry(f *zip.File, seen map[string]bool) error {
	refuse := func(what string) error {
		return kpi.Errorf(kpi.CodeInvalid, "%s holds the entry %q, %s; it is refused as a whole", a.name, cutText(f.Name, 80), what)
	}
	switch mode := f.Mode(); {
	case !safeName(f.Name):
		return refuse("whose name leads out of the archive")
	case seen[strings.TrimSuffix(f.Name, "/")]:
		return refuse("which is there twice; nobody can tell which one is meant")
	case mode.Type() != 0 && !mode.IsDir():
		return refuse("which is a link or a device and no file")
	case f.Flags&1 != 0:
		return refuse("which is encrypted; deliver it without a password")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return refuse(fmt.Sprintf("which is compressed with method %d; write it as a plain ZIP archive", f.Method))
	}
	seen[strings.TrimSuffix(f.Name, "/")] = true
	return nil
}

// safeName reports whether a name stays in the folder in which the archive is unpacked, on any system. Nothing is unpacked to names
// here, but who writes such an archive means harm.
func safeName(name string) bool {
	if name == "" || !utf8.ValidString(name) || strings.ContainsAny(name, "\\\x00") || name[0] == '/' || len(name) > 1 && name[1] == ':' {
		return false
	}
	return !slices.Contains(strings.Split(name, "/"), "..")
}

// overlaps refuses entries that share bytes: a small file can hold any amount of data so.
func (a *archive) overlaps(files []*zip.File) error {
	type span struct{ from, to int64 }
	spans := make([]span, 0, len(files))
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil {
			return badZip(a.name, err)
		}
		spans = append(spans, span{at, at + int64(f.CompressedSize64)})
	}
	slices.SortFunc(spans, func(x, y span) int { return cmp.Compare(x.from, y.from) })
	for i, s := range spans {
		if s.to < s.from || i > 0 && s.from < spans[i-1].to {
			return kpi.Errorf(kpi.CodeInvalid, "%s is a forged archive: its entries share the same bytes", a.name)
		}
	}
	return nil
}

// has reports whether there is a member of that name.
func (a *archive) has(name string) bool {
	return slices.ContainsFunc(a.members, func(f *zip.File) bool { return f.Name == name })
}

// choose returns the members that a glob names, all of them if they are one and none is named. A glob without a slash also matches the last
// part of a name.
func (a *archive) choose(glob string) ([]*zip.File, error) {
	var names []string
	var chosen []*zip.File
	for i, f := range a.members {
		if i < 12 {
			names = append(names, fmt.Sprintf("%q", cutText(f.Name, 80)))
		}
		if glob == "" {
			chosen = append(chosen, f)
			continue
		}
		whole, err := path.Match(glob, f.Name)
		last := !strings.Contains(glob, "/")
		if err == nil && !whole && last {
			whole, err = path.Match(glob, path.Base(f.Name))
		}
		if err != nil {
			return nil, kpi.Errorf(kpi.CodeInvalid, "member %q is no pattern of file names: %v", glob, err)
		}
		if whole {
			chosen = append(chosen, f)
		}
	}
	if n := len(a.members) - len(names); n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	switch {
	case len(a.members) == 0:
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is an empty ZIP archive; the last good data stay", a.name)
	case len(chosen) == 0:
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds nothing that matches %q; it holds %s", a.name, glob, strings.Join(names, ", "))
	case glob == "" && len(chosen) > 1:
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds %d files: %s; declare under source: which one is meant, such as member: %s", a.name, len(chosen), strings.Join(names, ", "), chosen[0].Name)
	}
	return chosen, nil
}

// unpack puts the members of ZIP archives in the place of the archives, told by their first bytes. A workbook is an archive that is read
// as it is. The archives stay open until the delivery ends.
func (d *delivery) unpack(items []item) ([]item, error) {
	if d.req.Dataset.Source.Kind == kpi.SourceXLSX {
		return items, nil
	}
	var list []item
	for _, it := range items {
		packed, err := it.begins("PK\x03\x04", "PK\x05\x06")
		if err != nil {
			return nil, err
		}
		if !packed {
			list = append(list, it)
			continue
		}
		members, err := d.membersOf(it)
		if err != nil {
			return nil, err
		}
		list = append(list, members...)
	}
	return list, nil
}

func (d *delivery) membersOf(it item) ([]item, error) {
	a, err := openArchive(it, d.limits, d.req.Dir)
	if err != nil {
		return nil, err
	}
	d.archives = append(d.archives, a)
	if a.has("xl/workbook.xml") {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is an Excel workbook and not %s; declare kind: xlsx, or deliver %[2]s", it.name, kindName(d.req.Dataset.Source.Kind))
	}
	chosen, err := a.choose(d.req.Dataset.Source.Member)
	if err != nil {
		return nil, err
	}
	var list []item
	for _, f := range chosen {
		m := item{name: it.name + "/" + f.Name, fetch: it.fetch, open: func() (fs.File, error) { return a.member(f) }}
		nested, err := m.begins("PK\x03\x04", "PK\x05\x06", "\x1f\x8b")
		if err != nil {
			return nil, err
		}
		if nested {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s is an archive within an archive; deliver one of them", m.name)
		}
		list = append(list, m)
	}
	return list, nil
}

// begins reports whether an item begins with one of the given texts.
func (it item) begins(magic ...string) (bool, error) {
	f, err := it.open()
	if err != nil {
		return false, cannotRead(it.name, err)
	}
	head := make([]byte, 8)
	n := 0
	st, err := f.Stat()
	if err == nil && st.Mode().IsRegular() { // openSource refuses what is not
		n, err = io.ReadFull(f, head)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err = errors.Join(err, f.Close()); kpi.ErrorCode(err) == kpi.CodeInvalid {
		return false, err
	} else if err != nil {
		return false, cannotRead(it.name, err)
	}
	return slices.ContainsFunc(magic, func(m string) bool { return strings.HasPrefix(string(head[:n]), m) }), nil
}

// member is an open member of an archive. Its checksum is verified by whoever reads it to the end.
type member struct {
	io.ReadCloser
	of   *archive
	file *zip.File
}

func (a *archive) member(f *zip.File) (*member, error) {
	r, err := f.Open()
	if err != nil {
		return nil, badZip(a.name, err)
	}
	return &member{ReadCloser: r, of: a, file: f}, nil
}

// Stat tells what the archive says about the member.
func (m *member) Stat() (fs.FileInfo, error) { return m.file.FileInfo(), nil }

// Read reads decompressed bytes. Its errors carry a message, but for io.EOF.
func (m *member) Read(b []byte) (int, error) {
	n, err := m.ReadCloser.Read(b)
	if err != nil && err != io.EOF { //nolint:errorlint // the contract of io.Reader
		err = badZip(m.of.name+"/"+m.file.Name, err)
	}
	return n, err
}

func badZip(name string, err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, zip.ErrChecksum):
		return kpi.Errorf(kpi.CodeInvalid, "%s is damaged: the checksum does not match; fetch it again", name)
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return kpi.Errorf(kpi.CodeInvalid, "%s is damaged or cut short: it is no whole ZIP archive; fetch it again", name)
	}
	return &kpi.Error{Code: kpi.CodeInvalid, Message: name + " is damaged: it cannot be decompressed; fetch it again", Err: err}
}

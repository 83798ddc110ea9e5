package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"citystat/kpi"
)

// Archive is a backup whose manifest was read, and whose members are those that it names.
type Archive struct {
	Manifest Manifest

	path string
	file *os.File
}

// Open opens a backup, looks at the name, kind and size of every member, and reads the manifest. What the members hold is looked at by [Archive.Unpack].
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	a := &Archive{path: path, file: f}
	if err := a.read(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

// damaged says that a backup cannot be used, and what can be done.
func (a *Archive) damaged(format string, args ...any) error {
	return kpi.Errorf(kpi.CodeInvalid, "%s is damaged: %s; take another backup, or copy this one anew from where it is kept", a.path, fmt.Sprintf(format, args...))
}

func (a *Archive) read() error {
	st, err := a.file.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return kpi.Errorf(kpi.CodeInvalid, "%s is no file", a.path)
	}
	if err := a.wholeEnd(st.Size()); err != nil {
		return err
	}
	found, texts := map[string]int64{}, map[string][]byte{}
	err = a.each(func(h *tar.Header, r io.Reader) error {
		if _, twice := found[h.Name]; twice {
			return a.damaged("the member %q is in it twice", h.Name)
		}
		found[h.Name] = h.Size
		if h.Name != manifestName && h.Name != sumName {
			return nil
		}
		if h.Size > maxManifest {
			return a.damaged("its manifest is %d MB long", h.Size>>20)
		}
		text, err := io.ReadAll(r)
		texts[h.Name] = text
		return err
	})
	if err != nil {
		return err
	}
	if err := a.manifest(texts[manifestName], texts[sumName]); err != nil {
		return err
	}
	return a.complete(found, st.Size())
}

// wholeEnd looks for the zeros with which every archive ends.
func (a *Archive) wholeEnd(size int64) error {
	end := make([]byte, 1024)
	if size < int64(len(end)) || size%512 != 0 {
		return a.damaged("it is no tar archive, or only a part of one")
	}
	if _, err := a.file.ReadAt(end, size-int64(len(end))); err != nil {
		return err
	}
	if !bytes.Equal(end, make([]byte, len(end))) {
		return a.damaged("its end is missing")
	}
	return nil
}

// each calls fn for every member, in order, from the beginning.
func (a *Archive) each(fn func(*tar.Header, io.Reader) error) error {
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for r := tar.NewReader(a.file); ; {
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, tar.ErrInsecurePath):
			return a.damaged("%v", err)
		case h.Typeflag != tar.TypeReg, h.Name != manifestName && h.Name != sumName && !memberName.MatchString(h.Name):
			return kpi.Errorf(kpi.CodeInvalid, "%s has a member %q, which is in no backup that citystat writes; nothing of it is unpacked. Who gave it to you?", a.path, h.Name)
		}
		if err := fn(h, r); err != nil {
			return err
		}
	}
}

// manifest reads the manifest and its hash.
func (a *Archive) manifest(text, sum []byte) error {
	if text == nil || sum == nil {
		return a.damaged("it has no manifest: it is only a part of a backup, or none")
	}
	is := sha256.Sum256(text)
	if string(sum) != hex.EncodeToString(is[:])+"  "+manifestName+"\n" {
		return a.damaged("the manifest has another hash than it should")
	}
	var format struct{ Format int }
	if err := json.Unmarshal(text, &format); err != nil {
		return a.damaged("the manifest cannot be read: %v", err)
	}
	if format.Format > Format {
		return kpi.Errorf(kpi.CodeConflict, "%s has format %d and this program knows up to %d: a newer CityStat has written it; restore it with that one", a.path, format.Format, Format)
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return a.damaged("the manifest cannot be read: %v", err)
	}
	return nil
}

// complete compares the members with the manifest. What is said to be longer than the whole file would fill the disk with holes.
func (a *Archive) complete(found map[string]int64, size int64) error {
	var sum int64
	for _, f := range a.Manifest.Files {
		is, ok := found[f.Name]
		switch {
		case !ok:
			return a.damaged("the member %q is missing", f.Name)
		case is != f.Size:
			return a.damaged("the member %q has %d bytes, and the manifest says %d", f.Name, is, f.Size)
		}
		delete(found, f.Name)
		if sum += f.Size; f.Size < 0 || sum > size || sum < 0 {
			return a.damaged("it says that it holds more than it is long")
		}
	}
	for name := range found {
		if name != manifestName && name != sumName {
			return a.damaged("the manifest knows nothing of the member %q", name)
		}
	}
	return nil
}

// Has reports whether there is a member with the name.
func (a *Archive) Has(name string) bool {
	for _, f := range a.Manifest.Files {
		if f.Name == name {
			return true
		}
	}
	return false
}

// Unpack writes the members below a directory that is there, and checks that each is what was backed up. Files have mode 0600, directories 0700; they are on
// the disk once it returns.
func (a *Archive) Unpack(ctx context.Context, dir string) error {
	want := map[string]File{}
	for _, f := range a.Manifest.Files {
		want[f.Name] = f
	}
	dirs := map[string]bool{dir: true}
	err := a.each(func(h *tar.Header, r io.Reader) error {
		f, ok := want[h.Name]
		if !ok {
			return nil
		}
		to := filepath.Join(dir, filepath.FromSlash(h.Name))
		for d := filepath.Dir(to); !dirs[d]; d = filepath.Dir(d) {
			dirs[d] = true
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		return a.unpack(ctx, to, f, r)
	})
	for d := range dirs {
		if err == nil {
			err = syncDir(d)
		}
	}
	return told(dir, err)
}

func (a *Archive) unpack(ctx context.Context, to string, f File, r io.Reader) error {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), withContext{ctx, r})
	if err == nil && (n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256) {
		err = a.damaged("the member %q has another hash than the manifest says", f.Name)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = a.damaged("it ends within the member %q", f.Name)
	}
	return errors.Join(err, out.Sync(), out.Close())
}

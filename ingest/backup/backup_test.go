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
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"citystat/kpi"
)

var made = time.Date(2026, 3, 31, 4, 5, 6, 0, time.UTC)

// hash is a name that a kept copy may have.
const hash = "ab3456789012345678901234567890123456789012345678901234567890abcd"

// small writes a backup of three small files and returns its path and what is in it.
func small(t *testing.T) (string, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	holds := map[string]string{
		LedgerName:                                    strings.Repeat("ledger ", 80),
		"spool/ab/" + hash + ".csv.s2":                "a kept copy",
		"spool/rejects/12.json.zst":                   "",
		"spool/" + hash[:2] + "/" + hash + ".csv.zst": "an older kept copy",
	}
	var members []Member
	for name, text := range holds {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		members = append(members, Member{name, path})
	}
	path := filepath.Join(dir, "b.tar")
	m, err := Write(t.Context(), path, Manifest{Program: "test", City: "town", Made: made, Schema: 6, Entries: 2, Head: "ff"}, members, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != len(holds) || m.Format != Format {
		t.Fatalf("manifest %+v", m)
	}
	return path, holds
}

// unpackAll opens and unpacks a backup, and returns what came out.
func unpackAll(ctx context.Context, path, to string) (map[string]string, error) {
	a, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if err := a.Unpack(ctx, to); err != nil {
		return nil, err
	}
	got := map[string]string{}
	return got, filepath.WalkDir(to, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(to, p)
		got[filepath.ToSlash(rel)] = string(b)
		return err
	})
}

func same(a, b map[string]string) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}

func TestComesBack(t *testing.T) {
	path, holds := small(t)
	to := t.TempDir()
	got, err := unpackAll(t.Context(), path, to)
	if err != nil || !same(got, holds) {
		t.Fatalf("%v, %v", got, err)
	}
	for name := range holds {
		if st, err := os.Stat(filepath.Join(to, name)); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st.Mode(), err)
		}
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the backup itself: %v, %v", st.Mode(), err)
	}
	if _, err := unpackAll(t.Context(), path, to); err == nil {
		t.Error("a backup is unpacked over what is there")
	}
}

// TestAnyBitThatMatters turns one bit in every 31 bytes of a backup: either the backup is refused, or the bit was one
// that nothing depends on, and everything comes out as it was.
func TestAnyBitThatMatters(t *testing.T) {
	path, holds := small(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.tar")
	refused := 0
	for i := 0; i < len(whole); i += 31 {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := unpackAll(t.Context(), bad, filepath.Join(t.TempDir(), "out"))
		switch {
		case err == nil && !same(got, holds):
			t.Fatalf("with byte %d turned something else comes out", i)
		case err != nil:
			refused++
			if code := kpi.ErrorCode(err); code != kpi.CodeInvalid && code != kpi.CodeConflict {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
	if refused < len(whole)/31/4 {
		t.Errorf("only %d of %d damages were refused", refused, len(whole)/31)
	}
}

func TestAnyCutIsRefused(t *testing.T) {
	path, _ := small(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.tar")
	for n := 0; n < len(whole); n += 256 {
		if err := os.WriteFile(cut, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if a, err := Open(cut); err == nil {
			t.Errorf("%d of %d bytes are taken for a backup: %+v", n, len(whole), a.Manifest)
		} else if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "take another backup") {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// forged makes an archive as an enemy would.
func forged(t *testing.T, change func(*Manifest), members ...tar.Header) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "forged.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	m := Manifest{Format: Format, City: "town", Made: made}
	put := func(h tar.Header, text []byte) {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range members {
		text := bytes.Repeat([]byte{'x'}, int(h.Size))
		put(h, text)
		sum := sha256.Sum256(text)
		m.Files = append(m.Files, File{h.Name, h.Size, hex.EncodeToString(sum[:])})
	}
	if change != nil {
		change(&m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	put(tar.Header{Typeflag: tar.TypeReg, Name: manifestName, Size: int64(len(text))}, text)
	line := fmt.Sprintf("%x  %s\n", sum, manifestName)
	put(tar.Header{Typeflag: tar.TypeReg, Name: sumName, Size: int64(len(line))}, []byte(line))
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestForgeriesAreRefused(t *testing.T) {
	file := func(name string, size int64) tar.Header {
		return tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size}
	}
	huge := func(m *Manifest) { m.Files[0].Size = 1 << 50 }
	for name, tc := range map[string]struct {
		path, want string
	}{
		"a way out":            {forged(t, nil, file("../../etc/passwd", 1)), "is in no backup that citystat writes"},
		"a way from the root":  {forged(t, nil, file("/etc/passwd", 1)), "is in no backup that citystat writes"},
		"a way within a name":  {forged(t, nil, file("spool/../ledger.db", 1)), "is in no backup that citystat writes"},
		"a link":               {forged(t, nil, tar.Header{Typeflag: tar.TypeSymlink, Name: LedgerName, Linkname: "/etc/passwd"}), "is in no backup that citystat writes"},
		"twice":                {forged(t, nil, file(LedgerName, 1), file(LedgerName, 2)), "is in it twice"},
		"unknown":              {forged(t, func(m *Manifest) { m.Files = nil }, file(LedgerName, 1)), "the manifest knows nothing of"},
		"missing":              {forged(t, func(m *Manifest) { m.Files = append(m.Files, File{Name: LedgerName}) }), "is missing"},
		"another size":         {forged(t, huge, file(LedgerName, 1)), "the manifest says"},
		"a newer format":       {forged(t, func(m *Manifest) { m.Format = Format + 1 }, file(LedgerName, 1)), "a newer CityStat has written it"},
		"longer than the file": {sparse(t), "holds more than it is long"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Open(tc.path)
			if err == nil {
				t.Fatalf("it is taken for a backup: %+v", a.Manifest)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// sparse is an archive of a few bytes whose ledger unpacks to a terabyte of zeros.
func sparse(t *testing.T) string {
	t.Helper()
	const size = 1 << 40
	path := forged(t, func(m *Manifest) { m.Files = []File{{Name: LedgerName, Size: size}} })
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var first bytes.Buffer
	w := tar.NewWriter(&first)
	// The map of a sparse file: no stored part, then the end.
	body := []byte("1\n" + fmt.Sprint(size) + "\n0\n")
	body = append(body, make([]byte, 512-len(body))...)
	err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "sparse", Size: int64(len(body)), Format: tar.FormatPAX, PAXRecords: map[string]string{"comment": strings.Repeat("x", 200)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	// The library writes no such records, so they take the place of a comment of the same length.
	records := ""
	for _, r := range [][2]string{{"GNU.sparse.major", "1"}, {"GNU.sparse.minor", "0"}, {"GNU.sparse.name", LedgerName}, {"GNU.sparse.realsize", fmt.Sprint(size)}} {
		n := len(r[0]) + len(r[1]) + 3
		n += len(fmt.Sprint(n + 2))
		records += fmt.Sprintf("%d %s=%s\n", n, r[0], r[1])
	}
	b := first.Bytes()
	start := 512
	end := bytes.IndexByte(b[start:], 0) + start
	if len(records) > end-start {
		t.Fatalf("%d bytes for %d", end-start, len(records))
	}
	rest := end - start - len(records)
	pad := fmt.Sprintf("%d comment=", rest)
	records += pad + strings.Repeat("y", rest-len(pad)-1) + "\n"
	copy(b[start:end], records)
	out := filepath.Join(t.TempDir(), "sparse.tar")
	if err := os.WriteFile(out, append(b, whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(bytes.NewReader(b))
	if h, err := r.Next(); err != nil || h.Name != LedgerName || h.Size != size {
		t.Fatalf("the forgery is no sparse file: %+v, %v", h, err)
	}
	return out
}

func TestNeverOverAnother(t *testing.T) {
	path, _ := small(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m := Manifest{Made: made}
	if _, err := Write(t.Context(), path, m, nil, false); kpi.ErrorCode(err) != kpi.CodeConflict || !strings.Contains(err.Error(), "--force") {
		t.Errorf("over one that is there: %v", err)
	}
	if _, err := Write(t.Context(), t.TempDir(), m, nil, true); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("over a directory: %v", err)
	}
	// What fails on its way leaves the one that is there, and nothing else.
	for _, members := range [][]Member{{{LedgerName, filepath.Join(t.TempDir(), "none")}}, {{"../x", path}}} {
		if _, err := Write(t.Context(), path, m, members, true); err == nil {
			t.Error("a backup of what is not there, or may not be in one")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, path, m, []Member{{LedgerName, path}}, true); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the older backup was changed: %v", err)
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was left: %v", err)
	}
	// What a program that was killed has left, whoever may read it, gives way.
	if err := os.WriteFile(path+".part", bytes.Repeat([]byte{1}, 1<<16), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), path, m, nil, true); err != nil {
		t.Error(err)
	}
	if a, err := Open(path); err != nil {
		t.Error(err)
	} else if err := a.Close(); err != nil {
		t.Error(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
}

func TestOneWriterAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b.tar")
	f, err := claim(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), path, Manifest{}, nil, false); kpi.ErrorCode(err) != kpi.CodeConflict || !strings.Contains(err.Error(), "another backup is being written") {
		t.Errorf("%v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), path, Manifest{}, nil, false); err != nil {
		t.Error(err)
	}
}

// TestFullDisk bounds the size of files of a process of its own: it stands for a disk that is full.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.WriteFile(in, bytes.Repeat([]byte{'x'}, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	signalIgnored(t)
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 15, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "b.tar")
	_, err := Write(t.Context(), path, Manifest{}, []Member{{LedgerName, in}}, false)
	if back := unix.Setrlimit(unix.RLIMIT_FSIZE, &was); back != nil {
		t.Fatal(back)
	}
	if kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(err.Error(), "is full; make room") {
		t.Errorf("%v", err)
	}
	list, err := filepath.Glob(path + "*")
	if err != nil || len(list) > 0 {
		t.Errorf("left: %v, %v", list, err)
	}
}

// TestStreams backs up and unpacks far more than it may hold in memory.
func TestStreams(t *testing.T) {
	const size = 32 << 20
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.WriteFile(in, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(in, size); err != nil { // takes no room on the disk
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Write(t.Context(), filepath.Join(dir, "b.tar"), Manifest{}, []Member{{LedgerName, in}}, true); err != nil {
		t.Fatal(err)
	}
	if _, err := unpackNothing(filepath.Join(dir, "b.tar")); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > size/16 {
		t.Errorf("%d bytes were allocated for a member of %d", allocated, size)
	}
}

// unpackNothing reads all members as unpacking does, and writes them nowhere.
func unpackNothing(path string) (n int64, err error) {
	a, err := Open(path)
	if err != nil {
		return 0, err
	}
	err = a.each(func(_ *tar.Header, r io.Reader) error {
		more, err := io.Copy(io.Discard, r)
		n += more
		return err
	})
	return n, errors.Join(err, a.Close())
}

func signalIgnored(t *testing.T) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
}

package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"citystat/kpi"
)

func spool(t *testing.T) *Spool {
	t.Helper()
	s, err := OpenSpool(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keep puts a text into the spool and returns its hash.
func keep(t *testing.T, s *Spool, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := s2.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Tmp(), "x.s2")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	hash := hashOf(text)
	if err := s.Keep(hash, path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still in tmp: %v", err)
	}
	return hash
}

func TestSpoolKeepsAndGives(t *testing.T) {
	s := spool(t)
	text := strings.Repeat("2,a,b\n", 100000)
	hash := keep(t, s, text)
	if again := keep(t, s, text); again != hash {
		t.Error("another hash for the same text")
	}
	path, err := s.Plain(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != text {
		t.Errorf("%d bytes came back (%v), want %d", len(b), err, len(text))
	}
	if want := filepath.Join(s.Tmp(), hash+".csv"); path != want {
		t.Errorf("plain copy at %s, want %s", path, want)
	}
	for _, p := range []string{s.dir, s.Tmp(), filepath.Dir(s.Path(hash))} {
		if st, err := os.Stat(p); err != nil || st.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", p, st.Mode(), err)
		}
	}
	for _, p := range []string{path, s.Path(hash)} {
		if st, err := os.Stat(p); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", p, st.Mode(), err)
		}
	}
	if err := s.Discard(path, path); err != nil {
		t.Error(err)
	}
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestSpoolReadsOlderCopies: those that were packed with Zstandard are read, and give way to the same copy when it comes again.
func TestSpoolReadsOlderCopies(t *testing.T) {
	s := spool(t)
	text := strings.Repeat("2,a,b\n", 1000)
	hash := hashOf(text)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	older := s.olderPath(hash)
	write := func(b []byte) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(older), 0o700), os.WriteFile(older, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(z.EncodeAll([]byte(text), nil))
	path, err := s.Plain(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != text {
		t.Errorf("%d bytes came back (%v), want %d", len(b), err, len(text))
	}
	write([]byte("no zstd"))
	if _, err := s.Plain(t.Context(), hash); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), older+" is damaged") {
		t.Errorf("damaged: %v", err)
	}
	keep(t, s, text)
	if _, err := os.Stat(older); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the older copy is still there: %v", err)
	}
	if _, err := s.Plain(t.Context(), hash); err != nil {
		t.Error(err)
	}
}

func TestSpoolEmptiesTmpAtTheStart(t *testing.T) {
	s := spool(t)
	hash := keep(t, s, "kept")
	left := filepath.Join(s.Tmp(), "copy-1.csv")
	if err := os.WriteFile(left, []byte("left"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSpool(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left in tmp is still there: %v", err)
	}
	if _, err := s.Plain(t.Context(), hash); err != nil {
		t.Error(err)
	}
}

func TestSpoolNoticesDamage(t *testing.T) {
	s := spool(t)
	text := strings.Repeat("some text, ", 1000)
	hash := keep(t, s, text)
	whole, err := os.ReadFile(s.Path(hash))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(s.Path(keep(t, s, "other text")))
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)/2] ^= 1
	for name, b := range map[string][]byte{"cut": whole[:len(whole)-5], "flipped": flipped, "empty": nil, "another copy": other, "no s2": []byte("text")} {
		if err := os.WriteFile(s.Path(hash), b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Plain(t.Context(), hash)
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "is damaged; restore it from a backup") {
			t.Errorf("%s: error %v", name, err)
		}
		if left, err := os.ReadDir(s.Tmp()); err != nil || len(left) > 0 {
			t.Errorf("%s: %d files left in tmp (%v)", name, len(left), err)
		}
	}
	keep(t, s, text)
	if _, err := s.Plain(t.Context(), hash); err != nil {
		t.Errorf("a damaged copy that came again: %v", err)
	}
	if err := os.Remove(s.Path(hash)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Plain(t.Context(), hash); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("lost: error %v", err)
	}
}

func TestSpoolPlainEndsWithItsContext(t *testing.T) {
	s := spool(t)
	hash := keep(t, s, "text")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Plain(ctx, hash); !errors.Is(err, context.Canceled) || kpi.ErrorCode(err) == kpi.CodeInvalid {
		t.Errorf("error %v", err)
	}
}

func TestSpoolKeepsRejects(t *testing.T) {
	s := spool(t)
	want := []kpi.Reject{
		{Dataset: "requests", File: "data/a.csv", Line: 3, Column: "ID", Reason: "nul", Detail: "d", Raw: "a\nb"},
		{Dataset: "requests", File: "data/b.csv", Line: 9, Reason: "field_count"},
	}
	if err := s.KeepRejects(7, want); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepRejects(8, nil); err != nil {
		t.Fatal(err)
	}
	got, err := s.Rejects(7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := s.Rejects(8); err != nil || len(got) > 0 {
		t.Errorf("%v, %v", got, err)
	}
	if err := os.WriteFile(s.rejectsOf(7), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rejects(7); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "7.json.zst is damaged") {
		t.Errorf("error %v", err)
	}
}

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLiesIn(t *testing.T) {
	dir := t.TempDir()
	data, other := filepath.Join(dir, "data"), filepath.Join(dir, "other")
	for _, d := range []string{data, other} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{
		filepath.Join(data, "b.tar"): true, filepath.Join(data, "new", "b.tar"): true, data: true, filepath.Join(link, "b.tar"): true, filepath.Join(link, "new", "b.tar"): true,
		filepath.Join(other, "b.tar"): false, filepath.Join(dir, "data.tar"): false, filepath.Join(dir, "..data"): false,
	} {
		if got := liesIn(data, file); got != want {
			t.Errorf("%s: %t", file, got)
		}
		if got := liesIn(link, file); got != want {
			t.Errorf("%s, by the link: %t", file, got)
		}
	}
}

package catalog_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a golden file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", file, got, want)
	}
}

// base returns the folder from which most of the broken ones are made.
func base(t testing.TB) fstest.MapFS { return folder(t, "base") }

// folder returns a folder in which nothing is wrong.
func folder(t testing.TB, name string) fstest.MapFS {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for _, f := range archive.Files {
		folder[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return folder
}

// change makes a broken folder of a good one. A file of the archive replaces the one of the same name; behind its name may stand
//
//   - "delete": the file is taken away;
//   - "edit": its text says what to replace: old text, a line "=>", new text; several edits with a line "--" between them;
//   - "quoted": each line is a Go string, and the file is all of them together;
//   - "fill N": the text is repeated up to N bytes.
func change(t testing.TB, folder fstest.MapFS, archive *txtar.Archive) fstest.MapFS {
	t.Helper()
	folder = maps.Clone(folder)
	for _, f := range archive.Files {
		name, how, _ := strings.Cut(f.Name, " ")
		verb, argument, _ := strings.Cut(how, " ")
		switch verb {
		case "":
			folder[name] = &fstest.MapFile{Data: f.Data}
		case "delete":
			if folder[name] == nil {
				t.Fatalf("there is no %s to delete", name)
			}
			delete(folder, name)
		case "edit":
			folder[name] = &fstest.MapFile{Data: edit(t, folder[name], string(f.Data))}
		case "quoted":
			folder[name] = &fstest.MapFile{Data: unquote(t, string(f.Data))}
		case "fill":
			n, err := strconv.Atoi(argument)
			if err != nil {
				t.Fatal(err)
			}
			folder[name] = &fstest.MapFile{Data: []byte(strings.Repeat(string(f.Data), n/len(f.Data)+1)[:n])}
		default:
			t.Fatalf("what is %q?", f.Name)
		}
	}
	return folder
}

func edit(t testing.TB, file *fstest.MapFile, edits string) []byte {
	t.Helper()
	if file == nil {
		t.Fatal("there is no such file to edit")
	}
	text := string(file.Data)
	for _, e := range strings.Split(edits, "\n--\n") {
		before, after, ok := strings.Cut(strings.TrimSuffix(e, "\n"), "\n=>")
		if !ok || strings.Count(text, before) != 1 {
			t.Fatalf("%q stands %d times in the file", before, strings.Count(text, before))
		}
		text = strings.Replace(text, before, strings.TrimPrefix(after, "\n"), 1)
	}
	return []byte(text)
}

func unquote(t testing.TB, lines string) []byte {
	t.Helper()
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		s, err := strconv.Unquote(line)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", line, err))
		}
		b.WriteString(s)
	}
	return []byte(b.String())
}

package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"citystat/kpi/ledger"
)

// unpackOld unpacks what an older program has written, and returns the folder and the data directory.
func unpackOld(t *testing.T, name string) (town, data string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "old", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(dir, "town"), filepath.Join(dir, "data")
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, h.FileInfo().Mode().Perm())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, r); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpgrade opens whole data directories as older programs have left them: nothing is lost, the way back is kept, and a backup of before can be restored.
func TestUpgrade(t *testing.T) {
	for _, schema := range []int{1, 5} {
		t.Run(fmt.Sprintf("schema %d", schema), func(t *testing.T) {
			town, data := unpackOld(t, fmt.Sprintf("schema-%d.tar.gz", schema))
			file := filepath.Join(data, "ledger.db")
			was := look(t, file)
			if was.Schema != schema {
				t.Fatalf("schema %d", was.Schema)
			}
			// A backup is taken before the upgrade, which changes nothing yet.
			saved := filepath.Join(t.TempDir(), "before.tar")
			succeeds(t, "backup", saved, "--data", data)
			if now := look(t, file); now.Schema != schema {
				t.Fatalf("the backup changed the schema to %d", now.Schema)
			}
			if said := succeeds(t, "restore", "--verify", saved, town); !strings.Contains(said, fmt.Sprintf("ok      schema     %d, brought to this program's %d", schema, ledger.NewestSchema())) ||
				!strings.Contains(said, "rebuilt from 2 kept copies: 2 data versions") {
				t.Errorf("the drill says:\n%s", said)
			}
			succeeds(t, "audit", town, "--data", data) // the first command of the new program
			now := look(t, file)
			for table, n := range was.Rows {
				// Opening the city anew may record its folder once more; nothing else is added, and nothing taken away.
				if now.Rows[table] != n && table != "folder" && table != "folder_definition" || now.Rows[table] < n {
					t.Errorf("%s has %d rows, and had %d", table, now.Rows[table], n)
				}
			}
			if now.Schema != ledger.NewestSchema() || now.Head != was.Head || now.Publication != was.Publication || now.Version != was.Version || now.Publication != 3 {
				t.Errorf("%+v, was %+v", now, was)
			}
			kept := look(t, file+fmt.Sprintf(".before-%d", schema))
			if kept.Schema != schema || kept.Head != was.Head || kept.Rows["load"] != was.Rows["load"] {
				t.Errorf("what is kept of before: %+v", kept)
			}
			servesWhatItHad(t, town, data, schema)
		})
	}
}

// servesWhatItHad starts a server on what was upgraded.
func servesWhatItHad(t *testing.T, town, data string, schema int) {
	t.Helper()
	if said := succeeds(t, "history", town, "on-time", "2026-03", "--data", data); !strings.Contains(said, "50") || !strings.Contains(said, "100") {
		t.Errorf("a value of before is not known any more:\n%s", said)
	}
	app := start(t, testOptions(town, data))
	if c := card(t, app); c.Number < 3 || len(c.Results) != 1 {
		t.Errorf("publication %d with %d indicators", c.Number, len(c.Results))
	}
	get(t, app, "/en/indicators/on-time")
	if said := succeeds(t, "doctor", town, "--data", data); strings.Contains(said, "WRONG") {
		t.Errorf("the doctor says:\n%s", said)
	}
	if schema < 5 {
		return
	}
	if said := succeeds(t, "user", "list", town, "--data", data); !strings.Contains(said, "ana@city.gov") || !strings.Contains(said, "department_head:works") {
		t.Errorf("people:\n%s", said)
	}
	if said := succeeds(t, "audit", town, "--verify", "--data", data); !strings.Contains(said, "as they were written") {
		t.Errorf("the trail:\n%s", said)
	}
	if said := succeeds(t, "feedback", town, "--state", "all", "--data", data); !strings.Contains(said, "It was mended.") || !strings.Contains(said, "=1+1 ¿Cuándo?") {
		t.Errorf("letters:\n%s", said)
	}
}

func look(t *testing.T, path string) ledger.Facts {
	t.Helper()
	f, err := ledger.Look(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// succeeds runs a command that succeeds, and returns what it says.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	said, err := citystat(t, args...)
	if err != nil {
		t.Fatalf("citystat %v: %v\n%s", args, err, said)
	}
	return said
}

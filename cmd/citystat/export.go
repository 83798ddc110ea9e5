package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/ledger"
)

func newExport() *cobra.Command {
	var data string
	var addresses bool
	c := &cobra.Command{
		Use:   "export TO [DIR]",
		Short: "Write everything that people typed and that was published as plain JSON lines and CSV",
		Long: `Write everything that people typed and that was published as plain files: JSON lines and CSV, one of each for every table, papers by their kind with
every revision, and README.txt, which says what every column is. TO is a directory that is not there yet, or a file that ends in .zip. People go on
working meanwhile. With it a city can leave CityStat, or look at its own records with whatever it likes.

Hashes of passwords, links and sessions are left out; addresses of residents who wait for an answer too, unless --addresses asks for them. All the same it
holds what is not public: drafts, letters of residents, reasons. DIR is the city folder, by which the data directory is found; with --data it is not needed.`,
		Args: between(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			rows, err := exportNow(cmd.Context(), first(args[1:]), data, to, addresses)
			if err != nil {
				return err
			}
			var sum int64
			for _, n := range rows {
				sum += n
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %s. README.txt in it says what they are.\n", to, counted(int(sum), "row", "rows"), counted(len(rows), "table", "tables"))
			return err
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().BoolVar(&addresses, "addresses", false, "with the e-mail addresses of residents who wait for an answer")
	return c
}

// exportNow lets the server that owns the data directory export it, or does it alone.
func exportNow(ctx context.Context, path, data, to string, addresses bool) (map[string]int64, error) {
	dir, err := placeOf(path, data)
	if err != nil {
		return nil, err
	}
	reply, err := callServer(ctx, dir, "export", url.Values{"to": {to}, "addresses": {strconv.FormatBool(addresses)}})
	switch {
	case errors.Is(err, errNoServer):
		return writeExport(ctx, dir, to, addresses)
	case err == nil:
		err = replyError(reply)
	}
	return reply.Exported, err
}

// exporter writes the files of an export.
type exporter interface {
	Create(name string) (io.WriteCloser, error)
	Close() error
}

// writeExport exports a data directory. What stands under the final name is whole.
func writeExport(ctx context.Context, dir, to string, addresses bool) (rows map[string]int64, err error) {
	if liesIn(dir, to) {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s is in the data directory itself; export to another place", to)
	}
	part := to + ".part"
	if liesIn(part, dir) {
		return nil, kpi.Errorf(kpi.CodeInvalid, "the export is first written to %s, and that holds the data directory; choose another name", part)
	}
	err = withCopy(ctx, dir, func(path string) error { // one at a time: nobody takes away what another one writes
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, kpi.Errorf(kpi.CodeConflict, "%s is there already; choose another name", to))
		}
		if err := os.RemoveAll(part); err != nil { // of a program that was killed
			return err
		}
		rows, err = exportTo(ctx, path, part, strings.HasSuffix(to, ".zip"), addresses)
		if err == nil {
			err = os.Rename(part, to)
		}
		if err != nil {
			return errors.Join(err, os.RemoveAll(part))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// exportTo exports a copy of the ledger.
func exportTo(ctx context.Context, path, part string, zipped, addresses bool) (map[string]int64, error) {
	if err := newest(ctx, path); err != nil {
		return nil, err
	}
	x, err := newExporter(part, zipped)
	if err != nil {
		return nil, err
	}
	rows, err := ledger.Export(ctx, path, ledger.ExportOptions{Addresses: addresses, Cell: i18n.Cell, Create: x.Create})
	return rows, errors.Join(err, x.Close())
}

// newest brings a copy of a ledger that an older program has written to the schema of this one.
func newest(ctx context.Context, path string) error {
	facts, err := ledger.Look(ctx, path)
	if err != nil || facts.Schema == ledger.NewestSchema() {
		return err
	}
	led, err := ledger.Open(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(led.Close(), os.Remove(path+".before-"+strconv.Itoa(facts.Schema)))
}

func newExporter(path string, zipped bool) (exporter, error) {
	if !zipped {
		return exportDir(path), os.Mkdir(path, 0o700)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &exportZip{f, zip.NewWriter(f)}, nil
}

// exportDir writes the files into a directory.
type exportDir string

// Create begins a file.
func (d exportDir) Create(name string) (io.WriteCloser, error) {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// Close does nothing: each file is closed by itself.
func (exportDir) Close() error { return nil }

// exportZip writes them into a ZIP archive.
type exportZip struct {
	file *os.File
	zip  *zip.Writer
}

// Create begins a file; the one before is ended.
func (z *exportZip) Create(name string) (io.WriteCloser, error) {
	w, err := z.zip.Create(name)
	return zipMember{w}, err
}

// Close ends the archive.
func (z *exportZip) Close() error {
	return errors.Join(z.zip.Close(), z.file.Sync(), z.file.Close())
}

// zipMember is a file in an archive, which ends when the next begins.
type zipMember struct{ io.Writer }

// Close does nothing.
func (zipMember) Close() error { return nil }

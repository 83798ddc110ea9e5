package ingest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"citystat/kpi"
)

// spoolAt is the spool of a data directory as it lies there: nothing is made, and nothing is taken away.
func spoolAt(dir string) *Spool { return &Spool{dir: filepath.Join(dir, "spool")} }

// copies examines the kept copies: those of live loads are there and are what was kept, and none holds what is dropped.
func (d *Doctor) copies(ctx context.Context) ([]Finding, error) {
	kept := Finding{Check: "spool-copies", About: "the kept copy of every live load is there and has its hash", Unit: "copies"}
	if d.Quick {
		kept.About = "the kept copy of every live load is there (its hash was not computed)"
	}
	dropped := Finding{Check: "dropped-columns", About: "nothing that was kept holds a column that is dropped", Unit: "copies"}
	city, _, err := d.Ledger.City(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	users := map[string][]kpi.Load{} // copy → the loads that have it
	var order []string
	for _, l := range d.loads {
		for _, f := range l.Spool {
			if users[f.Copy] == nil {
				order = append(order, f.Copy)
			}
			users[f.Copy] = append(users[f.Copy], l)
		}
	}
	for _, hash := range order {
		needed := slices.IndexFunc(users[hash], func(l kpi.Load) bool { return l.State == kpi.LoadLive })
		columns, err := d.spool.inspect(ctx, hash, d.Quick)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if needed >= 0 {
			kept.Looked++
			if err != nil {
				l := users[hash][needed]
				kept.wrong("load %d of %s: %v", l.ID, l.Dataset, err)
			}
		}
		if err == nil {
			dropped.Looked++
			holdsDropped(&dropped, city, d.spool, hash, users[hash], columns)
		}
	}
	if err := d.rawRows(ctx, &dropped, city); err != nil {
		return nil, err
	}
	orphans, err := d.orphans(users)
	return []Finding{kept, dropped, orphans}, err
}

// rawRows looks for rows that were set aside as they came before the folder dropped a column of them.
func (d *Doctor) rawRows(ctx context.Context, f *Finding, city *kpi.City) error {
	folders := map[int]*kpi.City{}
	for _, l := range d.loads {
		ds := city.Dataset(l.Dataset)
		if ds == nil || len(ds.Drop) == 0 {
			continue
		}
		then := folders[l.Folder]
		if then == nil {
			var err error
			if then, err = d.Ledger.Folder(ctx, l.Folder); err != nil {
				return err
			}
			folders[l.Folder] = then
		}
		was := then.Dataset(l.Dataset)
		added := slices.DeleteFunc(slices.Clone(ds.Drop), func(name string) bool { return was != nil && slices.Contains(was.Drop, name) })
		rows, err := d.spool.Rejects(l.ID)
		if err != nil || len(added) == 0 {
			continue // damage is told of with the counts
		}
		raw := slices.DeleteFunc(rows, func(r kpi.Reject) bool {
			return r.Raw == "" || r.Column != "" && !slices.Contains(added, r.Column)
		})
		if len(raw) > 0 {
			f.wrong("%s keeps %d rows of %s as they came in load %d, when %s was not dropped yet; so does the warehouse", d.spool.rejectsOf(l.ID), len(raw), l.Dataset, l.ID, strings.Join(added, ", "))
		}
	}
	return nil
}

// holdsDropped adds what a copy holds of columns that the folder drops.
func holdsDropped(f *Finding, city *kpi.City, s *Spool, hash string, users []kpi.Load, columns []string) {
	said := map[string]bool{}
	for _, l := range users {
		ds := city.Dataset(l.Dataset)
		if ds == nil || said[l.Dataset] {
			continue
		}
		said[l.Dataset] = true
		var holds []string
		for _, c := range columns {
			if slices.Contains(ds.Drop, c) {
				holds = append(holds, c)
			}
		}
		if len(holds) > 0 {
			f.wrong("the copy %s, kept by load %d of %s, still holds %s, which the folder now drops; the rows of that time are in the warehouse with it",
				s.Path(hash), l.ID, l.Dataset, strings.Join(holds, ", "))
		}
	}
}

// inspect reads a kept copy: the names of its columns, and its hash unless it is to be believed.
func (s *Spool) inspect(ctx context.Context, hash string, quick bool) ([]string, error) {
	if len(hash) != 2*sha256.Size {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%q is no hash of a copy; restore the ledger from a backup", hash)
	}
	kept, unpacked := s.Path(hash), unpackS2
	in, err := os.Open(kept)
	if errors.Is(err, fs.ErrNotExist) {
		if in, err = os.Open(s.olderPath(hash)); err == nil {
			kept, unpacked = s.olderPath(hash), unpackZstd
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, kpi.Errorf(kpi.CodeNotFound, "the spool has lost the copy %s; restore %s from a backup", hash, kept)
	}
	if err != nil {
		return nil, s.wrap(err)
	}
	columns, got, err := readCopy(ctx, in, unpacked, quick)
	err = errors.Join(err, in.Close())
	if err == nil && !quick && got != hash {
		err = errors.New("its bytes have another hash")
	}
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("the kept copy %s is damaged; restore it from a backup", kept), Err: err}
	}
	return columns, nil
}

// readCopy returns the columns of a copy, but for that of the line, and the hash of the whole of it unless only the columns are wanted.
func readCopy(ctx context.Context, in io.Reader, how unpacker, quick bool) ([]string, string, error) {
	z, err := how(in)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.New()
	all := io.TeeReader(&withContext{ctx, z}, sum)
	names, err := csv.NewReader(bufio.NewReader(all)).Read()
	if err == nil && !quick {
		_, err = io.Copy(io.Discard, all)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, "", err
	}
	return names[1:], hex.EncodeToString(sum.Sum(nil)), nil
}

// orphans counts the files of the spool that no live load needs. They are no fault: a load that fails leaves its copy.
func (d *Doctor) orphans(users map[string][]kpi.Load) (Finding, error) {
	f := Finding{Check: "spool-orphans", About: "files in the spool that no live load needs are known", Unit: "files"}
	var unneeded, unknown int
	err := filepath.WalkDir(d.spool.dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (path == d.spool.Tmp() || path == d.spool.rejects()):
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		f.Looked++
		hash, _, _ := strings.Cut(e.Name(), ".")
		loads, known := users[hash]
		switch {
		case !known && len(hash) != 2*sha256.Size:
			f.warn("%s is no file of the spool's; take it away if you know what it is", path)
		case !known:
			unknown++
		case !slices.ContainsFunc(loads, func(l kpi.Load) bool { return l.State == kpi.LoadLive }):
			unneeded++
		}
		return nil
	})
	if unneeded > 0 {
		f.note("%d copies are of loads that did not become live", unneeded)
	}
	if unknown > 0 {
		f.note("%d copies are of loads that ended before the ledger knew of them", unknown)
	}
	if errors.Is(err, fs.ErrNotExist) {
		f.wrong("the spool %s is not there; restore it from a backup", d.spool.dir)
		err = nil
	}
	return f, err
}

// temporary examines that nothing of a source lies where it is worked on, while nothing is.
func (d *Doctor) temporary(context.Context) ([]Finding, error) {
	f := Finding{Check: "spool-tmp", About: "nothing of a source is left in spool/tmp while nothing is loaded", Looked: 1, Unit: "directories"}
	left, err := os.ReadDir(d.spool.Tmp())
	switch {
	case errors.Is(err, fs.ErrNotExist) || len(left) == 0:
		return []Finding{f}, nil
	case err != nil:
		return nil, err
	}
	if d.Alone {
		f.warn("%d files of a load during which the program ended are in %s, unfiltered; the next start removes them", len(left), d.spool.Tmp())
	} else {
		f.wrong("%d files are in %s though nothing is loaded, such as %s; restart the server, which removes them", len(left), d.spool.Tmp(), left[0].Name())
	}
	return []Finding{f}, nil
}

// place examines the directory, the disk and the clock.
func (d *Doctor) place(context.Context) ([]Finding, error) {
	modes, err := d.modes()
	if err != nil {
		return nil, err
	}
	space := Finding{Check: "free-space", About: "there is room for a load", Looked: 1, Unit: "disks"}
	if err := (&Runner{Options: Options{Dir: d.Dir, MinFree: d.MinFree}, spool: d.spool}).guard(); err != nil {
		space.wrong("%v", err)
	}
	return []Finding{modes, space, d.clock()}, nil
}

// modes examines that nobody else on the machine can read what is kept.
func (d *Doctor) modes() (Finding, error) {
	f := Finding{Check: "modes", About: "nobody else on this machine can read the data directory", Unit: "files and directories"}
	err := filepath.WalkDir(d.Dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // a reader's temporary file, gone since
			return nil
		}
		if err != nil {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		f.Looked++
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		// DuckDB makes its files as the umask says; the directory that they are in lets nobody else through.
		if open := info.Mode().Perm() &^ want; open != 0 && !(strings.HasPrefix(e.Name(), "warehouse.duckdb") && open&^0o044 == 0) {
			f.wrong("%s has the mode %04o; others can reach it: chmod %04o %s", path, info.Mode().Perm(), want, path)
		}
		return nil
	})
	return f, err
}

// clock examines that time has not gone backwards.
func (d *Doctor) clock() Finding {
	f := Finding{Check: "clock", About: "nothing happened later than now", Looked: int64(len(d.loads)), Unit: "loads"}
	now := d.Now()
	for _, l := range d.loads {
		at := l.Started
		for _, t := range []time.Time{l.LiveAt, l.Ended} {
			if t.After(at) {
				at = t
			}
		}
		if at.After(now.Add(time.Minute)) {
			f.wrong("load %d of %s happened on %s, and this machine's clock says %s; set the clock right: what is asked for by its date would not be found", l.ID, l.Dataset, at.UTC().Format(time.DateTime), now.UTC().Format(time.DateTime))
		}
	}
	return f
}

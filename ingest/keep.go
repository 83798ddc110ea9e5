package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Kept is a file of the spool.
type Kept struct {
	Name string // below the data directory, with slashes
	Path string
}

// KeptFiles lists the files of the spool in a data directory that are needed to rebuild the warehouse: the copies with the hashes, and what connectors set
// aside in the loads. missing are the copies that are not there.
func KeptFiles(dir string, copies []string, loads []int64) (files []Kept, missing []string, err error) {
	s := spoolAt(dir)
	is := func(file string) (bool, error) {
		switch st, err := os.Stat(file); {
		case errors.Is(err, fs.ErrNotExist):
			return false, nil
		case err != nil:
			return false, s.wrap(err)
		case !st.Mode().IsRegular():
			return false, s.wrap(fmt.Errorf("%s is no file", file))
		}
		return true, nil
	}
	for _, hash := range copies {
		found := false
		for _, file := range []string{s.Path(hash), s.olderPath(hash)} {
			there, err := is(file)
			if err != nil {
				return nil, nil, err
			}
			if there {
				files, found = append(files, Kept{path.Join("spool", hash[:2], filepath.Base(file)), file}), true
				break
			}
		}
		if !found {
			missing = append(missing, hash)
		}
	}
	for _, id := range loads {
		file := s.rejectsOf(id)
		there, err := is(file)
		if err != nil {
			return nil, nil, err
		}
		if there {
			files = append(files, Kept{path.Join("spool", "rejects", filepath.Base(file)), file})
		}
	}
	return files, missing, nil
}

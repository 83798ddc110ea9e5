package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// inside reports whether a path of the folder is written as one: relative, with slashes, and staying within the folder.
func (l *loader) inside(n *node, name string) bool {
	mend := "write a path within the folder, such as data/requests.csv"
	switch {
	case strings.Contains(name, "://"):
		l.bad(n, "put the file into the folder", "%s is an address on the web, and only files of the folder are read", short(name))
	case strings.Contains(name, `\`):
		l.bad(n, "write / between folders", `%s holds a \`, short(name))
	case path.IsAbs(name) || len(name) > 1 && name[1] == ':':
		l.bad(n, mend, "%s does not begin in the folder", short(name))
	case slices.Contains(strings.Split(name, "/"), ".."):
		l.bad(n, mend, "%s leads out of the folder", short(name))
	case !fs.ValidPath(name) || name == ".":
		l.bad(n, "write it without ./, // and / at its end", "%s is no path", short(name))
	default:
		return true
	}
	return false
}

// fileOf reads a key that names one file of the folder, and returns "" if there is no such file.
func (l *loader) fileOf(o object, key string, must need) (*node, string, error) {
	n, name := o.raw(key, must)
	if n == nil || !l.inside(n, name) {
		return nil, "", nil
	}
	info, err := fs.Stat(l.fsys, name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		mend, err := l.suggestFile(name)
		if err != nil {
			return nil, "", err
		}
		l.bad(n, mend, "there is no file %s", short(name))
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if !l.stays(n, name) {
		return nil, "", nil
	}
	return n, name, nil
}

// suggestFile offers the nearest file of the folder.
func (l *loader) suggestFile(name string) (string, error) {
	files, err := l.list()
	if err != nil {
		return "", err
	}
	if best := nearest(name, files); best != "" {
		return fmt.Sprintf("did you mean %q?", best), nil
	}
	return "put it there, or mend the path", nil
}

// glob checks that the pattern of a source is one, that it matches at least one file of the folder, and only files that lie in it. That a
// file is not there is no mistake of the folder itself, unless the folder needs the file to be understood (needed).
func (l *loader) glob(n *node, pattern string, needed bool) error {
	if !l.inside(n, pattern) {
		return nil
	}
	names, err := fs.Glob(l.fsys, pattern)
	if errors.Is(err, path.ErrBadPattern) {
		l.bad(n, "close every [ with ]; * stands for any part of a name, ? for one character", "%s is no pattern of paths", short(pattern))
		return nil
	}
	if err != nil {
		return err
	}
	found, lost := false, ""
	for _, name := range names {
		info, err := fs.Stat(l.fsys, name)
		if errors.Is(err, fs.ErrNotExist) { // a link to nothing, or a file that was taken away just now
			lost = name
			if l.leaves(n, name) {
				return nil
			}
			continue
		}
		if err != nil {
			return err
		}
		if info.IsDir() {
			continue
		}
		found = true
		if !l.stays(n, name) {
			return nil
		}
	}
	switch {
	case lost != "":
		l.absent(n, needed, "put the file there to which the link leads, or take the link away", "there is nothing behind %s", short(lost))
	case !found && !l.leaves(n, pattern):
		mend, err := l.suggestFile(pattern)
		if err != nil {
			return err
		}
		l.absent(n, needed, mend, "no file matches %s", short(pattern))
	}
	return nil
}

// leaves reports and records that the way to a file which is not there leaves the folder by a link: it may not be read once it is there.
func (l *loader) leaves(n *node, name string) bool {
	at, err := l.follow(name)
	if err != nil || at != "" {
		return false
	}
	l.outside(n, name)
	return true
}

// absent records that a data file is not there: a mistake that refuses the folder only if the folder cannot be understood without it.
func (l *loader) absent(n *node, needed bool, mend, format string, args ...any) {
	l.record(Problem{Severity: SeverityError, Delivery: !needed, Message: fmt.Sprintf(format, args...), Mend: mend}, n.place())
}

// stays reports whether a file of the folder, all symbolic links followed, lies in it. A file system without links has no way out.
func (l *loader) stays(n *node, name string) bool {
	at, err := l.follow(name)
	if err == nil && at != "" {
		return true
	}
	l.outside(n, name)
	return false
}

// outside records that the way to a file leaves the folder.
func (l *loader) outside(n *node, name string) {
	l.bad(n, "put the file itself into the folder", "%s is reached by a symbolic link that leaves the folder", short(name))
}

// errLoop stops links that point at each other.
var errLoop = errors.New("symbolic links form a circle")

// follow returns where a path ends within the folder, "" if it leaves it.
func (l *loader) follow(name string) (string, error) {
	links, ok := l.fsys.(fs.ReadLinkFS)
	if !ok {
		return name, nil
	}
	at, rest := ".", strings.Split(name, "/")
	for steps := 0; len(rest) > 0; steps++ {
		if steps > 255 {
			return "", errLoop
		}
		next := path.Join(at, rest[0])
		rest = rest[1:]
		info, err := links.Lstat(next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := links.ReadLink(next)
		if err != nil {
			return "", err
		}
		if path.IsAbs(target) || strings.HasPrefix(path.Join(at, target), "..") {
			return "", nil
		}
		rest = append(strings.Split(path.Join(at, target), "/"), rest...)
		at = "."
	}
	return at, nil
}

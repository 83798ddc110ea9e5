package connector

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"

	"citystat/kpi"
)

// mostFiles is how many files a pattern may match: more are no delivery.
const mostFiles = 1000

var sftpRules = rules{what: "an SFTP server", ports: []string{"22"}}

// visit is what is to be fetched from an SFTP server, in one attempt or several. A file that is complete is not fetched again.
type visit struct {
	n       *Network
	req     Request
	login   login
	address string // host:port
	url     *url.URL
	path    string // on the server; its last element may be a pattern

	have  map[string]fetched // by file, size and time of change
	bytes int64              // in them
}

// fetchSFTP brings the file at an address, or, if its last element is a pattern, all files that match, in the order of their names.
func (n *Network) fetchSFTP(ctx context.Context, u *url.URL, req Request) ([]fetched, error) {
	v := &visit{n: n, req: req, url: u, address: net.JoinHostPort(u.Hostname(), port(u)), path: path.Clean(u.Path), have: map[string]fetched{}}
	if home, ok := strings.CutPrefix(v.path, "/~/"); ok {
		v.path = home
	}
	if u.RawQuery != "" || u.Fragment != "" || v.path == "/" || v.path == "." {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: source url must name a file, such as sftp://host/out/requests.csv or sftp://host/out/requests-*.csv (? and # have no place in it)", req.Dataset.ID)
	}
	var err error
	if v.login, err = n.login(u, &req.Dataset.Source); err != nil {
		return nil, inDataset(req, err)
	}
	ctx, cancel := n.within(ctx, req.Dataset.Source.Timeout)
	defer cancel()
	got, err := retry(ctx, n, ask{url: u.String()}, v.try)
	if err != nil {
		for _, f := range v.have {
			err = errors.Join(err, removeFetched([]fetched{f}))
		}
		return nil, err
	}
	return got, v.forget(got)
}

// forget removes files of earlier attempts that the server has changed or taken away since.
func (v *visit) forget(got []fetched) error {
	var errs []error
	for _, f := range v.have {
		if !slices.ContainsFunc(got, func(g fetched) bool { return g.path == f.path }) {
			errs = append(errs, removeFetched([]fetched{f}))
		}
	}
	return errors.Join(errs...)
}

// session is a connection to the server.
type session struct {
	*sftp.Client
	idle    *time.Timer // runs all the time and is set anew by every sign of life
	pace    time.Duration
	stalled atomic.Bool
}

func (s *session) alive() { s.idle.Reset(s.pace) }

func (v *visit) try(ctx context.Context, _ uint) (got []fetched, f *failure) {
	conn, err := v.n.guard.dial(ctx, v.address, sftpRules)
	if err != nil {
		return nil, v.n.explain(ctx, "cannot be reached", err)
	}
	defer v.close(conn)
	defer context.AfterFunc(ctx, func() { v.close(conn) })()
	client, f := v.n.greet(ctx, conn, v.address, v.login)
	if f != nil {
		return nil, f
	}
	s := &session{pace: v.n.pace.Idle}
	s.idle = time.AfterFunc(v.n.pace.Answer, func() { s.stalled.Store(true); v.close(conn) })
	defer s.idle.Stop()
	if s.Client, err = sftp.NewClient(client); err != nil {
		return nil, v.failed(ctx, s, "has no file service", err)
	}
	names, err := v.names(s)
	if err != nil {
		return nil, v.failed(ctx, s, "cannot be listed", err)
	}
	for _, name := range names {
		s.alive()
		one, err := v.bring(s, name)
		if err != nil {
			return nil, v.failed(ctx, s, "cannot be fetched", err)
		}
		got = append(got, one)
	}
	return got, nil
}

func (v *visit) close(conn net.Conn) {
	if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		v.n.log.Debug("a connection could not be closed", "why", err)
	}
}

// failed says why a session failed.
func (v *visit) failed(ctx context.Context, s *session, what string, err error) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case context.Cause(ctx) != nil:
		return v.n.explain(ctx, what, err)
	case s.stalled.Load():
		return passing("%s", errStalled)
	case errors.Is(err, fs.ErrNotExist):
		return final("check the path, and whether the file is still delivered under that name", "has no such file")
	case errors.Is(err, fs.ErrPermission):
		return final("ask who runs it to let the user read it", "may not be read by the user %.60q", v.login.user)
	}
	return v.n.explain(ctx, what, err)
}

// names are the files on the server that are meant, in order.
func (v *visit) names(s *session) ([]string, error) {
	dir, pattern := path.Split(v.path)
	if strings.ContainsAny(dir, `*[`) {
		return nil, final("mend the address", "has a pattern in a directory; only the last part of the address may be one")
	}
	if !strings.ContainsAny(pattern, `*[`) {
		return []string{v.path}, nil
	}
	entries, err := s.ReadDir(directory(dir))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		ok, err := path.Match(pattern, e.Name())
		if err != nil {
			return nil, final("mend it", "has a last part %.60q that is no pattern", pattern)
		}
		if ok && !e.IsDir() && !strings.Contains(e.Name(), "/") {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, final("check the path, and whether the files are still delivered under such names", "has no such file")
	}
	if len(names) > mostFiles {
		return nil, final("name fewer of them", "matches %d files, and %d are the most", len(names), mostFiles)
	}
	slices.Sort(names)
	return names, nil
}

func directory(dir string) string {
	if dir == "" {
		return "."
	}
	return path.Clean(dir)
}

// bring fetches one file. What changes meanwhile is still being written: another attempt gets it whole.
func (v *visit) bring(s *session, name string) (fetched, error) {
	from, err := s.Open(name)
	if err != nil {
		return fetched{}, err
	}
	defer from.Close() //nolint:errcheck // it was only read
	before, err := from.Stat()
	if err != nil {
		return fetched{}, err
	}
	if !before.Mode().IsRegular() {
		return fetched{}, final("name files", "is no regular file")
	}
	key := fmt.Sprintf("%s\x00%d\x00%d", name, before.Size(), before.ModTime().Unix())
	if f, ok := v.have[key]; ok {
		return f, nil
	}
	if v.bytes+before.Size() > v.req.mostBytes() {
		return fetched{}, tooLarge(v.req.mostBytes())
	}
	f, err := v.receive(s, from, before)
	if err != nil {
		return fetched{}, err
	}
	f.fetch = v.facts(name, before.ModTime())
	v.have[key] = f
	v.bytes += f.bytes
	return f, nil
}

// facts are what is kept of a file.
func (v *visit) facts(name string, changed time.Time) kpi.Fetch {
	at := *v.url
	at.RawPath = ""
	at.Path = path.Join(path.Dir(at.Path), path.Base(name))
	return kpi.Fetch{At: v.n.now().UTC(), URL: v.n.safeURL(&at), LastModified: changed.UTC().Format(time.RFC3339)}
}

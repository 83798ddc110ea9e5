package connector

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"citystat/kpi"
)

// sshServer is a real SSH server with SFTP, whose files are a directory of the disk.
type sshServer struct {
	t       *testing.T
	address string
	key     ssh.PublicKey
	config  *ssh.ServerConfig
	client  ssh.PublicKey                                 // that is let in
	reading func(session int, path string, conn net.Conn) // before each piece that is read; may be nil

	mu       sync.Mutex
	sessions int
	refused  int // logins that failed
	done     sync.WaitGroup
}

func newKey(t *testing.T) (ssh.Signer, ed25519.PrivateKey) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, private
}

func newSSH(t *testing.T) *sshServer {
	t.Helper()
	host, _ := newKey(t)
	s := &sshServer{t: t, key: host.PublicKey()}
	s.config = &ssh.ServerConfig{
		MaxAuthTries: 20,
		PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if c.User() == "clerk" && string(password) == "hunter2-Password" {
				return nil, nil
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.refused++
			return nil, errors.New("no")
		},
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if s.client != nil && bytes.Equal(key.Marshal(), s.client.Marshal()) {
				return nil, nil
			}
			return nil, errors.New("no")
		},
	}
	s.config.AddHostKey(host)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	t.Cleanup(func() { l.Close(); s.done.Wait() }) // end of the test
	s.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.sessions++
			session := s.sessions
			s.mu.Unlock()
			s.done.Go(func() { s.talk(session, conn) })
		}
	})
	return s
}

func (s *sshServer) talk(session int, conn net.Conn) {
	defer conn.Close() // end of the session
	_, chans, reqs, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return // a login that fails is what some tests are about
	}
	go ssh.DiscardRequests(reqs)
	for c := range chans {
		ch, reqs, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range reqs {
				if err := r.Reply(r.Type == "subsystem" && string(r.Payload[4:]) == "sftp", nil); err != nil {
					return
				}
			}
		}()
		d := disk{s, session, conn}
		server := sftp.NewRequestServer(ch, sftp.Handlers{FileGet: d, FileList: d, FilePut: d, FileCmd: d})
		if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) && s.reading == nil {
			s.t.Log(err)
		}
	}
}

// disk serves files of the disk and refuses to change them.
type disk struct {
	*sshServer
	session int
	conn    net.Conn
}

func (d disk) Filewrite(*sftp.Request) (io.WriterAt, error) { return nil, os.ErrPermission }
func (d disk) Filecmd(*sftp.Request) error                  { return os.ErrPermission }
func (d disk) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	f, err := os.Open(r.Filepath)
	return diskFile{f, d, r.Filepath}, err
}

type diskFile struct {
	*os.File
	disk
	path string
}

func (r diskFile) ReadAt(b []byte, at int64) (int, error) {
	if r.reading != nil {
		r.reading(r.session, r.path, r.conn)
	}
	return r.File.ReadAt(b, at)
}

func (d disk) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if r.Method == "List" {
		entries, err := os.ReadDir(r.Filepath)
		var l listing
		for _, e := range entries {
			st, err := e.Info()
			if err != nil {
				return nil, err
			}
			l = append(l, st)
		}
		for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 { // in no order that helps
			l[i], l[j] = l[j], l[i]
		}
		return l, err
	}
	st, err := os.Stat(r.Filepath)
	return listing{st}, err
}

type listing []os.FileInfo

func (l listing) ListAt(to []os.FileInfo, at int64) (int, error) {
	if at >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[at:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}

// source is a source on the server.
func (s *sshServer) source(path string) kpi.Source {
	return kpi.Source{URL: "sftp://" + s.address + path, User: "clerk", Password: "${CITYSTAT_TEST_SSH}", HostKey: string(ssh.MarshalAuthorizedKey(s.key))}
}

// network makes a Network that may reach the server, with what it logs.
func (s *sshServer) network(o NetworkOptions) (*Network, *bytes.Buffer) {
	s.t.Helper()
	s.t.Setenv("CITYSTAT_TEST_SSH", "hunter2-Password")
	var log bytes.Buffer
	o.Network.AllowHosts = append(o.Network.AllowHosts, s.address)
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	if o.Pace == (Pace{}) {
		o.Pace = quick
	}
	return newNetwork(s.t, o), &log
}

func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSFTP(t *testing.T) {
	s, dir := newSSH(t), t.TempDir()
	n, _ := s.network(NetworkOptions{})
	large := strings.Repeat("0123456789\n", 300_000)
	put(t, dir, "requests-2.csv", "two\n")
	put(t, dir, "requests-1.csv", "one\n")
	put(t, dir, "other.csv", "other\n")
	put(t, dir, "large 100%.csv", large)
	put(t, dir, "empty.csv", "")
	for path, want := range map[string]string{"/requests-1.csv": "one\n", "/requests-*.csv": "one\ntwo\n", "/requests-[2-9].csv": "two\n", "/large%20100%25.csv": large, "/empty.csv": ""} {
		if text, _, err := bring(t, n, s.source(dir+path), kpi.Load{}); err != nil || text != want {
			t.Errorf("%s: %.40q %v", path, text, err)
		}
	}
	items, _, _, clean, err := n.items(t.Context(), Request{Dataset: &kpi.Dataset{Source: s.source(dir + "/requests-*.csv")}, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer clean() // end of the test
	var before kpi.Load
	for i, it := range items {
		st, err := it.stat()
		if err != nil {
			t.Fatal(err)
		}
		if it.fetch.URL != it.name || !strings.HasPrefix(it.name, "sftp://"+s.address+dir+"/requests-") || it.fetch.LastModified != "2026-03-02T05:00:00Z" || st.ModTime().UTC().Day() != 2 || st.Mode().Perm() != 0o600 {
			t.Errorf("%d: %+v %v", i, it.fetch, st)
		}
		before.Spool = append(before.Spool, kpi.SpoolFile{SourceHash: []string{
			"2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806", "27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a"}[i], Fetch: it.fetch})
	}
	if text, _, err := bring(t, n, s.source(dir+"/requests-*.csv"), before); err != nil || text != "not modified" {
		t.Errorf("the same bytes again: %q %v", text, err)
	}
	before.Spool = before.Spool[:1]
	if text, _, err := bring(t, n, s.source(dir+"/requests-*.csv"), before); err != nil || text != "one\ntwo\n" {
		t.Errorf("another file beside them: %q %v", text, err)
	}
}

func TestSFTPByKey(t *testing.T) {
	s, dir := newSSH(t), t.TempDir()
	n, _ := s.network(NetworkOptions{})
	signer, private := newKey(t)
	s.client = signer.PublicKey()
	path := put(t, dir, "a.csv", "one\n")
	for name, locked := range map[string]string{"open": "", "locked": "hunter2-Password"} {
		var block *pem.Block
		var err error
		if locked == "" {
			block, err = ssh.MarshalPrivateKey(private, "")
		} else {
			block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(locked))
		}
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		src := s.source(path)
		src.Key = kpi.SecretRef("file:" + file)
		if locked == "" {
			src.Password = ""
		}
		if text, _, err := bring(t, n, src, kpi.Load{}); err != nil || text != "one\n" {
			t.Errorf("%s: %q %v", name, text, err)
		}
		if locked != "" {
			src.Password = ""
			if _, _, err := bring(t, n, src, kpi.Load{}); err == nil || !strings.Contains(err.Error(), "passphrase") {
				t.Error(err)
			}
		}
	}
}

// TestSFTPRefused are the mistakes and the deceptions. None is tried again, and a password is shown to the server that is meant and no other.
func TestSFTPRefused(t *testing.T) {
	s, dir := newSSH(t), t.TempDir()
	n, log := s.network(NetworkOptions{})
	t.Setenv("CITYSTAT_TEST_WRONG", "hunter2-Wrong")
	path := put(t, dir, "a.csv", "one\n")
	other, _ := newKey(t)
	for name, c := range map[string]struct {
		change   func(*kpi.Source)
		says     string
		sessions int
	}{
		"another host key": {func(src *kpi.Source) { src.HostKey = string(ssh.MarshalAuthorizedKey(other.PublicKey())) }, "nothing was sent to it", 1},
		"kind of host key": {func(src *kpi.Source) {
			src.HostKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
		}, "host key", 1},
		"no host key":       {func(src *kpi.Source) { src.HostKey = "" }, "ssh-keyscan", 0},
		"no such host key":  {func(src *kpi.Source) { src.HostKey = "ssh-ed25519 nonsense" }, "is no public key", 0},
		"wrong password":    {func(src *kpi.Source) { src.Password = "${CITYSTAT_TEST_WRONG}" }, "does not let in", 1},
		"wrong user":        {func(src *kpi.Source) { src.User = "mayor" }, "does not let in the user \"mayor\"", 1},
		"no user":           {func(src *kpi.Source) { src.User = "" }, "needs user:", 0},
		"no way in":         {func(src *kpi.Source) { src.Password = "" }, "needs key: or password:", 0},
		"password as it is": {func(src *kpi.Source) { src.Password = "hunter2-Password" }, "no reference to a secret", 0},
		"password in url": {func(src *kpi.Source) {
			src.URL = strings.Replace(src.URL, "sftp://", "sftp://clerk:hunter2-Password@", 1)
		}, "holds a password", 0},
		"no key":        {func(src *kpi.Source) { src.Key = "${CITYSTAT_TEST_WRONG}" }, "is no private key", 0},
		"no such file":  {func(src *kpi.Source) { src.URL += "x" }, "has no such file", 1},
		"no such files": {func(src *kpi.Source) { src.URL += "*.xlsx" }, "has no such file", 1},
		"no pattern":    {func(src *kpi.Source) { src.URL += "[" }, "no pattern", 1},
		"directories":   {func(src *kpi.Source) { src.URL = "sftp://" + s.address + "/*/a.csv" }, "only the last part", 1},
		"a directory":   {func(src *kpi.Source) { src.URL = "sftp://" + s.address + dir }, "is no regular file", 1},
		"no path":       {func(src *kpi.Source) { src.URL = "sftp://" + s.address }, "must name a file", 0},
		"a question":    {func(src *kpi.Source) { src.URL += "?x" }, "must name a file", 0},
		"too large":     {func(src *kpi.Source) { src.MaxBytes = 3 }, "max_bytes", 1},
		"private":       {func(src *kpi.Source) { src.URL = "sftp://10.0.0.1/a.csv" }, "which is private", 0},
		"another port":  {func(src *kpi.Source) { src.URL = "sftp://127.0.0.1:80/a.csv" }, "allow_hosts", 0},
	} {
		s.mu.Lock()
		s.sessions, s.refused = 0, 0
		s.mu.Unlock()
		src := s.source(path)
		c.change(&src)
		text, _, err := bring(t, n, src, kpi.Load{})
		s.mu.Lock()
		sessions, refused := s.sessions, s.refused
		s.mu.Unlock()
		if text != "" || kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.says) || sessions != c.sessions {
			t.Errorf("%s: %q after %d sessions, %v", name, text, sessions, err)
		}
		if refused > 0 && name != "wrong password" && name != "wrong user" {
			t.Errorf("%s: a password was tried", name)
		}
		if err != nil && strings.Contains(err.Error()+log.String(), "hunter2") {
			t.Errorf("%s: a secret is in %v %s", name, err, log)
		}
	}
}

// TestSFTPFaultsThatPass has a server that goes wrong in its first session, and is fine then.
func TestSFTPFaultsThatPass(t *testing.T) {
	table := strings.Repeat("0123456789\n", 50_000)
	for name, c := range map[string]struct {
		fault    func(path string, conn net.Conn, k int) error
		want     string
		sessions int
	}{
		"cut": {func(_ string, conn net.Conn, k int) error {
			if k == 5 {
				return conn.Close()
			}
			return nil
		}, table, 2},
		"grows": {func(path string, _ net.Conn, k int) error {
			if k != 3 {
				return nil
			}
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("new\n")
			return errors.Join(err, f.Close())
		}, table + "new\n", 2},
		"shrinks": {func(path string, _ net.Conn, k int) error {
			if k != 3 {
				return nil
			}
			return os.Truncate(path, 11)
		}, table[:11], 2},
		"is written anew, as long as it was": {func(path string, _ net.Conn, k int) error {
			if k != 3 {
				return nil
			}
			return os.Chtimes(path, time.Now(), time.Now())
		}, table, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := newSSH(t), t.TempDir()
			n, _ := s.network(NetworkOptions{})
			path := put(t, dir, "b.csv", table)
			put(t, dir, "a.csv", "first\n")
			var mu sync.Mutex
			k := 0
			s.reading = func(session int, at string, conn net.Conn) {
				mu.Lock()
				defer mu.Unlock()
				if session != 1 || at != path {
					return
				}
				k++
				if err := c.fault(at, conn, k); err != nil {
					t.Error(err)
				}
			}
			text, _, err := bring(t, n, s.source(dir+"/*.csv"), kpi.Load{})
			if err != nil || text != "first\n"+c.want || s.sessions != c.sessions {
				t.Errorf("%.20q, %d bytes, after %d sessions, %v", text, len(text), s.sessions, err)
			}
		})
	}
}

// TestSFTPFaultsThatStay end in an error that says that the trouble may pass, and leave nothing behind.
func TestSFTPFaultsThatStay(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(path string, conn net.Conn) error
		pace  Pace
		says  string
	}{
		"cut":   {func(_ string, conn net.Conn) error { return conn.Close() }, quick, "4 attempts"},
		"grows": {func(path string, _ net.Conn) error { return os.Truncate(path, time.Now().UnixNano()%1000+10) }, quick, "still being written"},
		"stalls": {func(string, net.Conn) error { <-t.Context().Done(); return nil }, Pace{Attempts: 2, First: time.Millisecond, Answer: 50 * time.Millisecond, Idle: 50 * time.Millisecond},
			"stopped sending"},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := newSSH(t), t.TempDir()
			n, _ := s.network(NetworkOptions{Pace: c.pace})
			path := put(t, dir, "a.csv", strings.Repeat("0123456789\n", 50_000))
			s.reading = func(_ int, at string, conn net.Conn) {
				if name == "stalls" {
					<-t.Context().Done() // until the test is over
					return
				}
				if err := c.fault(at, conn); err != nil && !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
			}
			text, _, err := bring(t, n, s.source(path), kpi.Load{})
			if text != "" || kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q %v", text, err)
			}
		})
	}
}

package catalog

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"citystat/kpi"
)

var (
	reference  = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]{0,99}\}$`)
	almost     = regexp.MustCompile(`^(\$|\$\{ *|\{\{ *|%)([A-Z_][A-Z0-9_]*)( *\}| *\}\}|%)?$`)
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)
)

// secretFile begins a reference to a file in a [kpi.SecretRef].
const secretFile = "file:"

// secret reads a reference to a secret: ${NAME}, or {file: /path}. The secret itself is a mistake, and shown nowhere.
func (l *loader) secret(o object, key string, must need) kpi.SecretRef {
	n := o.get(key, must)
	if n == nil {
		return ""
	}
	return l.secretAt(n, fmt.Sprintf("%q", key))
}

// secretAt reads a reference to a secret; what says for what.
func (l *loader) secretAt(n *node, what string) kpi.SecretRef {
	const mend = `write "${NAME}" for a variable of the environment, or {file: /path}; a secret never stands in the folder`
	switch n.kind {
	case mapping:
		return l.fileRef(n)
	case scalar:
	case broken:
		return ""
	default:
		l.bad(n, mend, "%s needs a reference to a secret, and this is %s", what, n.noun())
		return ""
	}
	if reference.MatchString(n.text) {
		return kpi.SecretRef(n.text)
	}
	if m := almost.FindStringSubmatch(n.text); m != nil {
		l.bad(n, fmt.Sprintf(`write "${%s}"`, m[2]), "%s is no reference to a secret", short(n.text))
		return ""
	}
	if file, ok := strings.CutPrefix(n.text, secretFile); ok && path.IsAbs(file) {
		l.bad(n, fmt.Sprintf("write {file: %s}", file), "%s is no reference to a secret", short(n.text))
		return ""
	}
	l.bad(n, mend, "%s holds the secret itself", what)
	return ""
}

// fileRef reads {file: /path}. The file lies outside the folder, which many people can read.
func (l *loader) fileRef(n *node) kpi.SecretRef {
	o, ok := l.object(n, secretShape)
	if !ok {
		return ""
	}
	at, name := o.raw("file", required)
	if at == nil {
		return ""
	}
	if !path.IsAbs(name) || path.Clean(name) != name || name == "/" {
		l.bad(at, "write its whole path, outside the folder, such as "+o.shape.line("file"), "%s is no whole path of a file", short(name))
		return ""
	}
	return kpi.SecretRef(secretFile + name)
}

// readSignIn reads how the program says who it is. The scheme is "" if the address could not be read: then it is not known which keys
// are needed.
func (ds *dataset) readSignIn(s object, scheme string) {
	src := &ds.d.Source
	src.Token = ds.secret(s, "token", optional)
	src.Headers = ds.headers(s)
	if n, user := s.raw("user", optional); n != nil {
		if src.User != "" && src.User != user {
			ds.bad(n, "keep one of the two", "the address names the user %s", short(src.User))
		}
		src.User = user
	}
	src.Password = ds.secret(s, "password", optional)
	src.Key = ds.secret(s, "key", optional)
	src.HostKey = ds.hostKey(s, scheme)
	if scheme == "sftp" {
		ds.needSFTP(s)
	} else if scheme != "" {
		ds.checkSignIn(s)
	}
}

// needSFTP reports what an SFTP server cannot be reached without.
func (ds *dataset) needSFTP(s object) {
	lacks := func(key string) bool { return s.key[key] == nil && !s.misspelt(key) }
	if ds.d.Source.User == "" && lacks("user") {
		ds.bad(s.n, "add "+s.shape.line("user"), `source lacks "user"`)
	}
	if lacks("key") && lacks("password") {
		ds.bad(s.n, "add "+s.shape.line("key")+", or "+s.shape.line("password"), `source lacks "key" or "password"`)
	}
}

// checkSignIn reports ways of signing in that are half there or contradict each other.
func (ds *dataset) checkSignIn(s object) {
	user, password, token := s.key["user"], s.key["password"], s.key["token"]
	switch {
	case user != nil && password == nil && !s.misspelt("password"):
		ds.bad(user, "add "+s.shape.line("password"), "there is a user without a password")
	case password != nil && user == nil && !s.misspelt("user"):
		ds.bad(password, "add "+s.shape.line("user"), "there is a password without a user")
	case user != nil && token != nil && ds.d.Source.Kind != kpi.SourceSocrata: // there the token names the program
		ds.bad(token, "keep one of the two", "there are two ways of signing in, a token and a password")
	}
	if _, header := ds.d.Source.Headers["Authorization"]; header && (user != nil || token != nil) {
		ds.bad(s.key["headers"], "keep one of the two", "there are two ways of signing in, the header Authorization and a token or password")
	}
}

// headers reads further headers of HTTP. What names the program or the wanted form may stand there as it is; a secret may not.
func (ds *dataset) headers(s object) map[string]kpi.SecretRef {
	var m map[string]kpi.SecretRef
	for _, p := range s.pairs("headers", optional) {
		name := http.CanonicalHeaderKey(p.key.text)
		switch _, twice := m[name]; {
		case !headerName.MatchString(p.key.text):
			ds.bad(p.key, "write "+s.shape.line("headers"), "%s is no name of a header", short(p.key.text))
		case twice:
			ds.bad(p.key, "keep one of the two", "the header %s is given twice", short(name))
		case slices.Contains(ownHeaders(), name):
			ds.bad(p.key, "leave it out", "the header %s is the program's own", short(name))
		default:
			if v := ds.headerValue(name, p.value); v != "" {
				if m == nil {
					m = map[string]kpi.SecretRef{}
				}
				m[name] = v
			}
		}
	}
	if n := s.value["headers"]; n != nil && n.kind == mapping && len(n.pairs) == 0 {
		s.empty("headers", n)
	}
	return m
}

// ownHeaders are the headers that the program sets: with others, fetching a part or only what is new would go wrong.
func ownHeaders() []string {
	return []string{"Accept-Encoding", "Connection", "Content-Length", "Content-Type", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Range", "Te", "Transfer-Encoding", "Upgrade"}
}

func (ds *dataset) headerValue(name string, n *node) kpi.SecretRef {
	what := fmt.Sprintf("the header %q", name)
	refers := n.kind == scalar && inText.MatchString(n.text) // "Bearer ${TOKEN}" is good too
	if n.kind != scalar || secretName(name) && !refers {
		return ds.secretAt(n, what)
	}
	switch {
	case n.text == "":
		ds.bad(n, "write its value, or leave the header out", "%s is empty", what)
	case strings.Contains(inText.ReplaceAllString(n.text, ""), "${"):
		ds.bad(n, "write ${NAME}, the name in letters, digits and _", "%s holds a reference that cannot be read", what)
	case strings.ContainsFunc(n.text, func(r rune) bool { return r < 0x20 || r > 0x7e }):
		ds.bad(n, "write it in plain letters, on one line", "%s holds a character that no header can", what)
	case strings.HasPrefix(n.text, secretFile):
		ds.bad(n, "write {file: /path}", "%s is no reference to a secret", what)
	default:
		return kpi.SecretRef(n.text)
	}
	return ""
}

// hostKey reads the public key by which an SFTP server is known: without one, anybody on the way could be the server.
func (ds *dataset) hostKey(s object, scheme string) string {
	n, text := s.raw("host_key", need(scheme == "sftp"))
	if n == nil {
		return ""
	}
	fields := strings.Fields(text)
	mend := "write the kind and the key as ssh-keyscan prints them behind the host's name, such as " + s.shape.line("host_key")
	switch {
	case strings.Contains(text, "PRIVATE KEY"):
		ds.bad(n, "take it out, and consider it known; host_key is the server's public key", "a private key stands in the folder")
		return ""
	case len(fields) < 2:
		ds.bad(n, mend, "%s is no public key of a server", short(text))
		return ""
	}
	key, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil || len(options) > 0 || len(rest) > 0 || key.Type() != fields[0] {
		ds.bad(n, mend, "%s is no public key of a server", short(text))
		return ""
	}
	return fields[0] + " " + fields[1]
}

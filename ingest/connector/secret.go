package connector

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"citystat/kpi"
)

// secretSize bounds a file that holds a secret; the largest are private keys.
const secretSize = 64 << 10

// LookupSecret returns what a reference refers to: the value of a variable of the environment (${NAME}) or the contents of a file without
// the final line end (file:/path). Its errors name the reference, never what it refers to.
func LookupSecret(ref kpi.SecretRef) (string, error) {
	if path, ok := strings.CutPrefix(string(ref), "file:"); ok {
		return secretFile(path)
	}
	name := strings.TrimSuffix(strings.TrimPrefix(string(ref), "${"), "}")
	v, ok := os.LookupEnv(name)
	if !ok || v == "" {
		return "", kpi.Errorf(kpi.CodeInvalid, "the secret ${%s} is not there; set the variable %s in the program's environment", name, name)
	}
	return v, nil
}

func secretFile(path string) (_ string, err error) {
	if !filepath.IsAbs(path) {
		return "", kpi.Errorf(kpi.CodeInvalid, "the secret file:%s does not begin at the root; write file:/ and the whole path", path)
	}
	f, err := os.Open(path) // the city names it
	if err != nil {
		return "", noSecretFile(path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := io.ReadAll(io.LimitReader(f, secretSize+1))
	if err != nil {
		return "", noSecretFile(path, err)
	}
	if len(b) > secretSize {
		return "", kpi.Errorf(kpi.CodeInvalid, "the secret file:%s is larger than %s; is it the right file?", path, size(secretSize))
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if s == "" {
		return "", kpi.Errorf(kpi.CodeInvalid, "the secret file:%s is empty", path)
	}
	return s, nil
}

func noSecretFile(path string, err error) error {
	var beneath *os.PathError
	if errors.As(err, &beneath) {
		err = beneath.Err // the path is named already
	}
	return &kpi.Error{Code: kpi.CodeInvalid, Message: "the secret file:" + path + " cannot be read", Err: err}
}

// vault looks up secrets and remembers them, so that they can be taken out of whatever is said.
type vault struct {
	lookup func(kpi.SecretRef) (string, error)

	mu    sync.Mutex
	known []string       // the forms in which a secret may appear, the longest first
	find  *regexp.Regexp // any of them, in capitals or not; nil: there is none
}

func newVault(lookup func(kpi.SecretRef) (string, error)) *vault {
	if lookup == nil {
		lookup = LookupSecret
	}
	return &vault{lookup: lookup}
}

// reference finds variables of the environment.
var reference = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// open returns a text with what its references refer to: file:/path alone, or any number of ${NAME} within other text. secret: a text
// without a reference is refused, because it would be a secret in the folder.
func (v *vault) open(what string, ref kpi.SecretRef, secret bool) (string, error) {
	text := string(ref)
	switch {
	case text == "":
		return "", nil
	case strings.HasPrefix(text, "file:"):
		s, err := v.lookup(ref)
		v.remember(s)
		return s, err
	case !reference.MatchString(text) && (secret || strings.Contains(text, "${")):
		return "", kpi.Errorf(kpi.CodeInvalid, "%s is no reference to a secret; keep the secret outside the folder and write ${NAME} or file:/path", what)
	}
	var errs []error
	opened := reference.ReplaceAllStringFunc(text, func(r string) string {
		s, err := v.lookup(kpi.SecretRef(r))
		errs = append(errs, err)
		v.remember(s)
		return s
	})
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	if opened != text {
		v.remember(opened)
	}
	return opened, nil
}

// remember notes a secret in the forms in which servers and libraries repeat it.
func (v *vault) remember(s string) {
	const shortest = 4 // what is shorter is in every second word
	if len(s) < shortest {
		return
	}
	forms := []string{s, url.QueryEscape(s), url.PathEscape(s), base64.StdEncoding.EncodeToString([]byte(s))}
	if b, err := json.Marshal(s); err == nil {
		forms = append(forms, string(b[1:len(b)-1]))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if slices.Contains(v.known, s) {
		return
	}
	for _, f := range forms {
		if !slices.Contains(v.known, f) {
			v.known = append(v.known, f)
		}
	}
	slices.SortStableFunc(v.known, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	quoted := make([]string, len(v.known))
	for i, f := range v.known {
		quoted[i] = regexp.QuoteMeta(f)
	}
	v.find = regexp.MustCompile("(?i)" + strings.Join(quoted, "|"))
}

// rememberQuery notes what an address says that may open doors, though it should not.
func (v *vault) rememberQuery(u *url.URL) {
	const (
		shortest = 8   // auth=true is no secret
		most     = 500 // a portal whose pages have names that look like secrets shall not make this slow
	)
	for name, values := range u.Query() {
		for _, s := range values {
			if telling.MatchString(name) && len(s) >= shortest && v.size() < most {
				v.remember(s)
			}
		}
	}
}

func (v *vault) size() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.known)
}

// scrub takes every known secret out of a text.
func (v *vault) scrub(text string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.find == nil {
		return text
	}
	return v.find.ReplaceAllLiteralString(text, "[secret]")
}

// secret returns what a reference refers to, "" for none. what names the key of the source for people.
func (n *Network) secret(what string, ref kpi.SecretRef) (string, error) {
	return n.vault.open(what, ref, true)
}

// scrub takes every secret that was looked up out of a text.
func (n *Network) scrub(text string) string { return n.vault.scrub(text) }

// header returns the headers of a source: those it lists, and its user and password. Its token is the portal's affair.
func (n *Network) header(src *kpi.Source) (http.Header, error) {
	h := http.Header{}
	for name, ref := range src.Headers {
		v, err := n.vault.open("headers: "+name, ref, false)
		if err != nil {
			return nil, err
		}
		h.Set(name, v)
	}
	if src.User == "" {
		return h, nil
	}
	password, err := n.secret("password", src.Password)
	if err != nil {
		return nil, err
	}
	pair := base64.StdEncoding.EncodeToString([]byte(src.User + ":" + password))
	n.vault.remember(pair)
	h.Set("Authorization", "Basic "+pair)
	return h, nil
}

// safeURL is an address fit for people and provenance: without user and password, with the values of what may be secret left out.
func (n *Network) safeURL(u *url.URL) string {
	safe := *u
	safe.User, safe.Fragment, safe.RawFragment = nil, "", ""
	if safe.RawQuery != "" {
		parts := strings.Split(safe.RawQuery, "&")
		for i, p := range parts {
			if name, _, ok := strings.Cut(p, "="); ok && telling.MatchString(name) {
				parts[i] = name + "=[secret]"
			}
		}
		safe.RawQuery = strings.Join(parts, "&")
	}
	return n.scrub(safe.String())
}

// telling finds names of parameters whose values open doors.
var telling = regexp.MustCompile(`(?i)token|key$|^sig$|signature|secret|pass|auth|cred|session`)

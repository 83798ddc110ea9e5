package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The lengths of a password, in characters. Twelve is more than NIST's least (SP 800-63B); what is longer than the most is no password that
// somebody chose.
const (
	shortest = 12
	longest  = 200
)

// cost is what a hash costs to make: Argon2id with the least memory and passes that OWASP recommends for one lane (Password Storage Cheat Sheet),
// three times over.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

var today = cost{memory: 46 << 10, passes: 3, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// Hasher makes and compares hashes, a few at a time: each takes 46 MiB, and whoever asks for many must not take all memory.
type Hasher struct {
	cost  cost
	turns chan struct{}
	decoy string // compared where there is no account, so that the answer takes as long
}

// NewHasher returns a Hasher that works on so many passwords at a time.
func NewHasher(at int) (*Hasher, error) { return newHasher(at, today) }

func newHasher(at int, c cost) (*Hasher, error) {
	h := &Hasher{cost: c, turns: make(chan struct{}, max(1, at))}
	var err error
	h.decoy, err = h.Hash(context.Background(), rand.Text())
	return h, err
}

// turn waits until it may take memory, and returns what gives it back.
func (h *Hasher) turn(ctx context.Context) (func(), error) {
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hash returns what is kept of a password, in the PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return h.cost.write(salt, h.cost.key(password, salt, keyBytes)), nil
}

// key derives the key. A password is compared by what it shows: the same letters typed on another machine may come composed otherwise.
func (c cost) key(password string, salt []byte, n uint32) []byte {
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.passes, c.memory, c.lanes, n)
}

func (c cost) write(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// Verify reports whether a password is the one of a hash, and whether the hash should be made anew since it is cheaper than those of today. An
// empty hash is that of nobody: the answer is no, and takes as long. It fails if the hash is none that this package writes.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (same, old bool, err error) {
	nobody := hash == ""
	if nobody {
		hash = h.decoy
	}
	c, salt, key, err := readHash(hash)
	if err != nil {
		return false, false, err
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	if utf8.RuneCountInString(password) > longest {
		password = ""
	}
	same = subtle.ConstantTimeCompare(c.key(password, salt, uint32(len(key))), key) == 1 //nolint:gosec // at most 64 bytes, see readHash
	return same && !nobody, c != h.cost, nil
}

// The most that a hash may ask for: one from a damaged ledger must not take all memory.
const (
	mostMemory = 1 << 20 // KiB
	mostPasses = 100
)

func readHash(s string) (c cost, salt, key []byte, err error) {
	broken := func(err error) (cost, []byte, []byte, error) {
		return cost{}, nil, nil, fmt.Errorf("a password's hash in the ledger cannot be read: %w", err)
	}
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return broken(fmt.Errorf("it is not Argon2id"))
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return broken(err)
	}
	if c.memory == 0 || c.memory > mostMemory || c.passes == 0 || c.passes > mostPasses || c.lanes == 0 {
		return broken(fmt.Errorf("its cost is %+v", c))
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil {
		return broken(err)
	}
	if key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil {
		return broken(err)
	}
	if len(key) < 16 || len(key) > 64 || len(salt) < 8 {
		return broken(fmt.Errorf("its parts have %d and %d bytes", len(salt), len(key)))
	}
	return c, salt, key, nil
}

// Weakness says why a password cannot be taken.
type Weakness string

// The weaknesses; none is empty.
const (
	TooShort Weakness = "too_short"
	TooLong  Weakness = "too_long"
	TooPlain Weakness = "too_plain" // few different characters, a row of the keyboard, or what everybody knows of the person
)

// WeaknessOf says why a password cannot be taken for somebody with an address and a name. It wants no digits, no capitals and no change every
// month: such rules make passwords worse (NIST SP 800-63B §3.1.1.2).
func WeaknessOf(password, email, name string) Weakness {
	n := utf8.RuneCountInString(password)
	switch {
	case n < shortest:
		return TooShort
	case n > longest:
		return TooLong
	}
	plain := strings.ToLower(password)
	different := map[rune]bool{}
	for _, r := range plain {
		different[r] = true
	}
	if len(different) < 5 {
		return TooPlain
	}
	local, domain, _ := strings.Cut(strings.ToLower(email), "@")
	known := append(append(strings.Fields(strings.ToLower(name)), strings.Split(domain, ".")...), local, domain, "citystat", "password", "contraseña", "senha", "motdepasse", "passwort")
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
	rest := plain
	for _, word := range known {
		if len(word) >= 4 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	for _, row := range []string{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "abcdefghijklmnopqrstuvwxyz"} {
		rest = withoutRuns(rest, row)
	}
	if utf8.RuneCountInString(rest) < shortest/2 {
		return TooPlain
	}
	return ""
}

// withoutRuns takes pieces of four and more out of a text that stand so in a row, either way.
func withoutRuns(s, row string) string {
	backward := []byte(row)
	for i, j := 0, len(backward)-1; i < j; i, j = i+1, j-1 {
		backward[i], backward[j] = backward[j], backward[i]
	}
	for _, r := range []string{row, string(backward)} {
		for length := len(r); length >= 4; length-- {
			for at := 0; at+length <= len(r); at++ {
				s = strings.ReplaceAll(s, r[at:at+length], "")
			}
		}
	}
	return s
}

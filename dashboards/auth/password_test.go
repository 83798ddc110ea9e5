package auth

import (
	"strings"
	"testing"
	"time"
)

// cheap is a cost for tests.
var cheap = cost{memory: 64, passes: 1, lanes: 1}

func cheapHasher(t testing.TB) *Hasher {
	t.Helper()
	h, err := newHasher(2, cheap)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPasswords(t *testing.T) {
	h := cheapHasher(t)
	const password = "Cuando llueve, barro 7 veces"
	hash, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Hash(t.Context(), password)
	if err != nil || again == hash {
		t.Fatalf("two hashes of one password are the same: %v", err)
	}
	for given, want := range map[string]bool{password: true, strings.ToLower(password): false, "": false, password + " ": false, strings.Repeat("x", 1<<20): false} {
		if same, old, err := h.Verify(t.Context(), hash, given); same != want || old || err != nil {
			t.Errorf("%.40q: %t %t %v", given, same, old, err)
		}
	}
	// é in one rune and in two is the same letter.
	hash, err = h.Hash(t.Context(), "un café bien serré")
	if err != nil {
		t.Fatal(err)
	}
	if same, _, err := h.Verify(t.Context(), hash, "un cafe\u0301 bien serre\u0301"); !same || err != nil {
		t.Error(same, err)
	}
}

// The hash is a case of the reference implementation's own tests (phc-winner-argon2, src/test.c, CC0): "password" with "somesalt".
func TestHashesAreArgon2id(t *testing.T) {
	c, salt, key, err := readHash("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	if err != nil || c != (cost{65536, 2, 1}) || string(salt) != "somesalt" {
		t.Fatal(c, salt, err)
	}
	if got := c.key("password", salt, 32); string(got) != string(key) {
		t.Errorf("%x, want %x", got, key)
	}
}

func TestOldHashesAreSeen(t *testing.T) {
	old := cheapHasher(t)
	hash, err := old.Hash(t.Context(), "a password of old times")
	if err != nil {
		t.Fatal(err)
	}
	dearer, err := newHasher(1, cost{memory: 128, passes: 1, lanes: 1})
	if err != nil {
		t.Fatal(err)
	}
	if same, old, err := dearer.Verify(t.Context(), hash, "a password of old times"); !same || !old || err != nil {
		t.Error(same, old, err)
	}
}

// Nobody's password is compared as long as somebody's: the answer must not say by its time who has an account.
func TestNobodysPassword(t *testing.T) {
	h := cheapHasher(t)
	if same, _, err := h.Verify(t.Context(), "", "anything at all"); same || err != nil {
		t.Error(same, err)
	}
	if c, _, _, err := readHash(h.decoy); err != nil || c != h.cost {
		t.Errorf("the decoy costs %+v, %v", c, err)
	}
	if today.memory < 46<<10 || today.passes < 1 {
		t.Errorf("a hash costs %+v: less than OWASP recommends", today)
	}
}

func TestHashesThatAreNone(t *testing.T) {
	h := cheapHasher(t)
	for _, hash := range []string{
		"x", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=19$m=64,t=1,p=0$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
		"$argon2id$v=19$m=64,t=1,p=1$!$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$", "$argon2id$v=19$m=64,t=1,p=1$$c2FsdHNhbHRzYWx0c2FsdA",
	} {
		if same, _, err := h.Verify(t.Context(), hash, "x"); same || err == nil {
			t.Errorf("%s: %t, %v", hash, same, err)
		}
	}
}

func TestWeakPasswords(t *testing.T) {
	for password, want := range map[string]Weakness{
		"": TooShort, "elevenchars": TooShort, "aaaaaaaaaaaaaaaa": TooPlain, "abababababab": TooPlain, "123456789012": TooPlain, "qwertyuiop123": TooPlain, "passwordpassword": TooPlain,
		"ana.ruiz2026": TooPlain, "ana.ruiz@city.gov": TooPlain, "AnaRuizCityStat": TooPlain, "abcdefghijkl": TooPlain, "lkjihgfedcba": TooPlain,
		"correct horse battery": "", "cuando llueve, barro": "", "7gK2pQ9x-Lm4": "", "ñandúes bajo la luna": "", "雨が降ると私は掃くのです、ね": "", strings.Repeat("ab cd ef ", 30): TooLong,
	} {
		if got := WeaknessOf(password, "ana.ruiz@city.gov", "Ana Ruiz"); got != want {
			t.Errorf("%q is %q, want %q", password, got, want)
		}
	}
}

func TestThrottle(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	th := NewThrottle(func() time.Time { return now })
	fail := func(n int, email, from string) {
		for range n {
			th.Failed(email, from)
		}
	}
	fail(9, "ana@city.gov", "203.0.113.5")
	if w := th.Wait("ana@city.gov", "203.0.113.5"); w != 0 {
		t.Errorf("after nine: %s", w)
	}
	fail(1, "ana@city.gov", "203.0.113.5")
	now = now.Add(5 * time.Minute)
	if w := th.Wait("ana@city.gov", "203.0.113.5"); w != 10*time.Minute {
		t.Errorf("after ten: %s", w)
	}
	if w := th.Wait("ana@city.gov", "203.0.113.6"); w != 0 {
		t.Errorf("a stranger holds the person up elsewhere: %s", w)
	}
	now = now.Add(10 * time.Minute)
	if w := th.Wait("ana@city.gov", "203.0.113.5"); w != 0 {
		t.Errorf("after a quarter of an hour: %s", w)
	}
	for i := range 50 { // one network, many names, and many addresses of one customer
		fail(1, string(rune('a'+i%26))+"@city.gov", "2001:db8::"+string(rune('a'+i%6)))
	}
	if w := th.Wait("zoe@city.gov", "2001:db8:0:0:ffff::1"); w == 0 {
		t.Error("a network may try for ever")
	}
	if w := th.Wait("zoe@city.gov", "2001:db8:0:1::1"); w != 0 {
		t.Errorf("the neighbour waits %s", w)
	}
	for i := range 100 {
		fail(1, "ben@city.gov", "198.51.100."+string(rune('0'+i%10)))
	}
	if w := th.Wait("ben@city.gov", "192.0.2.1"); w == 0 {
		t.Error("many networks may try one account for ever")
	}
	fail(10, "eva@city.gov", "192.0.2.9")
	th.Worked("eva@city.gov", "192.0.2.9")
	if w := th.Wait("eva@city.gov", "192.0.2.9"); w != 0 {
		t.Errorf("after the right password: %s", w)
	}
}

func TestThrottleKeepsLittle(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	th := NewThrottle(func() time.Time { return now })
	for i := range 3 * mostCounts {
		now = now.Add(time.Millisecond)
		if i%1000 == 0 {
			th.counts["filler"+time.Duration(i).String()] = &count{ends: now}
		}
		if len(th.counts) >= mostCounts {
			break
		}
		th.counts[time.Duration(i).String()] = &count{n: 1, ends: now.Add(time.Hour)}
	}
	for range 100 {
		th.Failed(now.String(), "not an address")
		now = now.Add(time.Microsecond)
	}
	if len(th.counts) > mostCounts {
		t.Errorf("%d counts", len(th.counts))
	}
}

func FuzzReadHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, key, err := readHash(s)
		if err != nil {
			return
		}
		if c.memory > mostMemory || c.passes > mostPasses || c.lanes == 0 {
			t.Fatalf("%+v", c)
		}
		if c2, salt2, key2, err := readHash(c.write(salt, key)); err != nil || c2 != c || string(salt2) != string(salt) || string(key2) != string(key) {
			t.Errorf("%q is written otherwise: %v", s, err)
		}
	})
}

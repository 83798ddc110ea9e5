package connector

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// FuzzRetryAfter: never a wait below nothing or beyond reason, whole seconds read as they are, and dates that come out again.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "-1", "1.5", " 7 ", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015", "Fri, 31 Dec 9999 23:59:59 GMT", "٣", "soon"} {
		f.Add(s, int64(1_445_412_000), uint16(30))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64, seconds uint16) {
		now := time.Unix(unix%(1<<40), 0)
		wait, ok := retryAfter(text, now)
		if wait < 0 || wait > 10*365*24*time.Hour || !ok && wait != 0 {
			t.Errorf("%q at %v: %v %v", text, now, wait, ok)
		}
		at := time.Unix(unix%4e9, 0).UTC()
		if at.Year() < 1 || at.Year() > 9999 {
			return
		}
		later := at.Add(time.Duration(seconds) * time.Second)
		if got, ok := retryAfter(later.Format(http.TimeFormat), at); !ok || got != later.Sub(at) {
			t.Errorf("%v after %v: %v %v", later, at, got, ok)
		}
	})
}

// FuzzNotPublic: whatever the standard library knows to be no public host is none, an address means the same in each of its forms, and one
// that stands within another (mapped, translated, tunnelled) never makes that one public.
func FuzzNotPublic(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "10.0.0.1", "8.8.8.8", "169.254.169.254", "::1", "2606:4700::1", "fd00:ec2::254", "64:ff9b::1"} {
		f.Add(netip.MustParseAddr(s).AsSlice())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		what, private := notPublic(a)
		if private && what == "" {
			t.Errorf("%s is private and public", a)
		}
		u := a.Unmap()
		if what == "" && (u.IsPrivate() || u.IsLoopback() || u.IsLinkLocalUnicast() || u.IsMulticast() || u.IsUnspecified() || u.IsInterfaceLocalMulticast() || !u.IsGlobalUnicast()) {
			t.Errorf("%s passes for public", a)
		}
		if again, _ := notPublic(netip.MustParseAddr(a.String())); again != what {
			t.Errorf("%s is %q as bytes and %q as text", a, what, again)
		}
		if !u.Is4() {
			if zoned, _ := notPublic(a.WithZone("eth0")); zoned == "" {
				t.Errorf("%s passes with a zone", a)
			}
			return
		}
		v4 := u.As4()
		if mapped, _ := notPublic(netip.AddrFrom16(u.As16())); mapped != what {
			t.Errorf("%s is %q mapped and %q else", u, mapped, what)
		}
		for _, prefix := range [][]byte{{0, 0x64, 0xff, 0x9b}, {0, 0x64, 0xff, 0x9b, 0, 1}, {0x20, 0x02, v4[0], v4[1], v4[2], v4[3]}, {0x20, 0x01, 0, 0}, {}} {
			var wide [16]byte
			copy(wide[12:], v4[:])
			copy(wide[:], prefix)
			if got, _ := notPublic(netip.AddrFrom16(wide)); got == "" {
				t.Errorf("%s passes for public", netip.AddrFrom16(wide))
			}
		}
	})
}

// FuzzHosts: a host that is allowed is allowed in any writing, and nothing that is no host becomes one.
func FuzzHosts(f *testing.F) {
	for _, s := range []string{"files.example.org", "FILES.example.org.", "10.0.0.1", "[::1]:80", "münchen.example", "a:b", "https://x", "]]", "[[", "0\n:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		once, err := allowedHost(entry)
		if err != nil {
			return
		}
		if twice, err := allowedHost(once); err != nil || twice != once {
			t.Errorf("%q becomes %q, which becomes %q, %v", entry, once, twice, err)
		}
	})
}

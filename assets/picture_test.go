package assets

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
)

func TestPictureSize(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ data, want string }{
		{b.String(), "30 × 20"},
		{`<?xml version="1.0"?><svg viewBox="0, 0, 64 32" width="1" height="1"/>`, "64 × 32"},
		{`<svg width="10px" height="5"/>`, "10 × 5"},
		{`<svg width="100%" height="5"/>`, "1 × 1"},
		{`<svg viewBox="0 0 0 5"/>`, "1 × 1"},
		{`<svg viewBox="0 0 NaN 5"/>`, "1 × 1"},
		{`<svg viewBox="0 0 1e300 5"/>`, "1 × 1"},
		{"", "1 × 1"},
	} {
		w, h := PictureSize([]byte(c.data))
		if got := fmt.Sprint(w, " × ", h); got != c.want {
			t.Errorf("%q: %s, want %s", c.data, got, c.want)
		}
	}
}

// A logo that was drawn for a dark band keeps a dark ground on paper, one for a light band a light ground in the dark.
func TestPlate(t *testing.T) {
	for preset, want := range map[string]string{"civic": "print #15304b", "plain": "dark #ffffff", "govbr": "dark #ffffff", "contrast": "print #000000"} {
		tokens, err := Theme{Preset: preset}.Tokens()
		if err != nil {
			t.Fatal(err)
		}
		mode, colour, _ := strings.Cut(want, " ")
		css := tokens.Plate()
		if strings.Count(css, "@media") != 1 || !strings.Contains(strings.SplitN(css, "{", 2)[0], mode) || !strings.Contains(css, "background:"+colour) {
			t.Errorf("%s: %s", preset, css)
		}
	}
}

// What is put may change: each version has an address of its own, the former ones stay for a while, and not for ever.
func TestPut(t *testing.T) {
	s := newSet(t)
	first := ""
	seen := map[string]bool{}
	for i := range 2 * mostPut {
		body := []byte(fmt.Sprintf(":root{--n:%d}", i))
		url, err := s.Put("city/theme.css", body)
		if err != nil || seen[url] {
			t.Fatal(url, err)
		}
		seen[url] = true
		if again, err := s.Put("city/theme.css", body); err != nil || again != url {
			t.Errorf("the same bytes are at %s and %s, %v", url, again, err)
		}
		if first == "" {
			first = url
		}
		if res := get(s, "GET", url, nil); res.Code != 200 || res.Body.String() != string(body) {
			t.Errorf("%s: %d %s", url, res.Code, res.Body)
		}
		if want := i < mostPut; s.Has(first) != want {
			t.Errorf("after %d versions the first is there: %t", i+1, !want)
		}
	}
	if _, err := s.Put("city/logo.exe", nil); err == nil {
		t.Error("a type that is not served was put")
	}
}

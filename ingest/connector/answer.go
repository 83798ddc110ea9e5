package connector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/klauspost/compress/gzip"
)

// getJSON asks for an address whose answer is one JSON value, reads it whole and decodes it as encoding/json does; numbers in an interface
// become json.Number. What came is in answer.header and answer.fetch; it has no body any more. An error of another status than 200 has it
// (statusOf) and says what the other side said about it.
func (n *Network) getJSON(ctx context.Context, a ask, into any) (*answer, error) {
	ctx, cancel := n.within(ctx, a.timeout)
	defer cancel()
	a.header = a.header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set("Accept-Encoding", "gzip")
	if a.header.Get("Accept") == "" {
		a.header.Set("Accept", "application/json")
	}
	return retry(ctx, n, a, func(ctx context.Context, _ uint) (*answer, *failure) {
		ans, f := n.send(ctx, a)
		if f != nil {
			return nil, f
		}
		if f := n.accept(ans, http.StatusOK); f != nil {
			return nil, f
		}
		text, f := whole(ans, a.bound())
		if f != nil {
			return nil, f
		}
		ans.body = http.NoBody
		return ans, n.decode(ans, text, into)
	})
}

// whole reads an answer to its end and decompresses it.
func whole(a *answer, limit int64) (text []byte, f *failure) {
	defer func() {
		if err := a.Close(); err != nil && f == nil {
			f = passing("broke off its answer")
		}
	}()
	var from io.Reader = a
	switch coding := strings.ToLower(a.header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(a)
		if err != nil {
			return nil, brokenOff(err)
		}
		from = z
	default:
		return nil, unknownCoding(coding)
	}
	text, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, brokenOff(err)
	}
	if int64(len(text)) > limit {
		return nil, tooLarge(limit)
	}
	return text, nil
}

func brokenOff(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return passing("sent an answer that is cut short or damaged: its compression does not hold together")
}

func unknownCoding(coding string) *failure {
	return final("ask who runs it to send the data as they are", "sent its answer in the coding %.20q, which was not asked for", coding)
}

func (n *Network) decode(a *answer, text []byte, into any) *failure {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	err := dec.Decode(into)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("there is more after its end")
	}
	if head := bytes.TrimSpace(text); markup(head) {
		return final("it may have answered with an error or a login page: open the address in a browser", "answered with an HTML or XML page where JSON was expected")
	}
	var said *failure
	if errors.As(err, &said) {
		return said
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return final("check the address; the service may have changed", "answered with JSON of another form than is documented: a %s at %q", kind.Value, kind.Field)
	}
	return final("check the address", "answered with what is no JSON: %s", n.excerptText(err.Error()))
}

// excerpt is what a service says about why it refuses, for people: the message in its JSON, short and without anything that could be a
// secret. Nothing else of a body is ever repeated.
func (n *Network) excerpt(a *answer) string {
	kind, _, err := mime.ParseMediaType(a.fetch.ContentType)
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") || a.header.Get("Content-Encoding") != "" && a.header.Get("Content-Encoding") != "gzip" {
		return ""
	}
	var from io.Reader = a
	if a.header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(a)
		if err != nil {
			return ""
		}
		from = z
	}
	var value any
	if err := json.NewDecoder(io.LimitReader(from, 64<<10)).Decode(&value); err != nil {
		return ""
	}
	return n.excerptText(message(value, 3))
}

// message finds the words for people in an error of Socrata, CKAN, ArcGIS, RFC 9457 and their like.
func message(value any, depth int) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if depth == 0 {
			return ""
		}
		for _, name := range []string{"message", "error", "errorMessage", "detail", "title"} {
			if s := message(v[name], depth-1); s != "" {
				return s
			}
		}
	}
	return ""
}

// excerptText makes a foreign text fit for people: one short line, without secrets and control characters.
func (n *Network) excerptText(text string) string {
	const longest = 200
	text = n.scrub(text) // before it is cut, so that no part of a secret is left
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar }), " ")
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	return text
}

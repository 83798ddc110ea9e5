package catalog

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"citystat/kpi"
)

// ofFetching are the keys of what is fetched over a network.
func ofFetching() []string {
	return []string{"token", "user", "password", "key", "host_key", "headers", "max_bytes", "timeout"}
}

// without returns the keys of the shape that are not in the list.
func (s *shape) without(list ...string) []string {
	return slices.DeleteFunc(s.keys(), func(key string) bool { return slices.Contains(list, key) })
}

// readFiles reads a source that is a file or several: in the folder, or at an address.
func (ds *dataset) readFiles(s object) error {
	pathNode, urlNode := s.key["path"], s.key["url"]
	switch {
	case pathNode != nil && urlNode != nil:
		ds.bad(urlNode, "keep one of the two", "a source lies in the folder or is fetched, and this one has path and url")
		return nil
	case pathNode == nil && urlNode == nil:
		if !s.misspelt("path") && !s.misspelt("url") {
			ds.bad(s.n, "add "+s.shape.line("path")+" for files of the folder, or "+s.shape.line("url"), `source lacks "path" or "url"`)
		}
		return nil
	case urlNode != nil:
		ds.readAddress(s)
		return nil
	}
	ds.refuseKeys(s, sourceShape.without(ofFetching()...), func(key string) string {
		return fmt.Sprintf("%q is for what is fetched from an address, and this source lies in the folder", key)
	})
	n, pattern := s.raw("path", required)
	if n == nil {
		return nil
	}
	ds.d.Source.Path = pattern
	return ds.glob(n, pattern, ds.plan)
}

// readAddress reads the address of a file and how it is asked for.
func (ds *dataset) readAddress(s object) {
	u := ds.address(s, "url", "https", "sftp")
	if u == nil {
		ds.readSignIn(s, "")
		ds.readBounds(s)
		return
	}
	src := &ds.d.Source
	if u.Scheme == "sftp" {
		ds.refuseKeys(s, sourceShape.without("token", "headers"), func(key string) string {
			return fmt.Sprintf("%q is for addresses that begin with https://, and this one begins with sftp://", key)
		})
		if u.RawQuery != "" || u.ForceQuery {
			ds.bad(s.value["url"], "write * for any part of a name", "an address of SFTP has no part behind ?")
		}
		if u.Path == "" || strings.HasSuffix(u.Path, "/") {
			ds.bad(s.value["url"], `write the whole path, such as url: "sftp://files.example.gov/out/requests.csv"`, "the address names no file")
		}
		if u.User != nil { // the name alone: a password was reported
			src.User = u.User.Username()
			u.User = nil
		}
	} else {
		ds.refuseKeys(s, sourceShape.without("key", "host_key"), func(key string) string {
			return fmt.Sprintf("%q is for addresses that begin with sftp://, and this one begins with %s://", key, u.Scheme)
		})
	}
	src.URL = u.String()
	ds.readSignIn(s, u.Scheme)
	ds.readBounds(s)
}

// readBounds reads how much and how long a delivery may take.
func (ds *dataset) readBounds(s object) {
	ds.d.Source.MaxBytes = s.bytes("max_bytes", optional)
	ds.d.Source.Timeout = s.span("timeout", optional, 24)
}

// archiveMember reads which files of a ZIP archive are meant.
func (ds *dataset) archiveMember(s object) string {
	n, glob := s.raw("member", optional)
	if n == nil {
		return ""
	}
	if _, err := path.Match(glob, "x"); err != nil {
		ds.bad(n, "close every [ with ]; * stands for any part of a name, ? for one character", "%s is no pattern of names", short(glob))
		return ""
	}
	if strings.HasPrefix(glob, "/") || strings.Contains(glob, `\`) || slices.Contains(strings.Split(glob, "/"), "..") {
		ds.bad(n, "write the name as the archive lists it, such as "+s.shape.line("member"), "%s is no name within an archive", short(glob))
		return ""
	}
	return glob
}

var (
	fourByFour   = regexp.MustCompile(`^[a-z0-9]{4}-[a-z0-9]{4}$`)
	inSocrata    = regexp.MustCompile(`\b([a-z0-9]{4}-[a-z0-9]{4})\b`)
	ckanResource = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
	inCKAN       = regexp.MustCompile(`^(.*)/dataset/[^/]+/resource/([A-Za-z0-9-]+)`)
	layer        = regexp.MustCompile(`(?i)/(FeatureServer|MapServer)/[0-9]+$`)
)

// readPortal reads a source that a portal keeps.
func (ds *dataset) readPortal(s object) {
	src := &ds.d.Source
	u := ds.address(s, "url", "https")
	scheme := "https"
	if u != nil {
		scheme = u.Scheme
		src.URL = strings.TrimSuffix(u.String(), "/")
	}
	switch src.Kind {
	case kpi.SourceSocrata:
		ds.socrata(s, u)
	case kpi.SourceCKAN:
		ds.ckan(s, u)
	case kpi.SourceArcGIS:
		ds.arcgis(s, u)
	}
	ds.readSignIn(s, scheme)
	ds.readBounds(s)
}

func (ds *dataset) socrata(s object, u *url.URL) {
	src, n := &ds.d.Source, s.value["url"]
	if u != nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		id := "abcd-1234"
		if m := inSocrata.FindStringSubmatch(u.Path); m != nil {
			id = m[1]
		}
		ds.bad(n, fmt.Sprintf("write url: %q, resource: %s", u.Scheme+"://"+u.Host, id), "the address of a Socrata portal goes no further than its name")
	}
	if id, text := s.raw("resource", required); id != nil {
		if src.Resource = text; !fourByFour.MatchString(text) {
			ds.bad(id, "write the four-by-four id at the end of the dataset's address, such as "+s.shape.line("resource"), "%s is no id of a Socrata dataset", short(text))
		}
	}
	src.Filter = s.filter()
	ds.readDelivers(s)
}

func (ds *dataset) ckan(s object, u *url.URL) {
	src, n := &ds.d.Source, s.value["url"]
	switch {
	case u == nil:
	case inCKAN.MatchString(u.Path):
		m := inCKAN.FindStringSubmatch(u.Path)
		ds.bad(n, fmt.Sprintf("write url: %q, resource: %s", u.Scheme+"://"+u.Host+m[1], m[2]), "the address of a CKAN portal ends before the dataset")
	case strings.Contains(u.Path, "/api/") || u.RawQuery != "":
		before, _, _ := strings.Cut(u.Path, "/api/")
		ds.bad(n, fmt.Sprintf("write url: %q, and the id of the resource as resource", u.Scheme+"://"+u.Host+strings.TrimSuffix(before, "/")), "the address of a CKAN portal ends before /api")
	}
	if id, text := s.raw("resource", required); id != nil {
		if src.Resource = text; !ckanResource.MatchString(text) {
			ds.bad(id, "write the id that the resource's page ends with, such as resource: 2f7a4d0b-31c6-4f3a-9f0d-1e1c6d1c7a55", "%s is no id of a CKAN resource", short(text))
		}
	}
	if src.Filter = s.filter(); src.Filter == "" {
		return
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(src.Filter), &object); err != nil || object == nil {
		ds.bad(s.value["filter"], `write the filter of a CKAN resource as a JSON object in single quotes, such as filter: '{"status": "open"}'`, "%s is no JSON object", short(src.Filter))
	}
}

func (ds *dataset) arcgis(s object, u *url.URL) {
	src, n := &ds.d.Source, s.value["url"]
	src.Filter = s.filter()
	if u == nil {
		return
	}
	at := strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/query")
	base := u.Scheme + "://" + u.Host
	switch {
	case !layer.MatchString(at):
		ds.bad(n, `write the address of a layer, with its number at the end, such as url: "https://gis.example.gov/arcgis/rest/services/Trees/FeatureServer/0"`, "the address names no layer of a FeatureServer or MapServer")
	case u.RawQuery != "" || at != strings.TrimSuffix(u.Path, "/"):
		ds.bad(n, fmt.Sprintf("write url: %q, and a condition as filter", base+at), "the address goes on behind the number of the layer")
	}
}

// filter reads a condition that the portal applies.
func (o object) filter() string {
	_, s := o.raw("filter", optional)
	return strings.TrimSpace(s)
}

// Package sampledata holds complete city folders that the program can serve with no other step. They are embedded, so a fresh
// machine needs nothing but the binary.
//
// Boston2015 is a city folder on real rows: 47,613 service requests of thirteen kinds that residents and crews opened in Boston in
// 2015. Its README says where the rows come from, under which licence, and what was removed from them.
package sampledata

import (
	"embed"
	"io/fs"
)

//go:embed all:boston-2015
var boston embed.FS

// Boston2015 returns the city folder of Boston's service requests of 2015; city.yaml stands at its root.
func Boston2015() fs.FS {
	folder, err := fs.Sub(boston, "boston-2015")
	if err != nil {
		panic("sampledata: " + err.Error()) // only a path that is no path fails, and this one is a constant
	}
	return folder
}

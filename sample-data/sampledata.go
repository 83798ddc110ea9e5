// Package sampledata holds complete city folders that the program can serve with no other step. They are embedded, so a fresh
// machine needs nothing but the binary.
//
// Boston2015 is a city folder on real rows: 47,613 service requests of thirteen kinds that residents and crews opened in Boston in
// 2015. Its README says where the rows come from, under which licence, and what was removed from them.
//
// PuertoClaro is a city that does not exist, written in Spanish, with everything that a folder can say. Its rows and its map are made by a
// program with fixed chance, the tests of this package: see TestGenerate.
package sampledata

import (
	"embed"
	"io/fs"
	"maps"
	"slices"
)

//go:embed all:boston-2015
var boston embed.FS

//go:embed all:puerto-claro
var puertoClaro embed.FS

//go:embed demo/*.yaml
var demos embed.FS

// Demo returns what the made-up people of the sample city with the name say in a year of stat meetings, as YAML for the program itself; ok is false if nobody says
// anything.
func Demo(name string) (script []byte, ok bool) {
	text, err := demos.ReadFile("demo/" + name + ".yaml")
	return text, err == nil
}

// Default is the name of the city that is served where nobody names one.
const Default = "boston-2015"

// cities are the folders by name.
var cities = map[string]func() fs.FS{Default: Boston2015, "puerto-claro": PuertoClaro}

// Names lists the sample cities, by name.
func Names() []string { return slices.Sorted(maps.Keys(cities)) }

// City returns the folder of the sample city with the name; ok is false if there is none.
func City(name string) (folder fs.FS, ok bool) {
	open, ok := cities[name]
	if !ok {
		return nil, false
	}
	return open(), true
}

// Boston2015 returns the city folder of Boston's service requests of 2015; city.yaml stands at its root.
func Boston2015() fs.FS { return below(boston, Default) }

// PuertoClaro returns the city folder of Puerto Claro, a city that is made up; city.yaml stands at its root.
func PuertoClaro() fs.FS { return below(puertoClaro, "puerto-claro") }

func below(files embed.FS, dir string) fs.FS {
	folder, err := fs.Sub(files, dir)
	if err != nil {
		panic("sampledata: " + err.Error()) // only a path that is no path fails, and these are constants
	}
	return folder
}

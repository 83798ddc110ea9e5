package chart

import _ "embed"

// CSS is the style of the drawings: classes that begin with c-, colours in custom properties that begin with --c-.
//
//go:embed chart.css
var CSS string

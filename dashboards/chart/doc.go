// Package chart draws figures. A [Figure] is one specification with five faces that show the same numbers: a finding in words, a
// drawing (SVG, wide and narrow), an option for the interactive chart (go-echarts), a table and a CSV file.
//
// # Making figures
//
// [Trend] draws an indicator over time, [DistrictBars] and [DistrictMap] its districts in one period, [Spark] a line without text for
// cards. They read a scorecard's result and speak through a printer of package i18n. [NewLine], [NewBars] and [NewMap] draw any
// other thing from texts that are already finished.
//
// # In a page
//
//	<figure class="c-figure" id="{{.ID}}">
//	  <figcaption>{{.Finding}}</figcaption>
//	  {{.SVGWide}}{{.SVGNarrow}}
//	  <p>{{.Caption}}</p>
//	  … {{.Table}} …
//	</figure>
//
// [CSS] shows the wide drawing where the element with the class c-figure has room for it and the narrow one elsewhere: text is never
// smaller than 12 CSS pixels. Drawings carry classes and no styles, so a strict Content-Security-Policy lets them through; their
// colours are custom properties with values for light, dark, print and forced colours.
//
// # The interactive chart
//
// [Figure.Option] is plain JSON for a data block. It holds no function. The static script of the site, and nobody else, gives
// meaning to strings that begin with @, and only under these keys:
//
//   - color, areaColor, borderColor: "@c-line" is the value of the custom property --c-line.
//   - formatter of an axis label: "@labels" takes the text from the array "labels" beside it, by the index of the tick.
//   - formatter of a tooltip: "@shown" prints the name of the category (of an area, the datum's "title"), then for each series its
//     name and the datum's "shown"; a series without it is left out.
//
// Texts of a city never stand under these keys. [Figure.Map] is the outline to register before a map is drawn.
package chart

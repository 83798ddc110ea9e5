// Package chart draws figures. A [Figure] is one specification with five faces that show the same numbers: a finding in words, a
// drawing (SVG, wide and narrow), an option for the interactive chart (go-echarts), a table and a CSV file.
//
// # Making figures
//
// [Trend] draws an indicator over time with all that was promised, [Process] between the limits of its usual ups and downs, [YearToDate] what adds up.
// [DistrictBars] and [DistrictMap] draw its districts in one period, [DistrictHeat] and [DistrictPanels] over time, [DayHeat] a daily indicator as a
// calendar, [Equity] groups beside a reference, [Drivers] what moved a value, [Project] a piece of work, [Evaluation] what an effort changed, and
// [Freshness] when a dataset's deliveries came. [Spark] and [NewBullet] are small drawings without text that stand beside words. They read a scorecard's result
// and speak through a printer of package i18n. [NewLine], [NewBars] and [NewMap] draw any other thing from texts that are already finished.
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
// Data that lie in a grid carry their own "title" and "shown", and the option says under "keys" how the keyboard goes through them: x is how far apart
// two beside each other are, y two above each other, and panels how many series they are divided among.
//
// Texts of a city never stand under these keys. [Figure.Map] is the outline to register before a map is drawn.
package chart

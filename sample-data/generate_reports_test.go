package sampledata_test

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// row writes a row; no cell of the sample needs quotes.
func row(b *bytes.Buffer, mark string, cells ...any) {
	for i, c := range cells {
		if i > 0 {
			b.WriteString(mark)
		}
		fmt.Fprint(b, c)
	}
	b.WriteByte('\n')
}

const (
	minute = "02/01/2006 15:04"
	dayISO = "2006-01-02"
)

// kindOfReport is one of the four things that residents of Puerto Claro report.
type kindOfReport struct {
	name  string
	daily float64
	wet   bool    // more of them when it rains
	days  float64 // until the deadline
	where map[string]float64
	wait  func(d *dice, opened time.Time, p place) time.Duration
}

func hours(h float64) time.Duration { return time.Duration(h*60) * time.Minute }

var nightCrew = day(2025, 3, 1)

// hasNightCrew are the districts in which crews repair at night since the reform.
var hasNightCrew = map[string]bool{"los-almendros": true, "buena-brisa": true, "centro": true}

var kindsOfReport = []kindOfReport{
	{name: "Bache", daily: 5.6, wet: true, days: 10, where: map[string]float64{"loma-alta": 1.2, "isla-garza": 0.6}, wait: func(d *dice, opened time.Time, p place) time.Duration {
		median := 8.3 - 1.9*since(opened, firstDay, lastDay)
		switch {
		case hasNightCrew[p.id] && !opened.Before(nightCrew):
			median = 5.2 - 1.6*since(opened, nightCrew, nightCrew.AddDate(1, 0, 0))
		case p.id == "loma-alta":
			median = 9.9 // what helped elsewhere did not come here
		}
		return hours(24 * d.wait(median, 0.62))
	}},
	{name: "Luminaria", daily: 4.4, days: 8, where: map[string]float64{"el-estero": 1.4}, wait: func(d *dice, opened time.Time, p place) time.Duration {
		median := 9.4 - 2.9*since(opened, firstDay, lastDay)
		if opened.After(day(2024, 5, 15)) && opened.Before(day(2024, 10, 1)) {
			median *= 1.7 // no lamps came for a summer
		}
		return hours(24 * d.wait(median, 0.7))
	}},
	{name: "Fuga de agua", daily: 3.9, wet: false, days: 3, where: map[string]float64{"loma-alta": 1.6, "muelle-viejo": 1.3}, wait: func(d *dice, opened time.Time, p place) time.Duration {
		median := 30 - 13*since(opened, day(2023, 6, 1), day(2026, 6, 1))
		if p.id == "loma-alta" {
			median = 44 - 4*since(opened, firstDay, lastDay)
		}
		return hours(d.wait(median, 0.55))
	}},
	{name: "Basura sin recoger", daily: 3.4, days: 2, wait: func(d *dice, _ time.Time, _ place) time.Duration { return hours(d.wait(26, 0.5)) }},
}

// reports are what residents told the city to mend. Some rows are as bad as rows are.
func reports() []byte {
	var b bytes.Buffer
	d := dice(115)
	row(&b, ";", "radicado", "tipo", "abierto", "plazo", "cerrado", "reabierto", "distrito", "canal")
	number := 100000
	days(func(today time.Time) {
		for _, k := range kindsOfReport {
			for range d.count(k.daily * k.factor(today)) {
				number += 1 + d.below(3)
				b.WriteString(report(&d, k, today, number))
			}
		}
		if d.chance(0.02) {
			number += 2
			b.WriteString(badReport(&d, today, number))
		}
	})
	return b.Bytes()
}

// newRounds is the day on which the trucks began to go other ways.
var newRounds = day(2025, 2, 1)

// factor is how much more than usual is reported on a day.
func (k kindOfReport) factor(today time.Time) float64 {
	f := 1.0
	if k.wet {
		f = rain(today)
	}
	if w := today.Weekday(); w == time.Sunday || w == time.Saturday {
		f *= 0.55
	}
	if k.name == "Basura sin recoger" {
		f *= [...]float64{1.5, 0.9, 0.8, 1.2, 0.9, 0.9, 1.0, 0.9, 0.8, 0.8, 0.9, 1.6}[today.Month()-1] * (1.08 - 0.06*since(today, firstDay, lastDay))
		if !today.Before(newRounds) {
			f *= 0.85
		}
	}
	return f
}

// report is one row.
func report(d *dice, k kindOfReport, today time.Time, number int) string {
	opened := today.Add(time.Duration(6*60+d.below(15*60)) * time.Minute)
	p := d.somewhere(k.where)
	due, closed := opened.Add(hours(24*k.days)).Format(minute), opened.Add(k.wait(d, opened, p))
	channel := channelOf(d, opened)
	if channel == "Ventanilla" && d.chance(0.35) {
		due = "" // on paper nobody wrote down a day
	}
	end, again := closed.Format(minute), "no"
	if closed.After(lastDay.Add(18*time.Hour)) || d.chance(0.012) {
		end = ""
	} else if d.chance(reopened(k, opened, p)) {
		again = "si"
	}
	if k.name == "Fuga de agua" && end != "" && d.chance(0.008) {
		end = opened.Add(-hours(1 + 20*d.float())).Format(minute) // closed before it was opened: two clocks
	}
	where := p.name
	switch x := d.float(); {
	case x < 0.015:
		where = ""
	case x < 0.018:
		where = "Zona Franca"
	case x < 0.05:
		where = p.also
	}
	return strings.Join([]string{fmt.Sprint("PC-", number), k.name, opened.Format(minute), due, end, again, where, channel}, ";") + "\n"
}

// reopened is the share of repairs that do not last. Those in haste last less.
func reopened(k kindOfReport, opened time.Time, p place) float64 {
	switch {
	case k.name != "Bache":
		return 0.02
	case hasNightCrew[p.id] && !opened.Before(nightCrew):
		return 0.15
	}
	return 0.055 + 0.02*since(opened, firstDay, lastDay)
}

// channelOf is how a report came: ever more come by the site and the app.
func channelOf(d *dice, opened time.Time) string {
	online := 0.30 + 0.27*since(opened, firstDay, lastDay)
	names := []string{"Aplicación", "Sitio web", "Teléfono", "Ventanilla", "Cuadrilla"}
	return names[d.weighted(online*0.65, online*0.35, (1-online)*0.75, (1-online)*0.25, 0.08)]
}

// badReport is a row that cannot be taken: a day that there is not, no number, a kind that nobody knows.
func badReport(d *dice, today time.Time, number int) string {
	id, kind, opened := fmt.Sprint("PC-", number), "Bache", today.Add(9*time.Hour).Format(minute)
	switch d.below(4) {
	case 0:
		opened = "31/02/" + today.Format("2006 15:04")
	case 1:
		id = ""
	case 2:
		kind = "Otros (ver nota)"
	default:
		opened = ""
	}
	return strings.Join([]string{id, kind, opened, "", "", "no", "Centro", "Teléfono"}, ";") + "\n"
}

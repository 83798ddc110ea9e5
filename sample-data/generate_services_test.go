package sampledata_test

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var busLane = day(2025, 8, 4)

// buses are the trips of every day on six routes: planned, on time, and the people in them.
func buses() []byte {
	var b bytes.Buffer
	d := dice(7)
	row(&b, ",", "dia", "ruta", "programados", "puntuales", "pasajeros")
	days(func(today time.Time) {
		rest := today.Weekday() == time.Sunday
		weather := 0.045 * d.normal() * rain(today)
		for r, on := range []float64{0.68, 0.70, 0.75, 0.77, 0.80, 0.83} {
			planned := 96 - 8*r
			if rest {
				planned, on = planned*5/8, on+0.05
			}
			if r < 2 && !today.Before(busLane) {
				on += 0.125
			}
			on += 0.015*since(today, firstDay, lastDay) - 0.02*(rain(today)-1) + weather*0.5 + 0.02*d.normal()
			kept := int(math.Round(min(0.98, on) * float64(planned)))
			riders := float64(planned) * (64 + 13*since(today, firstDay, lastDay)) * (1 + 0.06*d.normal())
			if m := today.Month(); m == time.January || m == time.July {
				riders *= 0.88
			}
			row(&b, ",", today.Format(dayISO), fmt.Sprint("Ruta ", r+1), planned, kept, int(riders))
		}
	})
	return b.Bytes()
}

// moreWater is how many hours a day more than usual the water runs in a district.
var moreWater = map[string]float64{
	"centro": 0.9, "buena-brisa": 0.6, "el-faro": 0.3, "las-salinas": -0.6, "el-estero": -1.4, "isla-garza": -2.5, "loma-alta": -7.8,
}

// waterSamples are the samples of a tap in each district every week, with the hours for which water came.
func waterSamples() []byte {
	var b bytes.Buffer
	d := dice(23)
	row(&b, ",", "muestra", "fecha", "distrito", "cloro", "apta", "horas")
	number := 0
	days(func(today time.Time) {
		if today.Weekday() != time.Tuesday {
			return
		}
		dry := 1.6 * (1 - rain(today))
		for _, p := range places {
			number++
			chlorine, bad, hours := 0.72+0.09*d.normal(), 0.016, 22.0+moreWater[p.id]+0.6*since(today, firstDay, lastDay)-dry
			if p.id == "loma-alta" {
				bad, hours = 0.05, hours-1.2*dry // the tank at the top runs dry first
			}
			level := strconv.FormatFloat(max(0.05, chlorine), 'f', 2, 64)
			if d.chance(0.006) {
				level = "" // the bottle broke
			}
			fit := "si"
			if d.chance(bad) {
				fit = "no"
			}
			row(&b, ",", fmt.Sprint("M", 10000+number), today.Format(dayISO), p.name, level, fit, strconv.FormatFloat(min(24, hours+0.8*d.normal()), 'f', 1, 64))
		}
	})
	return b.Bytes()
}

// appointments are visits to a doctor: asked for, and given. The wait grows.
func appointments() []byte {
	var b bytes.Buffer
	d := dice(31)
	row(&b, ",", "cita", "pedida", "atendida", "estado", "centro", "edad", "distrito")
	number := 0
	days(func(today time.Time) {
		if today.Weekday() == time.Sunday {
			return
		}
		for range d.count(7.2) {
			number++
			median := 7.5 + 6.5*since(today, day(2024, 9, 1), day(2026, 8, 1)) + 1.2*(rain(today)-1)
			age := []string{"Niñez", "Juventud", "Adultez", "Vejez"}[d.weighted(0.24, 0.18, 0.36, 0.22)]
			if age == "Vejez" {
				median *= 1.25
			}
			p := d.somewhere(nil)
			if p.id == "loma-alta" {
				median *= 1.3
			}
			seen, state := today.AddDate(0, 0, 1+int(d.wait(median, 0.5))), "Atendida"
			given := seen.Format(dayISO)
			switch {
			case d.chance(0.07):
				state, given = "Cancelada", ""
			case seen.After(lastDay):
				state, given = "Pendiente", ""
			}
			centre := []string{"Centro de salud Bahía", "Centro de salud Loma", "Hospital del Puerto"}[d.weighted(0.35, 0.25, 0.4)]
			row(&b, ",", fmt.Sprint("C", 500000+number), today.Format(dayISO), given, state, centre, age, p.name)
		}
	})
	return b.Bytes()
}

// births are births to mothers under 18. They reach the register late, and most districts have few of them in a quarter.
func births() []byte {
	var b bytes.Buffer
	d := dice(48)
	row(&b, ",", "registro", "fecha", "distrito")
	number := 0
	days(func(today time.Time) {
		known := 1.0
		if late := lastDay.Sub(today).Hours() / 24; late < 60 {
			known = 0.35 + 0.65*late/60
		}
		for range d.count((1.46 - 0.44*since(today, firstDay, lastDay)) * known) {
			number++
			row(&b, ",", fmt.Sprint("N", 30000+number), today.Format(dayISO), d.somewhere(map[string]float64{"loma-alta": 2.1, "el-estero": 1.5, "el-faro": 0.5}).name)
		}
	})
	return b.Bytes()
}

var slowZones = map[string]bool{"centro": true, "la-bahia": true, "el-faro": true}

// crashes are people hurt in traffic.
func crashes() []byte {
	var b bytes.Buffer
	d := dice(59)
	row(&b, ",", "caso", "fecha", "distrito", "viajaba", "gravedad")
	number := 0
	days(func(today time.Time) {
		for range d.count(4.1 * (0.9 + 0.1*rain(today))) {
			p := d.somewhere(map[string]float64{"centro": 1.3, "isla-garza": 0.2})
			if slowZones[p.id] && !today.Before(day(2025, 1, 1)) && d.chance(0.31) {
				continue
			}
			number++
			by := []string{"A pie", "Bicicleta", "Motocicleta", "Automóvil", "Bus"}[d.weighted(0.24, 0.1, 0.44, 0.17, 0.05)]
			how := "Herida"
			if d.chance(0.018) {
				how = "Fallecida"
			}
			row(&b, ",", fmt.Sprint("S", 70000+number), today.Format(dayISO), p.name, by, how)
		}
	})
	return b.Bytes()
}

// survey is what a sample of residents thinks of the city's services, every September.
func survey() []byte {
	var b bytes.Buffer
	d := dice(64)
	row(&b, ",", "hoja", "fecha", "distrito", "edad", "nota")
	number := 0
	for year := 2023; year <= 2026; year++ {
		for range 720 {
			number++
			p := d.somewhere(map[string]float64{"isla-garza": 2})
			good := 0.49 + 0.035*float64(year-2023)
			if p.id == "loma-alta" {
				good -= 0.17
			}
			note := strconv.Itoa(1 + d.below(3))
			if d.chance(good) {
				note = strconv.Itoa(4 + d.below(2))
			}
			if d.chance(0.03) {
				note = "NS/NR"
			}
			age := []string{"Juventud", "Adultez", "Vejez"}[d.weighted(0.3, 0.48, 0.22)]
			row(&b, ",", fmt.Sprint("E", year, "-", number), day(year, 9, 1+d.below(30)).Format(dayISO), p.name, age, note)
		}
	}
	return b.Bytes()
}

// pesos writes an amount as the treasury does: 1.234.567,00.
func pesos(v float64) string {
	s, sign := strconv.FormatInt(int64(math.Round(math.Abs(v))), 10), ""
	if v < 0 {
		sign = "-"
	}
	var parts []string
	for ; len(s) > 3; s = s[:len(s)-3] {
		parts = append([]string{s[len(s)-3:]}, parts...)
	}
	return sign + strings.Join(append([]string{s}, parts...), ".") + ",00"
}

// waste is what was collected in a month, recycled of it, and paid.
func waste() []byte {
	var b bytes.Buffer
	d := dice(67)
	row(&b, ";", "mes", "toneladas", "aprovechadas", "costo")
	months(func(last time.Time, k int) {
		tons := 8600 * (1 + 0.03*d.normal()) * [...]float64{1.08, 0.97, 0.98, 1.0, 0.99, 0.98, 1.0, 0.99, 0.98, 1.0, 1.0, 1.12}[last.Month()-1]
		share := 0.092 + 0.03*since(last, firstDay, lastDay) + 0.004*d.normal()
		price := 231_000 - 24_000*since(last, day(2024, 1, 1), lastDay) + 4_000*d.normal()
		row(&b, ";", last.Format(dayISO), strconv.FormatFloat(math.Round(tons), 'f', 0, 64), strconv.FormatFloat(math.Round(tons*share), 'f', 0, 64), pesos(tons*price))
	})
	return b.Bytes()
}

// budget is what each department was to spend in a month, and spent.
func budget() []byte {
	var b bytes.Buffer
	d := dice(71)
	row(&b, ";", "mes", "secretaria", "programado", "pagado")
	months(func(last time.Time, _ int) {
		for i, name := range []string{"Obras", "Aguas", "Movilidad", "Salud", "Ambiente", "Gobierno"} {
			planned := []float64{9.2, 6.1, 4.4, 11.8, 5.2, 3.9}[i] * 1e9 * (1 + 0.06*float64(last.Year()-2023))
			planned *= [...]float64{0.7, 0.8, 0.85, 0.95, 1, 1.05, 1, 1.05, 1.05, 1.1, 1.15, 1.3}[last.Month()-1]
			done := [...]float64{0.9, 0.92, 0.93, 0.94, 0.95, 0.95, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99}[last.Month()-1]
			if last.Year() == 2026 && i == 0 {
				done *= 0.5 // the promenade stands still
			}
			row(&b, ";", last.Format(dayISO), name, pesos(planned), pesos(planned*done*(1+0.05*d.normal())))
		}
	})
	return b.Bytes()
}

// trees are planted when it rains.
func trees() []byte {
	var b bytes.Buffer
	d := dice(73)
	row(&b, ",", "mes", "distrito", "sembrados")
	months(func(last time.Time, _ int) {
		for _, p := range places {
			mean := float64(p.people) / 370_000 * 420 * math.Pow(rain(last), 2) * (1 + 0.22*float64(last.Year()-2023))
			row(&b, ",", last.Format(dayISO), p.name, int(max(0, mean*(1+0.2*d.normal()))))
		}
	})
	return b.Bytes()
}

// promenade is how much of the promenade is built and paid: it began late, stood still in the rain, and goes on.
func promenade() []byte {
	var b bytes.Buffer
	row(&b, ";", "corte", "avance", "pagado_mes")
	done := []float64{0, 1, 3, 6, 9, 13, 18, 22, 24, 25, 27, 31, 36, 41, 45, 47, 48, 51, 55}
	before := 0.0
	for k, x := range done {
		paid := math.Round(x*135e6) + 2.1e9
		last := day(2025, time.Month(k+4), 0) // from March 2025
		row(&b, ";", last.Format(dayISO), strconv.FormatFloat(x, 'f', 0, 64), pesos(paid-before))
		before = paid
	}
	return b.Bytes()
}

// inspectors are those who work on the last day of a month.
func inspectors() []byte {
	var b bytes.Buffer
	row(&b, ",", "corte", "secretaria", "personas")
	months(func(last time.Time, k int) {
		row(&b, ",", last.Format(dayISO), "Obras", 21+k/9)
		row(&b, ",", last.Format(dayISO), "Ambiente", 14-k/20)
		row(&b, ",", last.Format(dayISO), "Salud", 9+k/16)
	})
	return b.Bytes()
}

package catalog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	shares    = regexp.MustCompile(`^([0-9]{1,4}(?:\.[0-9]{1,6})?) ?%$`)
	durations = regexp.MustCompile(`^([0-9]{1,6}) ?(hour|day|week|month)s?$`)
	spans     = regexp.MustCompile(`^([0-9]{1,6}) ?(second|minute|hour)s?$`)
	sizes     = regexp.MustCompile(`^([0-9]{1,6}) ?(kB|KB|MB|GB|KiB|MiB|GiB)$`)
)

// share returns a percentage as a share, 0.05 for 5%, above 0 and at most the most, and its node; nil if there is none.
func (o object) share(key string, must need, most float64) (*node, float64) {
	n := o.get(key, must)
	if n == nil {
		return nil, 0
	}
	if n.kind == scalar {
		if m := shares.FindStringSubmatch(strings.TrimSpace(n.text)); m != nil {
			v, err := strconv.ParseFloat(m[1], 64)
			if err == nil && v > 0 && v <= 100*most {
				return n, v / 100
			}
			o.l.bad(n, "write "+o.shape.line(key), "%q needs a share above 0%% and up to %v%%, and this is %s", key, 100*most, n.text)
			return nil, 0
		}
	}
	mend := "write " + o.shape.line(key)
	if n.kind == scalar && numeric(n.text) {
		mend = "write it with a % sign, such as 5%"
	}
	o.l.bad(n, mend, "%q needs a share such as 5%%, and this is %s", key, described(n))
	return nil, 0
}

// unitOf is the length of a unit of time. A month is 30 days: durations say how often something is due, not where in the calendar.
func unitOf(unit string) time.Duration {
	const day = 24 * time.Hour
	switch unit {
	case "hour":
		return time.Hour
	case "day":
		return day
	case "week":
		return 7 * day
	}
	return 30 * day
}

// duration returns a length of time of up to ten years, written as "7 days"; 0 if there is none.
func (o object) duration(key string, must need) time.Duration {
	n := o.get(key, must)
	if n == nil {
		return 0
	}
	const most = 3650 * 24 * time.Hour
	if n.kind == scalar {
		if m := durations.FindStringSubmatch(strings.TrimSpace(n.text)); m != nil {
			count, err := strconv.Atoi(m[1])
			if d := time.Duration(count) * unitOf(m[2]); err == nil && d > 0 && d <= most {
				return d
			}
			o.l.bad(n, "write "+o.shape.line(key), "%q needs a time above nothing and up to ten years, and this is %s", key, n.text)
			return 0
		}
	}
	o.l.bad(n, "write a number and hours, days, weeks or months, such as "+o.shape.line(key), "%q needs a length of time, and this is %s", key, described(n))
	return 0
}

// span returns a short length of time, written as "30 minutes", of at most some hours; 0 if there is none.
func (o object) span(key string, must need, hours int) time.Duration {
	n := o.get(key, must)
	if n == nil {
		return 0
	}
	if n.kind == scalar {
		if m := spans.FindStringSubmatch(strings.TrimSpace(n.text)); m != nil {
			unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}[m[2]]
			count, err := strconv.Atoi(m[1])
			if d := time.Duration(count) * unit; err == nil && d > 0 && d <= time.Duration(hours)*time.Hour {
				return d
			}
			o.l.bad(n, "write "+o.shape.line(key), "%q needs a time above nothing and up to %d hours, and this is %s", key, hours, n.text)
			return 0
		}
	}
	o.l.bad(n, "write a number and seconds, minutes or hours, such as "+o.shape.line(key), "%q needs a length of time, and this is %s", key, described(n))
	return 0
}

// bytes returns a size of up to 1,000 GB, written as "2 GB"; 0 if there is none.
func (o object) bytes(key string, must need) int64 {
	n := o.get(key, must)
	if n == nil {
		return 0
	}
	const most = 1_000_000_000_000
	units := map[string]int64{"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
	if n.kind == scalar {
		if m := sizes.FindStringSubmatch(strings.TrimSpace(n.text)); m != nil {
			count, err := strconv.ParseInt(m[1], 10, 64)
			if size := count * units[m[2]]; err == nil && size > 0 && size <= most {
				return size
			}
			o.l.bad(n, "write "+o.shape.line(key), "%q needs a size above nothing and up to 1000 GB, and this is %s", key, n.text)
			return 0
		}
	}
	o.l.bad(n, "write a whole number and kB, MB or GB, such as "+o.shape.line(key), "%q needs a size, and this is %s", key, described(n))
	return 0
}

package ingest

import (
	"strconv"
	"time"
)

// eventTime takes the record's time: RFC 3339 and its common variants, or
// seconds or milliseconds since 1970. What is no time is kept for the reason.
func (d *decoder) eventTime() bool {
	start := d.i
	var text string
	switch c := d.b[d.i]; {
	case c == '"':
		s, ok := d.text()
		if !ok {
			return false
		}
		text = s
	case c == '-' || c-'0' < 10:
		if !d.number() {
			return false
		}
		text = d.src[start:d.i]
	default:
		if !d.skip(d.depth) {
			return false
		}
		if text = d.src[start:d.i]; text == "null" {
			text = ""
		}
	}
	t, ok := parseTime(text)
	if !ok {
		d.timeText = text
		return true // the record will be rejected, with its text
	}
	d.e.EventTime = t
	return true
}

// timeLayouts are what AWS and its tools have written, most common first.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05 MST",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
}

// parseTime reads a time between 1970 and 9999, in UTC.
func parseTime(s string) (time.Time, bool) {
	if t, ok := parseUsual(s); ok {
		return t, true
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return inRange(t.UTC())
		}
	}
	return parseEpoch(s)
}

// parseUsual reads 2006-01-02T15:04:05Z, which is how CloudTrail writes times,
// without the general parser's cost.
func parseUsual(s string) (time.Time, bool) {
	if len(s) != 20 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' {
		return time.Time{}, false
	}
	year, a := num2(s, 0)
	low, b := num2(s, 2)
	month, c := num2(s, 5)
	day, d := num2(s, 8)
	hour, e := num2(s, 11)
	minute, f := num2(s, 14)
	second, g := num2(s, 17)
	year = year*100 + low
	if !(a && b && c && d && e && f && g) || year < 1970 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false // days 29 to 31 need the calendar: leave them to the general parser
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), true
}

func num2(s string, i int) (int, bool) {
	hi, lo := s[i]-'0', s[i+1]-'0'
	return int(hi)*10 + int(lo), hi < 10 && lo < 10
}

// parseEpoch reads seconds, or milliseconds where the number is too large for
// seconds.
func parseEpoch(s string) (time.Time, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f > 0) || f > 253402300799000 {
		return time.Time{}, false
	}
	if f > 99999999999 {
		return inRange(time.UnixMilli(int64(f)).UTC())
	}
	sec := int64(f)
	return inRange(time.Unix(sec, int64((f-float64(sec))*1e6)*1000).UTC())
}

func inRange(t time.Time) (time.Time, bool) {
	return t, t.Year() >= 1970 && t.Year() <= 9999
}

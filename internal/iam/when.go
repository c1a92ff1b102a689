package iam

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// when is a time in any form that the AWS CLI, boto and the API print.
type when struct{ time.Time }

var whenForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"}

func parseWhen(s string) (when, error) {
	for _, f := range whenForms {
		if t, err := time.Parse(f, s); err == nil {
			return when{t.UTC()}, nil
		}
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 0 && n < 1e11 {
		return when{time.Unix(int64(n), 0).UTC()}, nil
	}
	return when{}, fmt.Errorf("%q is not a time", s)
}

// recordedTime is a time as recordings of boto's answers spell it.
type recordedTime struct{ Year, Month, Day, Hour, Minute, Second, Microsecond int }

func (r recordedTime) when() when {
	return when{time.Date(r.Year, time.Month(r.Month), r.Day, r.Hour, r.Minute, r.Second, r.Microsecond*1000, time.UTC)}
}

// UnmarshalJSON reads a string, epoch seconds or a recording's object.
func (w *when) UnmarshalJSON(data []byte) (err error) {
	s := string(data)
	if s == "null" || s == `""` {
		return nil
	}
	if strings.HasPrefix(s, "{") {
		var r recordedTime
		err := json.Unmarshal(data, &r)
		if err == nil && r.Year > 0 {
			*w = r.when()
		}
		return err
	}
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	}
	*w, err = parseWhen(s)
	return err
}

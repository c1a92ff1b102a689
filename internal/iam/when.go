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

// UnmarshalJSON reads a string or epoch seconds.
func (w *when) UnmarshalJSON(data []byte) (err error) {
	s := string(data)
	if s == "null" || s == `""` {
		return nil
	}
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	}
	*w, err = parseWhen(s)
	return err
}

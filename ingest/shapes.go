package ingest

import (
	"bytes"

	"github.com/trimtrail/trimtrail/ingest/ocsf"
)

// reshape turns what is no JSON, but holds CloudTrail's events, into the JSON
// records that it stands for: CSV exports, and Security Lake's Parquet. What is
// none of these comes back as it is.
func reshape(buf []byte, limits Limits) ([]byte, error) {
	text := withoutMark(buf[:len(buf)-pad])
	most := limits.orDefault().MaxRaw
	var out []byte
	var err error
	switch {
	case ocsf.IsParquet(text):
		if out, err = ocsf.Records(text, most); err != nil {
			err = &FormatError{err.Error()}
		}
	case isCSV(text):
		out, err = csvRecords(text, most)
	default:
		return buf, nil
	}
	if err != nil {
		return nil, err
	}
	return append(out, make([]byte, pad)...), nil
}

// oneObject reports whether a text that begins like b is read as a whole, other
// than JSON values one after another.
func oneObject(b []byte) bool { return isGzip(b) || ocsf.IsParquet(b) || isCSV(withoutMark(b)) }

// withoutMark is text without a byte order mark.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }

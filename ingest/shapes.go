package ingest

import "bytes"

// reshape turns what is no JSON, but holds CloudTrail's events, into the JSON
// records that it stands for: CSV exports. What is none of these comes back as
// it is.
func reshape(buf []byte, limits Limits) ([]byte, error) {
	text := withoutMark(buf[:len(buf)-pad])
	if !isCSV(text) {
		return buf, nil
	}
	out, err := csvRecords(text, limits.orDefault().MaxRaw)
	if err != nil {
		return nil, err
	}
	return append(out, make([]byte, pad)...), nil
}

// oneObject reports whether a text that begins like b is read as a whole, other
// than JSON values one after another.
func oneObject(b []byte) bool { return isGzip(b) || isCSV(withoutMark(b)) }

// withoutMark is text without a byte order mark.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }

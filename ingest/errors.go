package ingest

import "fmt"

// FormatError says that an object is not what trimtrail reads: not CloudTrail
// at all, or a CloudTrail file of another kind. What is a sentence for people,
// without a period.
type FormatError struct{ What string }

func (e *FormatError) Error() string { return e.What }

// SyntaxError says where an object stops being JSON.
type SyntaxError struct {
	Offset  int    // in bytes, of the inflated content
	What    string // such as "control character in a string"
	Records int    // complete records before it, kept out
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("broken JSON at byte %d: %s%s", e.Offset, e.What, keptOut(e.Records))
}

// GzipError says why an object does not unpack.
type GzipError struct {
	What    string // such as "truncated gzip"
	Raw     int64  // bytes unpacked before it
	Records int    // complete records before it, kept out
}

func (e *GzipError) Error() string {
	return fmt.Sprintf("%s after %s unpacked%s", e.What, size(e.Raw), keptOut(e.Records))
}

// keptOut names the records that an all-or-nothing object does not give.
func keptOut(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " (1 record before it kept out)"
	}
	return fmt.Sprintf(" (%d records before it kept out)", n)
}

// size writes n bytes as people read them, in powers of ten.
func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}

package iam

import (
	"bytes"
	"errors"
	"unicode/utf16"
)

// utf8Text takes the byte order mark off a text, and turns UTF-16, which
// Windows PowerShell's > writes, into UTF-8; bytes that are neither become U+FFFD. What is no text is refused by name.
func utf8Text(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		data = utf16Text(data[2:], 0)
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		data = utf16Text(data[2:], 1)
	case bytes.HasPrefix(data, []byte("\x1F\x8B")):
		return nil, errors.New("the file is compressed with gzip: unpack it first")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return nil, errors.New("the file is a zip archive: unpack it first")
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("the file is not text: it holds a NUL byte")
	}
	return bytes.ToValidUTF8(data, []byte("\uFFFD")), nil
}

// utf16Text decodes 16-bit units whose low byte is the first (low 0) or the second (low 1).
func utf16Text(data []byte, low int) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+low]) | uint16(data[2*i+1-low])<<8
	}
	return []byte(string(utf16.Decode(units)))
}

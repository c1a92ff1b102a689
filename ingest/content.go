package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// contentID names a record that has no eventID: the SHA-256, in hex, of its
// canonical JSON (members sorted by name, no white space, numbers as written).
// Such records are rare, so that this may be slow.
func contentID(raw string) string {
	sum := sha256.Sum256(canonical(raw))
	return hex.EncodeToString(sum[:])
}

// canonical returns raw, a valid JSON text, in canonical form.
func canonical(raw string) []byte {
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return []byte(raw)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return []byte(raw)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

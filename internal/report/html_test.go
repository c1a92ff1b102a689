package report

import (
	"bytes"
	"os"
	"testing"
)

func page1(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHTMLToLookAt writes pages where TRIMTRAIL_PAGES says, for a person to look at.
func TestHTMLToLookAt(t *testing.T) {
	dir := os.Getenv("TRIMTRAIL_PAGES")
	if dir == "" {
		t.Skip("TRIMTRAIL_PAGES names no folder")
	}
	for name, n := range map[string]int{"60.html": 60, "1000.html": 1000} {
		if err := os.WriteFile(dir+"/"+name, page1(t, bigModel(t, n)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

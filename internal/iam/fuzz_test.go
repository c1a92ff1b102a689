package iam

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/catalog"
)

// FuzzLoadParts loads the smaller files as they may come from anybody, twice: nothing panics, what was loaded comes
// back out of the lake's form, and its principals can be judged.
func FuzzLoadParts(f *testing.F) {
	err := filepath.WalkDir(fixtures, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "details") || strings.HasPrefix(d.Name(), "report") {
			return err // the larger ones are FuzzLoad's
		}
		data, err := os.ReadFile(name)
		f.Add(filepath.Base(name), data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("f", []byte(`{"SummaryMap":{}}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		states := States{home: {AccountID: home}}
		for range 2 {
			if _, err := Load(name, data, states); err != nil && !strings.HasPrefix(err.Error(), "read ") {
				t.Errorf("error is %v", err)
			}
		}
		states.Organize()
		for _, s := range states {
			text := encoded(t, s)
			back, err := DecodeState([]byte(text))
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if got := encoded(t, back); got != text {
				t.Errorf("comes back as %s", apart(got, text))
			}
			for _, h := range s.Holders() {
				Decide(Request{Principal: h.ARN, Action: "s3:GetObject", Resource: "*"}, h.Documents())
				h.Granted(catalog.Default())
			}
		}
	})
}

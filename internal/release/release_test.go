package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	at    = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	files = []entry{{name: "b", data: []byte("text")}, {name: "a", data: []byte("run"), program: true}}
)

// TestArchivesAreTheSame holds that the order of the files is no matter, and
// that a system's own tools would find what was put in.
func TestArchivesAreTheSame(t *testing.T) {
	turned := slices.Clone(files)
	slices.Reverse(turned)
	for name, pack := range map[string]func(io.Writer, string, time.Time, []entry) error{"tar": tarGzip, "zip": zipped} {
		var one, two bytes.Buffer
		if err := errors.Join(pack(&one, "x", at, files), pack(&two, "x", at, turned)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("%s: two archives of the same files differ", name)
		}
		got := untar
		if name == "zip" {
			got = unzip
		}
		if list := got(t, one.Bytes()); list != "x/a 755 run|x/b 644 text" {
			t.Errorf("%s holds %s", name, list)
		}
	}
}

func untar(t *testing.T, data []byte) string {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return strings.Join(out, "|")
		}
		text, rerr := io.ReadAll(r)
		if err := errors.Join(err, rerr); err != nil {
			t.Fatal(err)
		}
		out = append(out, line(h.Name, h.Mode, text, h.ModTime))
	}
}

func unzip(t *testing.T, data []byte) string {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, line(f.Name, int64(f.Mode().Perm()), text, f.Modified))
	}
	return strings.Join(out, "|")
}

func line(name string, mode int64, text []byte, mtime time.Time) string {
	if !mtime.Equal(at) {
		name += " of " + mtime.String()
	}
	return name + map[int64]string{0o755: " 755 ", 0o644: " 644 "}[mode] + string(text)
}

func TestBillOfMaterials(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/x"}, Deps: []*debug.Module{
		{Path: "example.com/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/new", Version: "v2.0.0", Sum: "h1:x"}}}}
	data, err := bom(info, "v1.2.3", "linux/arm64", []byte("program"))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if d.Metadata.Component.URL != "pkg:golang/example.com/x@v1.2.3" || len(d.Components) != 2 || d.Components[1].Name != "example.com/new" {
		t.Errorf("%s", data)
	}
	if deps := d.Dependencies[0].Deps; !slices.Equal(deps, []string{"pkg:golang/std@1.26.8", "pkg:golang/example.com/new@v2.0.0"}) {
		t.Errorf("depends on %q", deps)
	}
}

func TestParse(t *testing.T) {
	for args, says := range map[string]string{
		"":                                 "--version",
		"--version 1.0.0":                  "--version",
		"--version v1.0.0 --only linux":    "--only",
		"--version v1.0.0 --time today":    "--time",
		"--version v1.0.0 --out d":         "",
		"--version v1.0.0-rc.1 --only a/b": "",
	} {
		_, err := parse(strings.Fields(args))
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// TestTerms holds that a module without terms stops a release.
func TestTerms(t *testing.T) {
	var out bytes.Buffer
	if err := terms(&out, "x", t.TempDir()); err == nil {
		t.Error("no licence is no error")
	}
	if err := terms(&out, "us", "../.."); err != nil || !strings.Contains(out.String(), "==== us: LICENSE") {
		t.Errorf("%v: %.80s", err, out.String())
	}
}

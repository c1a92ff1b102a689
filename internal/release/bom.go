package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// document is a CycloneDX bill of materials, of which it has what Go knows.
// Source: the JSON schema of CycloneDX 1.6, cyclonedx.org/schema.
type document struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Hashes     []hash     `json:"hashes,omitempty"`
	URL        string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref  string   `json:"ref"`
	Deps []string `json:"dependsOn,omitempty"`
}

// bom is the bill of materials of a program: the modules that the linker
// wrote into it, and Go's standard library. It has no time and no serial
// number, so that it is the same each time.
func bom(info *debug.BuildInfo, version, target string, program []byte) ([]byte, error) {
	system, arch, _ := strings.Cut(target, "/")
	main := component{Type: "application", Name: "trimtrail", Version: version, URL: "pkg:golang/" + info.Main.Path + "@" + version,
		Hashes:     []hash{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(program))}},
		Properties: []property{{"trimtrail:os", system}, {"trimtrail:arch", arch}}}
	main.Ref = main.URL
	std := component{Type: "library", Name: "std", Version: info.GoVersion, URL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")}
	std.Ref = std.URL
	d := document{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{main}, Components: []component{std}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		url := "pkg:golang/" + m.Path + "@" + m.Version
		d.Components = append(d.Components, component{Type: "library", Ref: url, Name: m.Path, Version: m.Version, URL: url, Properties: []property{{"go:sum", m.Sum}}})
	}
	all := dependency{Ref: main.Ref}
	for _, c := range d.Components {
		all.Deps = append(all.Deps, c.Ref)
	}
	d.Dependencies = []dependency{all}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(d)
	return out.Bytes(), err
}

// licenceFile are the names of files that hold a module's terms.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// licences are the terms of all modules in a program, and of Go itself. A
// module without any is an error: it may not be passed on.
func licences(info *debug.BuildInfo) ([]byte, error) {
	goroot, err := output(nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := terms(&out, "Go "+info.GoVersion, strings.TrimSpace(goroot)); err != nil {
		return nil, err
	}
	deps := slices.SortedFunc(slices.Values(info.Deps), func(a, b *debug.Module) int { return cmp.Compare(a.Path, b.Path) })
	for _, m := range deps {
		dir, err := output(nil, "go", "list", "-m", "-f", "{{.Dir}}", m.Path)
		if err != nil {
			return nil, err
		}
		if err := terms(&out, m.Path+" "+m.Version, strings.TrimSpace(dir)); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func terms(out *bytes.Buffer, of, dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := false
	for _, e := range list {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(out, "==== %s: %s\n\n%s\n\n", of, e.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no licence in %s", of, dir)
	}
	return nil
}

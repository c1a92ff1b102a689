package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const command = "github.com/trimtrail/trimtrail/cmd/trimtrail"

// papers are the files of the repository that go into each archive.
var papers = []string{"CHANGELOG.md", "LICENSE", "NOTICE", "README.md"}

// build is a release under way.
type build struct {
	options
	root, tmp string
	common    []entry  // of every archive
	made      []string // names of files in out
}

// newBuild makes what all archives share: the papers, and what this system's
// own build of the program says of itself.
func newBuild(o options) (*build, error) {
	root, err := output(nil, "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, err
	}
	b := &build{options: o, root: strings.TrimSpace(root)}
	if b.tmp, err = os.MkdirTemp("", "trimtrail-release-"); err != nil {
		return nil, err
	}
	for _, name := range papers {
		data, err := os.ReadFile(filepath.Join(b.root, name))
		if err != nil {
			return nil, err
		}
		b.common = append(b.common, entry{name: name, data: data})
	}
	own := filepath.Join(b.tmp, "own")
	if err := b.compile("", "", own); err != nil {
		return nil, err
	}
	return b, b.ask(own)
}

func (b *build) close() { os.RemoveAll(b.tmp) }

// ask has the program write its completions and manual pages.
func (b *build) ask(program string) error {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		text, err := output(nil, program, "completion", shell)
		if err != nil {
			return err
		}
		b.common = append(b.common, entry{name: "completions/trimtrail." + shell, data: []byte(text)})
	}
	dir := filepath.Join(b.tmp, "man")
	if _, err := output(nil, program, "manual", "--out", dir); err != nil {
		return err
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		b.common = append(b.common, entry{name: "man/" + e.Name(), data: data})
	}
	return nil
}

// compile builds the program for a system, or this one, into file.
func (b *build) compile(system, arch, file string) error {
	env := []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"}
	if system != "" {
		env = append(env, "GOOS="+system, "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0")
	}
	_, err := output(env, "go", "-C", b.root, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.release="+b.version, "-o", file, command)
	return err
}

// target makes the archive and the bill of materials of one system.
func (b *build) target(t string) error {
	system, arch, _ := strings.Cut(t, "/")
	name := fmt.Sprintf("trimtrail_%s_%s_%s", strings.TrimPrefix(b.version, "v"), system, arch)
	program := "trimtrail"
	if system == "windows" {
		program += ".exe"
	}
	file := filepath.Join(b.tmp, name)
	if err := b.compile(system, arch, file); err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return err
	}
	texts, err := licences(info)
	if err != nil {
		return err
	}
	bill, err := bom(info, b.version, t, data)
	if err != nil {
		return err
	}
	entries := append(slices.Clone(b.common), entry{name: program, data: data, program: true}, entry{name: "THIRD_PARTY_LICENSES", data: texts})
	if err := b.archive(name, system, entries); err != nil {
		return err
	}
	return b.write(name+".cdx.json", bill)
}

func (b *build) archive(name, system string, entries []entry) error {
	pack, ext := tarGzip, ".tar.gz"
	if system == "windows" {
		pack, ext = zipped, ".zip"
	}
	var out bytes.Buffer
	if err := pack(&out, name, b.at, entries); err != nil {
		return err
	}
	return b.write(name+ext, out.Bytes())
}

func (b *build) write(name string, data []byte) error {
	b.made = append(b.made, name)
	return os.WriteFile(filepath.Join(b.out, name), data, 0o644)
}

// checksums writes SHA256SUMS, as sha256sum -c reads it.
func (b *build) checksums() error {
	slices.Sort(b.made)
	var out bytes.Buffer
	for _, name := range b.made {
		data, err := os.ReadFile(filepath.Join(b.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(data), name)
	}
	fmt.Print(out.String())
	return os.WriteFile(filepath.Join(b.out, "SHA256SUMS"), out.Bytes(), 0o644)
}

// output runs a program and returns what it prints.
func output(env []string, name string, args ...string) (string, error) {
	var out, errs bytes.Buffer
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

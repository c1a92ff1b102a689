// Command release builds what a release of trimtrail consists of: an archive
// for each system, checksums and a bill of materials.
//
//	go run ./internal/release --version v0.1.0 --out dist
//
// The same source and the same Go give the same bytes, wherever and whenever
// they are built: paths and the state of the checkout are left out of the
// binaries, and the archives carry one fixed time. It needs go in PATH and the
// modules; it signs and uploads nothing.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// targets are the systems that are built for.
var targets = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// options are those of a build.
type options struct {
	version, out string
	only         []string
	at           time.Time // of all files in the archives
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release: error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	b, err := newBuild(o)
	if err != nil {
		return err
	}
	defer b.close()
	for _, t := range o.only {
		if err := b.target(t); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return b.checksums()
}

var versionForm = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

func parse(args []string) (options, error) {
	o := options{}
	f := flag.NewFlagSet("release", flag.ContinueOnError)
	f.StringVar(&o.version, "version", "", "the version, as v0.1.0")
	f.StringVar(&o.out, "out", "dist", "the directory to write to")
	only := f.String("only", strings.Join(targets, ","), "systems, as linux/amd64,darwin/arm64")
	at := f.String("time", "2026-01-01T00:00:00Z", "the time of the files in the archives, RFC 3339")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if !versionForm.MatchString(o.version) {
		return o, errors.New("--version must be like v0.1.0")
	}
	o.only = strings.Split(*only, ",")
	for _, t := range o.only {
		if !strings.Contains(t, "/") {
			return o, fmt.Errorf("--only: %q is not like linux/amd64", t)
		}
	}
	var err error
	if o.at, err = time.Parse(time.RFC3339, *at); err != nil {
		return o, fmt.Errorf("--time: %w", err)
	}
	o.out, err = filepath.Abs(o.out)
	return o, err
}

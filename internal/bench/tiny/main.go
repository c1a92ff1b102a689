// Command tiny writes an archive of very many objects without any record, in
// CloudTrail's layout: to measure what a long listing and a large ledger take.
// Objects are links to a few files, so that a million take seconds to make and
// next to no space. It judges nothing.
//
//	go run ./internal/bench/tiny --objects 1000000 DIR
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "tiny: error: %v\n", err)
		os.Exit(1)
	}
}

// linksEach is how many names a file gets: file systems end at 65,000.
const linksEach = 50_000

func run(args []string) error {
	flags := pflag.NewFlagSet("tiny", pflag.ContinueOnError)
	objects := flags.Int("objects", 1_000_000, "objects to make")
	daily := flags.Int("daily", 1000, "objects of a day and region")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || *objects < 1 || *daily < 1 {
		return errors.New("want one argument, the folder to write to, and an object at least")
	}
	var content bytes.Buffer
	z := gzip.NewWriter(&content)
	if _, err := z.Write([]byte(`{"Records":[]}`)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return write(flags.Arg(0), *objects, *daily, content.Bytes())
}

// write makes the objects: of a region day by day, then of the next one.
func write(dir string, objects, daily int, content []byte) error {
	const account, days = "111122223333", 365
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var original string
	for n := range objects {
		day := n / daily
		region := fmt.Sprintf("us-east-%d", 1+day/days)
		at := first.AddDate(0, 0, day%days).Add(time.Duration(n%daily) * 24 * time.Hour / time.Duration(daily))
		folder := filepath.Join(dir, "AWSLogs", account, "CloudTrail", region, at.Format("2006/01/02"))
		name := filepath.Join(folder, fmt.Sprintf("%s_CloudTrail_%s_%sZ_%016x.json.gz", account, region, at.Format("20060102T1504"), n))
		if n%daily == 0 {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				return err
			}
		}
		if n%linksEach != 0 {
			if err := os.Link(original, name); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return err
		}
		original = name
	}
	return nil
}

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

//go:embed by_duckdb.py
var duckdb string

// bench is what is measured, and what came out.
type bench struct {
	archive   string
	trimtrail string
	noDuckDB  bool

	objects []byte // names, each ended by 0
	runs    map[string][]usage
	load    []string // before each round: the averages of 1, 5 and 15 minutes
}

// usage is what one run took.
type usage struct {
	cpu    time.Duration // user and system
	wall   time.Duration
	memory int64 // bytes, at most at once
	output int64 // bytes written
}

// find lists the archive.
func (b *bench) find() error {
	b.runs = map[string][]usage{}
	err := filepath.WalkDir(b.archive, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".gz") {
			b.objects = append(append(b.objects, name...), 0)
		}
		return err
	})
	if err == nil && len(b.objects) == 0 {
		err = fmt.Errorf("no .gz files in %s", b.archive)
	}
	if !b.noDuckDB && exec.Command("python3", "-c", "import duckdb").Run() != nil {
		b.noDuckDB = true
	}
	return err
}

// round runs each program once.
func (b *bench) round() error {
	load, _ := os.ReadFile("/proc/loadavg")
	b.load = append(b.load, strings.Join(strings.Fields(string(load))[:min(3, len(strings.Fields(string(load))))], " "))
	out, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(out)
	gzip := exec.Command("xargs", "-0", "gzip", "-dc")
	gzip.Stdin = bytes.NewReader(b.objects)
	if err := b.measure(floor, gzip, ""); err != nil {
		return err
	}
	lake := filepath.Join(out, "lake")
	if err := b.measure(subject, exec.Command(b.trimtrail, "ingest", b.archive, "--lake", lake), filepath.Join(lake, "events")); err != nil {
		return err
	}
	if b.noDuckDB {
		return nil
	}
	target := filepath.Join(out, "duckdb.parquet")
	return b.measure("DuckDB", exec.Command("python3", "-c", duckdb, b.archive, target), target)
}

const (
	floor   = "gzip -dc"
	subject = "trimtrail ingest"
)

// measure runs c, whose output is thrown away but for what it writes to target.
func (b *bench) measure(name string, c *exec.Cmd, target string) error {
	var said bytes.Buffer
	c.Stderr = &said
	begin := time.Now()
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, &said)
	}
	u := usage{wall: time.Since(begin), cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.memory = r.Maxrss << 10 // Linux counts in KB
	}
	if target != "" {
		u.output = weigh(target)
	}
	b.runs[name] = append(b.runs[name], u)
	return nil
}

// weigh adds up the files in or at name.
func weigh(name string) (n int64) {
	filepath.WalkDir(name, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// print writes the medians as a Markdown table.
func (b *bench) print(w io.Writer) {
	base := median(b.runs[floor], func(u usage) time.Duration { return u.cpu }).Seconds()
	fmt.Fprintf(w, "| | CPU s | ratio | wall s | MB of memory | MB written |\n|---|---|---|---|---|---|\n")
	for _, name := range []string{floor, subject, "DuckDB"} {
		runs := b.runs[name]
		if len(runs) == 0 {
			continue
		}
		cpu := median(runs, func(u usage) time.Duration { return u.cpu }).Seconds()
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.1f | %d | %d |\n", name, cpu, cpu/base,
			median(runs, func(u usage) time.Duration { return u.wall }).Seconds(),
			median(runs, func(u usage) int64 { return u.memory })/1e6,
			median(runs, func(u usage) int64 { return u.output })/1e6)
	}
	fmt.Fprintf(w, "\nLoad average before each round: %s\n", strings.Join(b.load, "; "))
}

func median[T time.Duration | int64](runs []usage, of func(usage) T) T {
	var all []T
	for _, u := range runs {
		all = append(all, of(u))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// Command orgscale makes a lake that stands for a large organisation and
// measures commands on it.
//
//	go build -ldflags "-X main.release=v0" -o trimtrail ./cmd/trimtrail
//	go run ./internal/bench/orgscale -lake DIR -trimtrail ./trimtrail
//
// The lake has a log and rollups, and no events: the log says how many rows
// its files of events have, and rollups are all that an analysis of whole days
// reads. So a billion events need no billion events. What reads events (verify,
// explain, windows that cut a day) finds them missing. A lake that is there is
// used as it is.
//
// It prints wall and CPU seconds and the peak of resident memory of each command.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// size is what the organisation is to be like.
type size struct {
	accounts, principals, days int
	events                     int64
	usage, networks            int // rows of a principal and day
}

func main() {
	var s size
	dir := flag.String("lake", "", "where the lake is, or is to be")
	program := flag.String("trimtrail", "", "the program to measure; its version makes the rollups")
	commands := flag.String("commands", "analyze --format json,report --format html --out /dev/null,analyze --window 1d --as-of 2026-04-05 --format json", "what to measure, by commas")
	flag.IntVar(&s.accounts, "accounts", 500, "accounts")
	flag.IntVar(&s.principals, "principals", 20_000, "principals in all accounts")
	flag.IntVar(&s.days, "days", 90, "days")
	flag.Int64Var(&s.events, "events", 1_000_000_000, "events that the rollups stand for")
	flag.IntVar(&s.usage, "usage", 8, "usage rows of a principal and day")
	flag.IntVar(&s.networks, "networks", 2, "network rows of a principal and day")
	flag.Parse()
	if err := run(s, *dir, *program, strings.Split(*commands, ",")); err != nil {
		log.Fatal(err)
	}
}

func run(s size, dir, program string, commands []string) error {
	if dir == "" || program == "" {
		return errors.New("give -lake and -trimtrail")
	}
	out, err := exec.Command(program, "version").Output()
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", program, err)
	}
	version, _, _ := strings.Cut(string(out), ",")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		start := time.Now()
		if err := build(s, dir, version); err != nil {
			return err
		}
		fmt.Printf("made %d accounts, %d principals, %d days in %.0f s\n", s.accounts, s.principals, s.days, time.Since(start).Seconds())
	}
	for _, c := range commands {
		if err := measure(program, append(strings.Fields(c), "--lake", dir)); err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
	}
	return nil
}

// measure runs one command, whose output is thrown away.
func measure(program string, args []string) error {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return err
	}
	u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the system tells no use of memory")
	}
	fmt.Printf("%-40s wall %6.1f s  cpu %6.1f s  peak %6.0f MB\n", strings.Join(args[:len(args)-2], " "), time.Since(start).Seconds(),
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), float64(u.Maxrss)/1024)
	return nil
}

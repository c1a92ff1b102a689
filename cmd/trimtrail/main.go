// Command trimtrail reads an organisation's CloudTrail archive and says, with
// evidence, who uses what, and gives each principal the smallest policy that
// still lets it work.
//
// This package owns the commands, their flags, the exit codes and the wiring;
// it does nothing that a library could not be asked to do.
//
//	trimtrail demo
//	trimtrail ingest s3://org-trail/ --lake lake
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// streams are what a command reads and writes: results to out, all else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, io streams) int {
	root := newRootCmd(io)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return tell(io.err, miscalled(cmd, err))
}

func newRootCmd(io streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "trimtrail",
		Short:         "Who uses what in AWS, and the smallest policy that still works",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err, "see  "+c.CommandPath()+" --help")
	})
	root.PersistentPreRunE = readLakeFlags
	root.AddCommand(commands(io)...)
	withLakeFlags(root)
	return root
}

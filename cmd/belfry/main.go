// Command belfry is all processes of Belfry, and clients of its API. This package
// composes the rooms and reads the configuration; it holds no rule.
package main

//go:generate sh -c "mkdir -p ../../bin && go run -tags slim . configuration > ../../bin/configuration.md && mv ../../bin/configuration.md ../../docs/configuration.md"

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"belfry.dev/belfry/cmd/belfry/configuration"
	"belfry.dev/belfry/cmd/belfry/process"
)

// program is the command line.
type program struct {
	Config string `env:"BELFRY_CONFIG" placeholder:"FILE" help:"Configuration file in YAML."`
	process.Logging

	Dev           devCommand           `cmd:"" help:"Run everything in this process, with demo data and sinks that show what was sent."`
	Serve         serveCommand         `cmd:"" help:"Answer the API."`
	Worker        workerCommand        `cmd:"" help:"Deliver: run the workflows, and all that happens in the background."`
	All           allCommand           `cmd:"" help:"Serve and worker in one process."`
	Temporal      temporalCommand      `cmd:"" help:"Run the embedded Temporal server, for trials, drills and small installations."`
	Migrate       migrateCommand       `cmd:"" help:"Bring the database schema to the newest version."`
	Bootstrap     bootstrapCommand     `cmd:"" help:"Make the first operator."`
	Health        healthCommand        `cmd:"" help:"Ask a process how it is: the exit status is 0 when it is well."`
	Audit         auditCommands        `cmd:"" help:"Check operation logs."`
	Send          sendCommand          `cmd:"" help:"Submit a notification over the API."`
	Inbox         inboxCommand         `cmd:"" help:"Show the account's inbox over the API."`
	Drill         drillCommands        `cmd:"" help:"Put the service to the test and print the ledger: what was accepted, and what became of it."`
	Configuration configurationCommand `cmd:"" help:"Print every setting as a Markdown document."`
	Version       versionCommand       `cmd:"" help:"Print the version."`
}

// outside is what a command may touch of the world around the process.
type outside struct {
	out io.Writer
	err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
	code := run(ctx, os.Args[1:], outside{out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// run executes one command and returns the process's exit status: 0, 1 for a
// failure, 2 for wrong usage.
func run(ctx context.Context, args []string, o outside) int {
	var p program
	reader := configuration.NewReader()
	left := -1
	parser, err := kong.New(&p, options(reader, o, func(code int) { left = code })...)
	if err != nil {
		return complain(o, err, 1)
	}
	parsed, err := parser.Parse(args)
	if left >= 0 { // --help
		return left
	}
	if err != nil {
		return complain(o, err, 2)
	}
	if err := reader.Check(parsed, os.Environ()); err != nil {
		return complain(o, err, 2)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(o, p.Logger(o.err, parsed.Command()), parser.Model); err != nil {
		return complain(o, err, 1)
	}
	return 0
}

func options(reader *configuration.Reader, o outside, exit func(int)) []kong.Option {
	return []kong.Option{
		kong.Name("belfry"),
		kong.Description("Belfry tells people what they must know, and can prove that it did."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Resolvers(reader),
		kong.Writers(o.out, o.err),
		kong.Exit(exit),
	}
}

func complain(o outside, err error, code int) int {
	_, _ = fmt.Fprintf(o.err, "belfry: %s\n", err) // nobody else to tell
	return code
}

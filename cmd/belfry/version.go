package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"belfry.dev/belfry/cmd/belfry/configuration"
)

// versionCommand prints what this binary was built from.
type versionCommand struct{}

// Run is the command.
func (versionCommand) Run(o outside) error {
	_, err := fmt.Fprintln(o.out, "belfry", version(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return err
}

// version is the module's version; it names the commit where the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

// configurationCommand prints docs/configuration.md.
type configurationCommand struct{}

// Run is the command.
func (configurationCommand) Run(o outside, app *kong.Application) error {
	_, err := fmt.Fprint(o.out, configuration.Document(app))
	return err
}

// Package configuration reads settings for the commands of belfry. Each setting
// is a kong flag with an environment variable; its value comes from the first of
//
//  1. the flag,
//  2. the variable (BELFRY_DB_DSN), or the file that BELFRY_DB_DSN_FILE names,
//  3. the configuration file (--config, BELFRY_CONFIG), key db_dsn or db: {dsn: …},
//  4. the default.
//
// A flag with the tag `needed:""` must get a value. Names that nothing reads are
// refused, in the file and among the variables that begin with BELFRY_.
package configuration

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Prefix begins the name of every variable.
const Prefix = "BELFRY_"

// fileSuffix ends the name of a variable that names a file with the value.
const fileSuffix = "_FILE"

// Reader resolves settings for one run of the program.
type Reader struct {
	lookup func(name string) (string, bool)
	file   map[string]string // by key; nil before it is read
}

// NewReader returns a reader of the process's environment.
func NewReader() *Reader { return &Reader{lookup: os.LookupEnv} }

// Validate does nothing: Check validates, when the command is known.
func (r *Reader) Validate(*kong.Application) error { return nil }

// Resolve returns the value of a flag that the command line does not set, nil
// for none. Kong itself has read the variable already.
func (r *Reader) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		value, err := r.variable(name)
		if value != nil || err != nil {
			return value, err
		}
		if _, set := r.lookup(name); set {
			return nil, nil
		}
	}
	if len(flag.Envs) == 0 || flag.Name == "config" {
		return nil, nil
	}
	if err := r.readFile(ctx); err != nil {
		return nil, err
	}
	if value, ok := r.file[key(flag)]; ok {
		return value, nil
	}
	return nil, nil
}

// variable returns what stands in the file that NAME_FILE names, nil when that
// is not set. One line break at the end is not part of it.
func (r *Reader) variable(name string) (any, error) {
	path, set := r.lookup(name + fileSuffix)
	if !set {
		return nil, nil
	}
	if _, both := r.lookup(name); both {
		return nil, fmt.Errorf("both %s and %s are set", name, name+fileSuffix)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the file of %s: %w", name+fileSuffix, err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}

// Check refuses unknown names and missing values. It needs the parsed context.
func (r *Reader) Check(ctx *kong.Context, environ []string) error {
	return errors.Join(r.unknownKeys(ctx.Model), unknownVariables(ctx.Model, environ), missing(ctx))
}

func (r *Reader) unknownKeys(app *kong.Application) error {
	known := map[string]bool{}
	for _, flag := range settings(app) {
		known[key(flag.Flag)] = true
	}
	var errs []error
	for name := range r.file {
		if !known[name] {
			errs = append(errs, fmt.Errorf("the configuration file has an unknown setting %q", name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// foreign matches variables that Kubernetes sets for a service named belfry or
// belfry-something, and those of the test suite.
var foreign = regexp.MustCompile(`^BELFRY_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP)\w*)?)$|^BELFRY_TEST_`)

func unknownVariables(app *kong.Application, environ []string) error {
	known := map[string]bool{}
	for _, flag := range settings(app) {
		for _, name := range flag.Envs {
			known[name], known[name+fileSuffix] = true, true
		}
	}
	var errs []error
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, Prefix) && !known[name] && !foreign.MatchString(name) {
			errs = append(errs, fmt.Errorf("the environment variable %s is unknown", name))
		}
	}
	return errors.Join(errs...)
}

// missing names the needed settings of the chosen command that have no value.
func missing(ctx *kong.Context) error {
	var errs []error
	for _, flag := range ctx.Flags() {
		if flag.Tag.Has("needed") && flag.Target.IsZero() {
			errs = append(errs, fmt.Errorf("%s is missing: %s (also --%s, or %s in the configuration file)",
				flag.Envs[0], flag.Help, flag.Name, key(flag)))
		}
	}
	return errors.Join(errs...)
}

// key is the flag's name in the configuration file.
func key(flag *kong.Flag) string { return strings.ReplaceAll(flag.Name, "-", "_") }

package configuration_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/configuration"
)

type program struct {
	Config string `env:"BELFRY_CONFIG" help:"The configuration file."`
	Serve  struct {
		DSN   string        `name:"db-dsn" env:"BELFRY_DB_DSN" needed:"" help:"The database." group:"Database"`
		Wait  time.Duration `env:"BELFRY_WAIT" default:"5s" help:"How long to wait." group:"Database"`
		Allow []string      `env:"BELFRY_ALLOW" help:"What is allowed."`
	} `cmd:"" help:"Serve."`
	Version struct{} `cmd:"" help:"Version."`
}

// parse runs with the variables given; they are the process's, so these tests
// do not run in parallel.
func parse(t *testing.T, env map[string]string, args ...string) (*program, error) {
	t.Helper()
	var environ []string
	for name, value := range env {
		t.Setenv(name, value)
		environ = append(environ, name+"="+value)
	}
	var p program
	reader := configuration.NewReader()
	parser, err := kong.New(&p, kong.Name("belfry"), kong.Resolvers(reader))
	require.NoError(t, err)
	ctx, err := parser.Parse(args)
	if err != nil {
		return nil, err
	}
	return &p, reader.Check(ctx, environ)
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "belfry.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestTheFirstSourceCounts(t *testing.T) { //nolint:paralleltest // variables belong to the process
	config := file(t, "db: {dsn: from-file}\nwait: 7s\nallow: [a, b]\n")
	p, err := parse(t, nil, "serve", "--db-dsn=from-flag")
	require.NoError(t, err)
	require.Equal(t, "from-flag 5s", p.Serve.DSN+" "+p.Serve.Wait.String())

	p, err = parse(t, map[string]string{"BELFRY_CONFIG": config}, "serve")
	require.NoError(t, err)
	require.Equal(t, "from-file 7s", p.Serve.DSN+" "+p.Serve.Wait.String())
	require.Equal(t, []string{"a", "b"}, p.Serve.Allow)

	p, err = parse(t, map[string]string{"BELFRY_DB_DSN": "from-env"}, "--config", config, "serve")
	require.NoError(t, err)
	require.Equal(t, "from-env", p.Serve.DSN, "a variable counts more than the file")

	p, err = parse(t, map[string]string{"BELFRY_DB_DSN": "from-env"}, "--config", config, "serve", "--db-dsn", "from-flag")
	require.NoError(t, err)
	require.Equal(t, "from-flag", p.Serve.DSN, "a flag counts most")
}

func TestAVariableMayNameAFile(t *testing.T) { //nolint:paralleltest // variables belong to the process
	p, err := parse(t, map[string]string{"BELFRY_DB_DSN_FILE": file(t, "secret dsn\n")}, "serve")
	require.NoError(t, err)
	require.Equal(t, "secret dsn", p.Serve.DSN)

	_, err = parse(t, map[string]string{"BELFRY_DB_DSN": "x"}, "serve")
	require.ErrorContains(t, err, "both BELFRY_DB_DSN and BELFRY_DB_DSN_FILE")
}

func TestMissingAndUnknownSettingsAreNamed(t *testing.T) { //nolint:paralleltest // variables belong to the process
	_, err := parse(t, nil, "serve")
	require.ErrorContains(t, err, "BELFRY_DB_DSN is missing")
	_, err = parse(t, map[string]string{"BELFRY_DB_DNS": "x"}, "version")
	require.ErrorContains(t, err, "BELFRY_DB_DNS is unknown")
	_, err = parse(t, nil, "--config", file(t, "wiat: 3s\ndb_dsn: x\n"), "serve")
	require.ErrorContains(t, err, `unknown setting "wiat"`)
	_, err = parse(t, nil, "--config", file(t, "db_dsn: x\ndb: {dsn: y}\n"), "serve")
	require.ErrorContains(t, err, `"db_dsn" twice`)
	_, err = parse(t, nil, "--config", "/nowhere/belfry.yaml", "serve")
	require.ErrorContains(t, err, "/nowhere/belfry.yaml")
}

func TestVariablesOfKubernetesAreIgnored(t *testing.T) { //nolint:paralleltest // variables belong to the process
	_, err := parse(t, map[string]string{
		"BELFRY_SERVICE_HOST": "10.0.0.1", "BELFRY_PORT": "tcp://10.0.0.1:80", "BELFRY_PORT_80_TCP_ADDR": "10.0.0.1",
		"BELFRY_API_SERVICE_PORT_HTTP": "80",
	}, "version")
	require.NoError(t, err)
}

func TestTheDocumentListsEverySettingOnce(t *testing.T) {
	t.Parallel()
	var p program
	parser, err := kong.New(&p, kong.Name("belfry"))
	require.NoError(t, err)
	text := configuration.Document(parser.Model)
	require.Contains(t, text, "## Database")
	require.Contains(t, text, "| `BELFRY_DB_DSN` | `--db-dsn`, `db_dsn` | *needed* | The database. | `serve` |")
	require.Contains(t, text, "| `BELFRY_WAIT` | `--wait`, `wait` | `5s` | How long to wait. | `serve` |")
	require.Contains(t, text, "| `BELFRY_CONFIG` | `--config`, `config` | – | The configuration file. | all |")
}

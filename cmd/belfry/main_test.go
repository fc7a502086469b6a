package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// belfry runs a command in this process.
func belfry(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, outside{out: &o, err: &e})
	return code, o.String(), e.String()
}

// configured writes a configuration file for a fresh SQLite database.
func configured(t *testing.T) (config string, db string) {
	t.Helper()
	dir := t.TempDir()
	db = filepath.Join(dir, "belfry.db")
	config = filepath.Join(dir, "belfry.yaml")
	text := "db: {dsn: \"sqlite://" + db + "\"}\nsecret_key: " + random64() + "\n"
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	return config, db
}

func TestTheConfigurationDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	code, want, _ := belfry(t, "configuration")
	require.Zero(t, code)
	got, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	if want != string(got) { // their difference is long and says less
		require.Fail(t, "docs/configuration.md is not what the settings say: run make generate")
	}
}

func TestTheFirstOperatorIsMadeOnce(t *testing.T) {
	t.Parallel()
	config, _ := configured(t)
	code, out, complaint := belfry(t, "--config", config, "bootstrap")
	require.Zero(t, code, complaint)
	require.Regexp(t, `name:     admin\npassword: ([a-z2-7]{5}-){3}[a-z2-7]{5}\n`, out)

	code, out, complaint = belfry(t, "--config", config, "bootstrap", "--name", "second")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, complaint, "there is an operator already")

	for _, name := range []string{"admin", "third"} {
		code, out, complaint = belfry(t, "--config", config, "bootstrap", "--if-missing", "--name", name)
		require.Zero(t, code, complaint)
		require.Empty(t, out, "no password is shown that nobody has")
		require.Contains(t, complaint, "there is an operator already")
	}

	code, out, complaint = belfry(t, "--config", config, "audit", "verify")
	require.Zero(t, code, complaint)
	require.Contains(t, out, "platform: good; 1 rows")
}

func TestTheFirstOperatorIsMadeIfMissing(t *testing.T) {
	t.Parallel()
	config, _ := configured(t)
	code, _, complaint := belfry(t, "--config", config, "bootstrap", "--if-missing", "--password", "short")
	require.Equal(t, 1, code, "only an operator that is there already is no failure")
	require.Contains(t, complaint, "characters")
	code, out, complaint := belfry(t, "--config", config, "bootstrap", "--if-missing")
	require.Zero(t, code, complaint)
	require.Contains(t, out, "password: ")
}

func TestMissingSettingsAreNamedByTheirVariable(t *testing.T) {
	t.Parallel()
	code, _, complaint := belfry(t, "audit", "verify")
	require.Equal(t, 2, code)
	require.Contains(t, complaint, "BELFRY_DB_DSN is missing")
	require.Contains(t, complaint, "BELFRY_SECRET_KEY is missing")

	config, _ := configured(t)
	code, _, complaint = belfry(t, "--config", config, "audit", "verify", "--secret-key", "c2hvcnQ=")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "BELFRY_SECRET_KEY must be 32 bytes in base64")
	require.NotContains(t, complaint, "c2hvcnQ=", "a complaint must not repeat the secret")
}

func TestWrongUsageIsToldFromFailure(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{"--help": 0, "version": 0, "nonsense": 2, "dev --nonsense": 2, "": 2} {
		code, _, complaint := belfry(t, strings.Fields(args)...)
		require.Equal(t, want, code, "belfry %s: %s", args, complaint)
	}
}

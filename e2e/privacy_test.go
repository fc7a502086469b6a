//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// canaries are what must stay in Belfry's database, or in nothing at all.
func (m *machine) canaries(t *testing.T) (personal, secret []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.data, "demo.json"))
	require.NoError(t, err)
	var kept struct {
		OperatorPassword string `json:"operator_password"`
		RootPassword     string `json:"root_password"`
		WebhookSecret    string `json:"webhook_secret"`
		ProductKey       string `json:"product_key"`
		RootKey          string `json:"root_key"`
	}
	require.NoError(t, json.Unmarshal(text, &kept))
	secret = []string{kept.OperatorPassword, kept.RootPassword, kept.WebhookSecret, kept.ProductKey, kept.RootKey}
	require.NotContains(t, secret, "")
	return []string{"ops@acme.example", "+8613800138000", "86.50"}, secret
}

// TestAddressesTextsAndSecretsStayIn looks for what nobody else may keep, after
// deliveries that succeeded and deliveries that failed: addresses and texts in
// Temporal's files and in the log, secrets in all of these and in the database.
func TestAddressesTextsAndSecretsStayIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	m.fault(t, "mail", map[string]any{"times": 1, "status": 550})
	m.fault(t, "sms", map[string]any{"times": 1, "status": 400})
	m.fault(t, "webhooks", map[string]any{"times": 1, "status": 410})
	troubled := m.submit(t)
	m.submit(t)
	finishedOver(t, m, troubled, "email", "sms")
	m.stop(t)

	personal, secret := m.canaries(t)
	outside := append(files(t, filepath.Join(m.data, "temporal")), m.data+".log")
	require.Greater(t, len(outside), 1, "Temporal's files are not where this test looks")
	absent(t, outside, append(personal, secret...))
	absent(t, databaseFiles(t, m), secret)
}

// finishedOver waits until there are deliveries over the channels, and all are final.
func finishedOver(t *testing.T, m *machine, id string, channels ...string) {
	t.Helper()
	eventually(t, 30*time.Second, func() error {
		r, err := readReport(t, m.product(t), id)
		if err != nil {
			return err
		}
		final := map[string]bool{}
		for _, d := range r.Deliveries {
			final[d.Channel] = d.State != "pending"
		}
		for _, channel := range channels {
			if !final[channel] {
				return fmt.Errorf("%s is not final: %+v", channel, r.Deliveries)
			}
		}
		return nil
	})
}

func databaseFiles(t *testing.T, m *machine) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(m.data, "belfry.db*"))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func files(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			found = append(found, path)
		}
		return err
	}))
	return found
}

func absent(t *testing.T, paths, canaries []string) {
	t.Helper()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, canary := range canaries {
			if bytes.Contains(text, []byte(canary)) {
				t.Errorf("%s holds %q, which must not leave Belfry", filepath.Base(path), canary)
			}
		}
	}
}

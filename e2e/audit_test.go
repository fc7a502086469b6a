//go:build e2e

package e2e_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the tampering goes round Belfry
)

func TestTamperingWithTheOperationLogIsFound(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "BELFRY_SEAL_INTERVAL=100ms")
	m.start(t)
	verify := func() (string, error) { return m.run(t, "--config", m.data+"/belfry.yaml", "audit", "verify") }
	eventually(t, soon, func() error { // it may be verified while it grows
		text, err := verify()
		require.NoError(t, err, text)
		if strings.Contains(text, "sealed 0 times") {
			return errors.New("not sealed yet: " + text)
		}
		return nil
	})
	m.stop(t)
	text, err := verify()
	require.NoError(t, err, text)

	rows := m.tamper(t, `SELECT MAX(seq) FROM operation_logs WHERE account_id = 'platform'`)
	for name, change := range map[string]struct{ statement, undo, found string }{
		"an edited row": {
			`UPDATE operation_logs SET actor_name = actor_name || '!' WHERE account_id = 'platform' AND seq = 2`,
			`UPDATE operation_logs SET actor_name = rtrim(actor_name, '!') WHERE account_id = 'platform' AND seq = 2`,
			"platform: BAD at row 2",
		},
		"two rows swapped": {
			`UPDATE operation_logs SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE account_id = 'platform' AND seq IN (2, 3);
			 UPDATE operation_logs SET seq = -seq WHERE account_id = 'platform' AND seq < 0`,
			`UPDATE operation_logs SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE account_id = 'platform' AND seq IN (2, 3);
			 UPDATE operation_logs SET seq = -seq WHERE account_id = 'platform' AND seq < 0`,
			"platform: BAD at row 2",
		},
		"an end that was cut off, with the head set back": {
			`CREATE TABLE kept AS SELECT * FROM operation_heads WHERE account_id = 'platform';
			 CREATE TABLE cut AS SELECT * FROM operation_logs WHERE account_id = 'platform' AND seq = ` + rows + `;
			 DELETE FROM operation_logs WHERE account_id = 'platform' AND seq = ` + rows + `;
			 UPDATE operation_heads SET (seq, hash) = (SELECT seq, hash FROM operation_logs WHERE account_id = 'platform' ORDER BY seq DESC LIMIT 1)
			 WHERE account_id = 'platform'`,
			`INSERT INTO operation_logs SELECT * FROM cut;
			 UPDATE operation_heads SET (seq, hash) = (SELECT seq, hash FROM kept) WHERE account_id = 'platform'`,
			"platform: BAD at row " + rows,
		},
	} {
		m.tamper(t, change.statement)
		text, err := verify()
		require.Error(t, err, "%s must be found:\n%s", name, text)
		require.Contains(t, text, change.found, name)
		m.tamper(t, change.undo)
		text, err = verify()
		require.NoError(t, err, "undone, %s must not be seen any more:\n%s", name, text)
	}
}

// tamper changes the database behind Belfry's back; a query returns its value.
func (m *machine) tamper(t *testing.T, statement string) string {
	t.Helper()
	db, err := sql.Open("sqlite", m.data+"/belfry.db")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	if !strings.HasPrefix(statement, "SELECT") {
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
		return ""
	}
	var value string
	require.NoError(t, db.QueryRowContext(t.Context(), statement).Scan(&value))
	return value
}

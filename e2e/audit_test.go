//go:build e2e

package e2e_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the tampering goes round Belfry
)

func TestTamperingWithTheOperationLogIsFound(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	m.stop(t)
	verify := func() (string, error) { return m.run(t, "--config", m.data+"/belfry.yaml", "audit", "verify") }
	text, err := verify()
	require.NoError(t, err, text)
	require.Contains(t, text, "platform: good")

	db, err := sql.Open("sqlite", m.data+"/belfry.db")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `UPDATE operation_logs SET actor_name = 'nobody' WHERE account_id = 'platform' AND seq = 2`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	text, err = verify()
	require.Error(t, err)
	require.Contains(t, text, "platform: BAD at row 2")

	db, err = sql.Open("sqlite", m.data+"/belfry.db")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `DELETE FROM operation_logs WHERE account_id = 'platform' AND seq = 2`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	text, err = verify()
	require.Error(t, err)
	require.Contains(t, text, "platform: BAD at row 2")
}

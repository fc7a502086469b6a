package engine_test

import (
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"belfry.dev/belfry/store/engine"
)

func TestTransactionsAndStatementsAreCounted(t *testing.T) {
	t.Parallel()
	e, err := engine.Open(t.Context(), engine.Config{DSN: "sqlite://" + t.TempDir() + "/count.db"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	before := e.Counts()
	tries := 0
	require.NoError(t, e.Transaction(t.Context(), func(db *gorm.DB) error {
		tries++
		if err := db.Exec("CREATE TABLE IF NOT EXISTS t (a INTEGER)").Error; err != nil {
			return err
		}
		if tries == 1 {
			return &mysql.MySQLError{Number: 1213} // a deadlock
		}
		return db.Exec("INSERT INTO t VALUES (1)").Error
	}))
	var rows []int
	require.NoError(t, e.Reader.Raw("SELECT a FROM t").Scan(&rows).Error)
	after := e.Counts()
	require.Equal(t, engine.Counts{Transactions: 2, Commits: 2, Repeats: 1, Statements: 4},
		engine.Counts{
			Transactions: after.Transactions - before.Transactions, Commits: after.Commits - before.Commits, Repeats: after.Repeats - before.Repeats,
			Statements: after.Statements - before.Statements,
		})
}

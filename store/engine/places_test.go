package engine_test

import (
	"sync"
	"testing"

	"belfry.dev/belfry/store/storetest"
	"gorm.io/gorm"
)

// TestTransactionsLeaveConnectionsToReads: more transactions than connections want one lock,
// and whoever has it reads something beside it, as the catalogue is read.
func TestTransactionsLeaveConnectionsToReads(t *testing.T) {
	t.Parallel()
	cfg := of(storetest.EmptyMySQL(t))
	cfg.MaxConnections = 4
	e := open(t, cfg)
	for _, statement := range []string{"CREATE TABLE x (id INT PRIMARY KEY, y INT)", "INSERT INTO x VALUES (1, 0)"} {
		if err := e.Writer.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	const several = 12
	var all sync.WaitGroup
	for range several {
		all.Go(func() {
			err := e.Transaction(t.Context(), func(tx *gorm.DB) error {
				if err := tx.Exec("UPDATE x SET y = y + 1 WHERE id = 1").Error; err != nil {
					return err
				}
				var n int
				return e.Reader.Raw("SELECT COUNT(*) FROM x").Scan(&n).Error
			})
			if err != nil {
				t.Errorf("Transaction() = %v", err)
			}
		})
	}
	all.Wait()
	var y int
	if err := e.Reader.Raw("SELECT y FROM x").Scan(&y).Error; err != nil || y != several {
		t.Errorf("%d changes, %v, want %d", y, err, several)
	}
	if n := e.Counts().Repeats; n != 0 {
		t.Errorf("%d transactions ran again: they waited for each other until the server's bound for locks", n)
	}
	if waited := e.Stats()[0]; waited.WaitCount == 0 || waited.WaitDuration == 0 {
		t.Errorf("%d waits of %v in all, want those for a place", waited.WaitCount, waited.WaitDuration)
	}
}

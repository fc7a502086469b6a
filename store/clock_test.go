package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// off is the clock of a machine that shows another time.
func off(by *atomic.Int64) func() time.Time {
	return func() time.Time { return time.Now().Add(time.Duration(by.Load())) }
}

// TestProcessesAgreeOnTheTimeWhateverTheirClocksShow: five minutes ahead and five behind, and
// one that is set while it runs.
func TestProcessesAgreeOnTheTimeWhateverTheirClocksShow(t *testing.T) {
	t.Parallel()
	cfg := storetest.MySQL(t)
	var right, ahead, behind, jumps atomic.Int64
	ahead.Store(int64(5 * time.Minute))
	behind.Store(-int64(5 * time.Minute))
	var all []*store.Store
	for _, each := range []*atomic.Int64{&right, &ahead, &behind, &jumps} {
		cfg.Now, cfg.Local = nil, off(each)
		all = append(all, storetest.Open(t, cfg))
	}
	agree := func(why string) {
		t.Helper()
		for _, s := range all {
			assert.WithinDuration(t, all[0].Now(), s.Now(), time.Second, why)
		}
	}
	agree("each goes by the database")
	for _, jump := range []time.Duration{24 * time.Hour, -time.Hour} {
		jumps.Store(int64(jump))
		agree("a clock that is set moves nothing")
	}
	var in store.NewAccount
	in.Account = models.Account{Alias: "a", Name: "a", Language: models.LocaleEN, TimeZone: "UTC", Enabled: true}
	in.Root = models.User{Name: "root", PasswordHash: "x", Enabled: true}
	in.Contact = models.Contact{Kind: models.ContactAccount, Name: "a", Enabled: true}
	inTx(t, all[1], func(ctx context.Context, tx *store.Tx) error { return tx.Platform().Accounts().Create(ctx, &in) })
	assert.WithinDuration(t, all[0].Now(), in.Account.CreatedAt, time.Second, "rows carry the time of all")
}

func TestTheClockFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	elapsed, database := time.Duration(7), start
	var away error
	delay := time.Duration(0)
	c := store.NewClock(func() time.Duration { return elapsed }, func(context.Context) (time.Time, error) {
		answer := database.Add(delay / 2)
		elapsed += delay
		database = database.Add(delay)
		return answer, away
	})
	pass := func(d time.Duration) { elapsed, database = elapsed+d, database.Add(d) }
	set := func() {
		t.Helper()
		require.NoError(t, c.Set(t.Context()))
	}
	set()
	assert.Equal(t, start, c.Now(), "the database's time, whatever the machine's")
	pass(time.Minute)
	assert.Equal(t, start.Add(time.Minute), c.Now(), "it goes on in between")

	delay, database = 200*time.Millisecond, database.Add(time.Second)
	set()
	assert.Equal(t, database, c.Now(), "the way there and back is counted")
	delay = 0

	database = database.Add(30 * time.Millisecond)
	before := c.Now()
	set()
	assert.Equal(t, before, c.Now(), "a little off moves nothing")
	database = database.Add(10 * time.Minute)
	set()
	assert.Equal(t, database, c.Now(), "an operator set the database's clock")

	before, database, delay = c.Now(), database.Add(time.Second), 3*time.Second
	set()
	assert.Equal(t, before.Add(3*time.Second), c.Now(), "a slow answer does not tell a second")
	delay = 0
	set()
	assert.Equal(t, database, c.Now(), "a quick one does")
	before, delay = c.Now(), 0
	away = errors.New("away")
	require.Error(t, c.Set(t.Context()))
	pass(time.Minute)
	assert.Equal(t, before.Add(time.Minute), c.Now(), "without answers it goes on")
}

package store_test

import (
	"bytes"
	"errors"
	"testing"

	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

func TestADatabaseOpensWithItsOwnSecretOnly(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		for range 2 {
			storetest.Open(t, cfg)
		}
		cfg.SecretKey = bytes.Repeat([]byte{9}, store.SecretSize)
		s, err := store.Open(t.Context(), cfg)
		if !errors.Is(err, store.ErrOtherSecret) {
			t.Errorf("Open() with another secret = %v, want ErrOtherSecret", err)
		}
		if err == nil {
			_ = s.Close() // the test failed already
		}
	})
}

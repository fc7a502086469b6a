package password_test

import (
	"context"
	"strings"
	"testing"

	"belfry.dev/belfry/api/password"
	"belfry.dev/belfry/models"
)

func TestAPasswordMatchesItsHashOnly(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(1)
	hash, err := h.Hash(t.Context(), "corréct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || len(hash) > 128 {
		t.Errorf("Hash() = %q", hash)
	}
	for given, want := range map[string]bool{
		"corréct horse": true, "corre\u0301ct horse": true, "correct horse": false, "corréct horse ": false, "": false,
	} {
		if got, err := h.Matches(t.Context(), given, hash); got != want || err != nil {
			t.Errorf("Matches(%q) = %t, %v, want %t", given, got, err, want)
		}
	}
	again, _ := h.Hash(t.Context(), "corréct horse")
	if again == hash {
		t.Error("two hashes have one salt")
	}
}

func TestNobodyHasTheEmptyHash(t *testing.T) {
	t.Parallel()
	if got, err := password.NewHasher(1).Matches(t.Context(), "", ""); got || err != nil {
		t.Errorf("Matches() = %t, %v", got, err)
	}
}

func TestHashesBeyondBoundsAreRefused(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(1)
	for _, hash := range []string{
		"x", "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$AA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
	} {
		if got, err := h.Matches(t.Context(), "x", hash); got || err == nil {
			t.Errorf("Matches(%q) = %t, %v, want an error", hash, got, err)
		}
	}
}

func TestAFullHasherWaitsNoLongerThanTheCaller(t *testing.T) {
	t.Parallel()
	h := password.NewHasher(1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var err error
	for range 100 { // a free slot and an ended context are chosen between at random
		if _, err = h.Hash(ctx, "x"); err != nil {
			break
		}
	}
	if models.CodeOf(err) != models.CodeUnavailable {
		t.Errorf("Hash() = %v, want unavailable", err)
	}
}

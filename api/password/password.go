// Package password hashes passwords with argon2id. Hashing is slow and takes
// memory on purpose: a Hasher bounds how many run at once, and callers keep it out
// of transactions.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"belfry.dev/belfry/models"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost of a new hash. Source: OWASP password storage, argon2id with 19 MiB, two
// passes, one lane.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	hashBytes = 32
)

// Bounds of the memory of a hash, in KiB: what argon2 needs, and what a stored hash
// may make a process take.
const (
	minMemory = 8
	maxMemory = 1 << 20
)

// Limits of a password, in code points; the second keeps hashing bounded.
const (
	MinLength = 8
	MaxLength = 128
)

// Hasher hashes and compares, a bounded number at a time.
type Hasher struct {
	slots  chan struct{}
	memory uint32
}

// NewHasher returns a Hasher that runs at most parallel hashes at once; each takes
// 19 MiB and some ten milliseconds of a core.
func NewHasher(parallel int) *Hasher {
	return &Hasher{slots: make(chan struct{}, max(parallel, 1)), memory: memoryKiB}
}

// WithMemory returns a Hasher whose new hashes take the memory, in KiB: 8–1,048,576.
// It shares the bound on parallel hashes. Existing hashes keep what they were made with.
func (h *Hasher) WithMemory(kib uint32) *Hasher {
	return &Hasher{slots: h.slots, memory: min(max(kib, minMemory), maxMemory)}
}

// Hash returns the argon2id hash of a password in PHC form. Codes: unavailable when
// the context ends while others are being hashed.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails; it ends the program instead
	p := params{memory: h.memory, passes: passes, lanes: lanes, salt: salt}
	sum, err := h.sum(ctx, password, p, hashBytes)
	if err != nil {
		return "", err
	}
	return p.encode(sum), nil
}

// Matches reports whether the password has the hash. The empty hash, of a person
// who does not exist or has no password, takes as long and matches nothing.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	p, want, err := decode(hash)
	if hash == "" {
		p = params{memory: h.memory, passes: passes, lanes: lanes, salt: make([]byte, saltBytes)}
		want = make([]byte, hashBytes)
	} else if err != nil {
		return false, err
	}
	sum, err := h.sum(ctx, password, p, len(want))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want) == 1 && hash != "", nil
}

func (h *Hasher) sum(ctx context.Context, password string, p params, length int) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, models.Errorf(models.CodeUnavailable, "Too many sign-ins at once. Please try again.")
	}
	defer func() { <-h.slots }()
	normal := norm.NFC.String(password)                                                           // the same keys pressed on another machine
	return argon2.IDKey([]byte(normal), p.salt, p.passes, p.memory, p.lanes, uint32(length)), nil //nolint:gosec // 16–64, see decode
}

// params are what a hash was made with.
type params struct {
	memory, passes uint32
	lanes          uint8
	salt           []byte
}

func (p params) encode(sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes,
		b64.EncodeToString(p.salt), b64.EncodeToString(sum))
}

var errHash = errors.New("password: not an argon2id hash within bounds")

// decode reads a hash in PHC form, and refuses costs that would stop the process.
func decode(hash string) (params, []byte, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return params{}, nil, errHash
	}
	var p params
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return params{}, nil, errHash
	}
	if p.memory < minMemory || p.memory > maxMemory || p.passes < 1 || p.passes > 16 || p.lanes < 1 || p.lanes > 16 {
		return params{}, nil, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return params{}, nil, errHash
	}
	sum, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(sum) < 16 || len(sum) > 64 {
		return params{}, nil, errHash
	}
	p.salt = salt
	return p, sum, nil
}

package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is how large the ledger was, and the hash over all records up to there.
type Checkpoint struct {
	// Origin names the ledger, and the key that signs it.
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text is the checkpoint as C2SP's tlog-checkpoint has it.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

var errCheckpoint = errors.New("it is not a checkpoint")

// ParseCheckpoint reads Text, which may have further lines.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, errCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, errCheckpoint
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, errCheckpoint
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}, nil
}

// Sign returns the checkpoint as a note that the key signed under the ledger's name.
func Sign(c Checkpoint, key ed25519.PrivateKey) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signer{name: c.Origin, key: key})
	return string(signed), err
}

// Open returns what the note says, when the key signed it under the origin's name.
func Open(signed, origin string, key ed25519.PublicKey) (Checkpoint, error) {
	vkey, err := PublicKey(origin, key)
	if err != nil {
		return Checkpoint{}, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("use the public key: %w", err)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open the checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(opened.Text)
	if err == nil && c.Origin != origin {
		err = fmt.Errorf("it is a checkpoint of %q", c.Origin)
	}
	return c, err
}

// PublicKey is the key as others are given it: name, hash and key in one line.
func PublicKey(origin string, key ed25519.PublicKey) (string, error) {
	vkey, err := note.NewEd25519VerifierKey(origin, key)
	if err != nil {
		return "", fmt.Errorf("write the public key: %w", err)
	}
	return vkey, nil
}

// signer is a key under a name.
type signer struct {
	name string
	key  ed25519.PrivateKey
}

// Name is the ledger's origin.
func (s signer) Name() string { return s.name }

// KeyHash tells keys of one name apart, as signed-note defines it.
func (s signer) KeyHash() uint32 {
	public := s.key.Public().(ed25519.PublicKey)                     //nolint:errcheck // what an ed25519 key answers
	sum := sha256.Sum256(append([]byte(s.name+"\n\x01"), public...)) // 1 stands for Ed25519
	return binary.BigEndian.Uint32(sum[:])
}

// Sign signs the note's text.
func (s signer) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

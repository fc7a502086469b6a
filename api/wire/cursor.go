package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"belfry.dev/belfry/models"
)

// maxCursor bounds a cursor that is worth looking at, in bytes.
const maxCursor = 1024

// Cursors signs the positions that lists hand out, so that nobody can make one
// up, take one to another account or use it with another filter.
type Cursors struct {
	key []byte
}

// NewCursors returns Cursors over a secret key of at least 32 bytes. Processes
// with the same key understand each other's cursors.
func NewCursors(key []byte) Cursors { return Cursors{key: key} }

// Sign returns the cursor for a position in the list that account and filter
// describe; "" for the position "", which is no position.
func (c Cursors) Sign(account models.AccountID, filter, position string) string {
	if position == "" {
		return ""
	}
	sum := c.sum(account, filter, position)
	return base64.RawURLEncoding.EncodeToString(append(sum, position...))
}

// Open returns the position of a cursor that Sign made for the same account and
// filter; "" for "". Any other cursor is malformed.
func (c Cursors) Open(account models.AccountID, filter, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	if len(cursor) > maxCursor {
		return "", badCursor()
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) <= sha256.Size {
		return "", badCursor()
	}
	position := string(raw[sha256.Size:])
	if !hmac.Equal(raw[:sha256.Size], c.sum(account, filter, position)) {
		return "", badCursor()
	}
	return position, nil
}

func (c Cursors) sum(account models.AccountID, filter, position string) []byte {
	return keyedHash(c.key, "cursor", string(account), filter, position)
}

// keyedHash is an HMAC over parts that cannot be shifted into one another: each
// is preceded by its length.
func keyedHash(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

func badCursor() error {
	return &models.Error{
		Code:   models.CodeMalformed,
		Detail: "The cursor is not one of this list.",
		Fields: []models.Field{{Pointer: "query/cursor", Code: "invalid", Detail: "use next_cursor of the page before, with the same filter"}},
	}
}

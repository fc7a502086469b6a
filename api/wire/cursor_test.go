package wire_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
)

func testKey() []byte { return bytes.Repeat([]byte{7}, 32) }

func TestCursorsAreBoundToAccountAndFilter(t *testing.T) {
	t.Parallel()
	cursors := wire.NewCursors(testKey())
	cursor := cursors.Sign("acc_a", "bot.list", "123,bot_1")
	if got, err := cursors.Open("acc_a", "bot.list", cursor); err != nil || got != "123,bot_1" {
		t.Fatalf("Open() = %q, %v, want the position", got, err)
	}
	for name, open := range map[string]func() (string, error){
		"other account": func() (string, error) { return cursors.Open("acc_b", "bot.list", cursor) },
		"other filter":  func() (string, error) { return cursors.Open("acc_a", "bot.lists", cursor) },
		"shifted parts": func() (string, error) { return cursors.Open("acc_", "abot.list", cursor) },
		"other key": func() (string, error) {
			return wire.NewCursors(bytes.Repeat([]byte{8}, 32)).Open("acc_a", "bot.list", cursor)
		},
		"garbage":  func() (string, error) { return cursors.Open("acc_a", "bot.list", "!") },
		"unsigned": func() (string, error) { return cursors.Open("acc_a", "bot.list", "MTIzLGJvdF8x") },
	} {
		if got, err := open(); models.CodeOf(err) != models.CodeMalformed || got != "" {
			t.Errorf("%s: Open() = %q, %v, want malformed", name, got, err)
		}
	}
}

// FuzzCursor: only a cursor that was signed for the list decodes.
func FuzzCursor(f *testing.F) {
	cursors := wire.NewCursors(testKey())
	good := cursors.Sign("acc_a", "bot.list", "123,bot_1")
	for _, seed := range []string{"", good, good[:len(good)-1], good + "A", "!", "AAAA", base64.RawURLEncoding.EncodeToString(make([]byte, 40))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		position, err := cursors.Open("acc_a", "bot.list", cursor)
		switch {
		case err != nil && models.CodeOf(err) != models.CodeMalformed:
			t.Fatalf("Open(%q) = %v, want malformed", cursor, err)
		case err == nil && cursors.Sign("acc_a", "bot.list", position) != cursor:
			t.Fatalf("Open(%q) = %q: it was never signed", cursor, position)
		}
	})
}

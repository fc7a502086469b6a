package ledger_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"belfry.dev/belfry/models/ledger"
)

const origin = "belfry.example.com/ledger"

// key is that of the vector.
func key() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	return ed25519.NewKeyFromSeed(seed)
}

func public() ed25519.PublicKey { return key().Public().(ed25519.PublicKey) }

// TestVectorIsWhatOthersCompute has the figures of two other implementations, in Python and in Node.
func TestVectorIsWhatOthersCompute(t *testing.T) {
	t.Parallel()
	body := ledger.BodyHash(make([]byte, 16), []byte(`{"contents":{},"outcome":"delivered"}`))
	chain := ledger.Chain("acc_1", 1, ledger.Genesis(), "delivery", body)
	if got, want := hex.EncodeToString(chain), "874f14f6aae133f46350d7ab0eaa5f5fa6237a8ee73d5989b3992e6beba16679"; got != want {
		t.Errorf("Chain() = %s, want %s", got, want)
	}
	vkey, err := ledger.PublicKey(origin, public())
	if want := origin + "+2d3b8d48+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"; vkey != want || err != nil {
		t.Errorf("PublicKey() = %s, %v, want %s", vkey, err, want)
	}
	root, _, err := ledger.Extend(0, nil, []tlog.Hash{ledger.Leaf(chain)})
	if want := "HWKRom7DG7SPYjivaeMlmJd8DR8BkJHv3LqBpXEmYQs="; root.String() != want || err != nil {
		t.Errorf("the root is %s, %v, want %s", root, err, want)
	}
	signed, err := ledger.Sign(ledger.Checkpoint{Origin: origin, Size: 1, Root: root}, key())
	want := origin + "\n1\nHWKRom7DG7SPYjivaeMlmJd8DR8BkJHv3LqBpXEmYQs=\n\n— " + origin +
		" LTuNSJGKCQQixmBQOyNVRsskFmisOUMpui9rGuGk9zoipwcB5ABdg8MVhhVRnwayaJlwAJz0ls1X/gHUSMIaUt3HOw0=\n"
	if signed != want || err != nil {
		t.Errorf("Sign() = %s, %v, want %s", signed, err, want)
	}
}

func TestOnlyWhatTheKeySignedIsACheckpoint(t *testing.T) {
	t.Parallel()
	c := ledger.Checkpoint{Origin: origin, Size: 44, Root: tlog.Hash{1}}
	signed, err := ledger.Sign(c, key())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.Open(signed, origin, public()); got != c || err != nil {
		t.Errorf("Open() = %+v, %v, want %+v", got, err, c)
	}
	for i := range signed {
		flipped := []byte(signed)
		flipped[i] ^= 1
		if got, err := ledger.Open(string(flipped), origin, public()); err == nil && got != c {
			t.Errorf("with byte %d changed it opens as %+v", i, got)
		}
	}
	if _, err := ledger.Open(signed, "other/ledger", public()); err == nil {
		t.Error("it opens as another ledger's")
	}
	other := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	if _, err := ledger.Open(signed, origin, other); err == nil {
		t.Error("it opens with another key")
	}
}

func TestCheckpointsAreReadStrictly(t *testing.T) {
	t.Parallel()
	root := tlog.Hash{}.String()
	good := "o\n1\n" + root + "\n"
	if _, err := ledger.ParseCheckpoint(good); err != nil {
		t.Errorf("%q: %v", good, err)
	}
	for _, text := range []string{
		"", "o\n", "\n1\n" + root + "\n", "o\n-1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n1\nAAAA\n", "o\n1\n" + root,
	} {
		if c, err := ledger.ParseCheckpoint(text); err == nil {
			t.Errorf("%q is read as %+v", text, c)
		}
	}
}

// kept is a ledger's tiles in memory.
type kept map[[2]int64][]byte

func (k kept) read(level, n int64) ([]byte, error) {
	data, known := k[[2]int64{level, n}]
	if !known {
		return nil, fmt.Errorf("no tile %d of level %d", n, level)
	}
	return data, nil
}

// grow adds leaves in steps, as a sequencer does, and returns the checkpoint after each.
func grow(t *testing.T, tiles kept, steps ...int) []ledger.Checkpoint {
	t.Helper()
	c := ledger.Checkpoint{Origin: origin}
	var all []ledger.Checkpoint
	for _, n := range steps {
		root, changed, err := ledger.Extend(c.Size, ledger.Reader(c, tiles.read), leaves(c.Size, n))
		if err != nil {
			t.Fatal(err)
		}
		for _, tile := range changed {
			tiles[[2]int64{tile.Level, tile.N}] = tile.Data
		}
		c.Size, c.Root = c.Size+int64(n), root
		all = append(all, c)
	}
	return all
}

func leaves(from int64, n int) []tlog.Hash {
	out := make([]tlog.Hash, n)
	for i := range out {
		out[i] = ledger.Leaf(fmt.Append(nil, from+int64(i)))
	}
	return out
}

func TestTheTreeGrowsAsItIsRebuilt(t *testing.T) {
	t.Parallel()
	tiles := kept{}
	roots := map[int64]tlog.Hash{}
	for _, c := range grow(t, tiles, 1, 1, 5, 249, 1, 300, 1024, 1, 65536-1582, 3) {
		roots[c.Size] = c.Root
	}
	var r ledger.Rebuilding
	again := kept{}
	keep := func(tile ledger.Tile) { again[[2]int64{tile.Level, tile.N}] = tile.Data }
	for _, leaf := range leaves(0, 65539) {
		r.Add(leaf, keep)
		if root, known := roots[r.Size]; known && r.Root() != root {
			t.Errorf("the root of %d leaves is another", r.Size)
		}
	}
	for _, tile := range r.Partial() {
		keep(tile)
	}
	if !maps.EqualFunc(tiles, again, slices.Equal[[]byte]) {
		t.Errorf("%d tiles were stored and %d rebuilt, or they differ", len(tiles), len(again))
	}
	if empty := (&ledger.Rebuilding{}).Root(); empty.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("the root of nothing is %s", empty)
	}
}

func TestATreeWhoseTilesWereChangedDoesNotGrow(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(kept){
		"edited":  func(k kept) { k[[2]int64{0, 1}][40] ^= 1 },
		"cut":     func(k kept) { k[[2]int64{0, 1}] = k[[2]int64{0, 1}][:32] },
		"deleted": func(k kept) { delete(k, [2]int64{1, 0}) },
	} {
		tiles := kept{}
		c := grow(t, tiles, 600)[0]
		if name == "edited" || name == "cut" { // the last tile is what the next leaf needs
			tiles[[2]int64{0, 1}] = slices.Clone(tiles[[2]int64{0, 1}])
		}
		damage(tiles)
		_, err := tlog.TreeHash(300, ledger.Reader(c, tiles.read))
		if err == nil {
			t.Errorf("%s: nobody noticed", name)
		}
	}
}

func TestARecordsKeyCoversAllThatItSays(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	r := ledger.Record{ID: []byte("0123456789abcdef"), AccountID: "acc_1", Kind: ledger.KindOperation, Ref: "5", BodyHash: []byte("h")}
	for name, change := range map[string]func(*ledger.Record){
		"nothing": func(*ledger.Record) {}, "id": func(r *ledger.Record) { r.ID = []byte("1123456789abcdef") },
		"account": func(r *ledger.Record) { r.AccountID = "acc_2" }, "kind": func(r *ledger.Record) { r.Kind = ledger.KindAdopted },
		"ref": func(r *ledger.Record) { r.Ref = "6" }, "time": func(r *ledger.Record) { r.At = r.At.Add(1000) },
		"body": func(r *ledger.Record) { r.BodyHash = []byte("i") },
	} {
		each := r
		change(&each)
		parts := strings.Join(each.Keyed(), "\x00")
		if other, same := seen[parts]; same {
			t.Errorf("%s and %s are keyed alike", name, other)
		}
		seen[parts] = name
	}
}

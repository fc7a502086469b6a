package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight makes tiles of 256 hashes; TileWidth are those.
const (
	TileHeight = 8
	TileWidth  = 1 << TileHeight
)

// Tile is a part of the tree: up to 256 hashes of one level, from the left.
type Tile struct {
	Level, N int64
	Data     []byte
}

// Tiles reads stored tiles by level and number; Data may be longer than asked for.
type Tiles func(level, n int64) ([]byte, error)

// Reader returns the hashes of the tree that the checkpoint vouches for: what the tiles say
// otherwise is an error. Each tile is read once.
func Reader(c Checkpoint, tiles Tiles) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, &tileReader{tiles: tiles, read: map[tlog.Tile][]byte{}})
}

// tileReader is tiles to tlog.
type tileReader struct {
	tiles Tiles
	read  map[tlog.Tile][]byte
}

// Height implements tlog.TileReader.
func (r *tileReader) Height() int { return TileHeight }

// SaveTiles implements tlog.TileReader.
func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (r *tileReader) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(wanted))
	for i, t := range wanted {
		data, known := r.read[t]
		if !known {
			var err error
			if data, err = r.tiles(int64(t.L), t.N); err != nil {
				return nil, err
			}
			if len(data) < t.W*tlog.HashSize {
				return nil, fmt.Errorf("tile %d of level %d lacks hashes", t.N, t.L)
			}
			data = data[:t.W*tlog.HashSize]
			r.read[t] = data
		}
		out[i] = data
	}
	return out, nil
}

// Extend adds the leaves to the tree of the size, which old has the hashes of. It returns the
// new root, and the tiles that changed, whole.
func Extend(size int64, old tlog.HashReader, leaves []tlog.Hash) (tlog.Hash, []Tile, error) {
	g := growth{old: old, from: tlog.StoredHashCount(size)}
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashesForRecordHash(size+int64(i), leaf, g)
		if err != nil {
			return tlog.Hash{}, nil, fmt.Errorf("add a leaf: %w", err)
		}
		g.added = append(g.added, hashes...)
	}
	grown := size + int64(len(leaves))
	root, err := tlog.TreeHash(grown, g)
	if err != nil {
		return root, nil, fmt.Errorf("compute the root: %w", err)
	}
	var tiles []Tile
	for _, t := range tlog.NewTiles(TileHeight, size, grown) {
		data, err := tlog.ReadTileData(t, g)
		if err != nil {
			return root, nil, fmt.Errorf("read tile %d of level %d: %w", t.N, t.L, err)
		}
		tiles = append(tiles, Tile{Level: int64(t.L), N: t.N, Data: data})
	}
	return root, tiles, nil
}

// growth is a tree with hashes that are not stored yet.
type growth struct {
	old  tlog.HashReader
	from int64
	// added are the hashes from index from on.
	added []tlog.Hash
}

// ReadHashes implements tlog.HashReader.
func (g growth) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var before []int64
	for i, index := range indexes {
		if index < g.from {
			before = append(before, index)
			continue
		}
		out[i] = g.added[index-g.from]
	}
	if len(before) == 0 {
		return out, nil
	}
	hashes, err := g.old.ReadHashes(before)
	if err != nil {
		return nil, err
	}
	for i, index := range indexes {
		if index < g.from {
			out[i], hashes = hashes[0], hashes[1:]
		}
	}
	return out, nil
}

// Rebuilding computes the tree anew from its leaves, with few hashes in memory. The zero value is
// the empty tree.
type Rebuilding struct {
	// Size is how many leaves there were.
	Size int64
	// roots are those of the full trees that the leaves make up, the largest first; levels are theirs.
	roots  []tlog.Hash
	levels []int
	// tiles are the hashes so far of the last tile of each level, and counts how many were full before.
	tiles  [][]byte
	counts []int64
}

// Add adds a leaf and hands each tile that is full now to full.
func (r *Rebuilding) Add(leaf tlog.Hash, full func(Tile)) {
	r.Size++
	r.push(leaf, 0, full)
	for n := len(r.roots); n > 1 && r.levels[n-1] == r.levels[n-2]; n = len(r.roots) {
		merged, level := tlog.NodeHash(r.roots[n-2], r.roots[n-1]), r.levels[n-1]+1
		r.roots, r.levels = r.roots[:n-2], r.levels[:n-2]
		r.push(merged, level, full)
	}
}

func (r *Rebuilding) push(h tlog.Hash, level int, full func(Tile)) {
	r.roots, r.levels = append(r.roots, h), append(r.levels, level)
	if level%TileHeight != 0 {
		return
	}
	at := level / TileHeight
	if at == len(r.tiles) {
		r.tiles, r.counts = append(r.tiles, nil), append(r.counts, 0)
	}
	r.tiles[at] = append(r.tiles[at], h[:]...)
	if len(r.tiles[at]) == TileWidth*tlog.HashSize {
		full(Tile{Level: int64(at), N: r.counts[at], Data: r.tiles[at]})
		r.tiles[at], r.counts[at] = nil, r.counts[at]+1
	}
}

// Root is the hash over all leaves so far.
func (r *Rebuilding) Root() tlog.Hash {
	if len(r.roots) == 0 {
		root, _ := tlog.TreeHash(0, nil) // that of nothing is constant
		return root
	}
	root := r.roots[len(r.roots)-1]
	for i := len(r.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(r.roots[i], root)
	}
	return root
}

// Partial are the tiles that are not full.
func (r *Rebuilding) Partial() []Tile {
	var tiles []Tile
	for at, data := range r.tiles {
		if len(data) > 0 {
			tiles = append(tiles, Tile{Level: int64(at), N: r.counts[at], Data: data})
		}
	}
	return tiles
}

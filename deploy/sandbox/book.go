package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// kept is how many entries of one medium are kept at least; older ones go.
const kept = 2_000

// Entry is what every caught thing has.
type Entry struct {
	// ID counts from 1 in each medium.
	ID int64     `json:"id"`
	At time.Time `json:"at"`
}

// book keeps the newest entries of one medium in memory, and in a file of JSON
// lines so that they outlive the process, killed or not.
type book[T any] struct {
	mu      sync.Mutex
	path    string
	file    *os.File
	entries []line[T]
	next    int64
}

type line[T any] struct {
	Entry
	Item T `json:"item"`
}

// openBook reads the file; a last line that was cut off by a kill is dropped.
func openBook[T any](path string) (*book[T], error) {
	b := &book[T]{path: path, next: 1}
	if err := b.read(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if err := b.rewrite(); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return b, nil
}

func (b *book[T]) read() error {
	file, err := os.Open(b.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	reader := bufio.NewReader(file)
	for {
		text, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l line[T]
		if err := json.Unmarshal(text, &l); err != nil {
			return err
		}
		b.entries = append(b.entries, l)
		b.next = l.ID + 1
	}
}

// rewrite writes the newest entries into a new file and goes on with that.
func (b *book[T]) rewrite() error {
	b.entries = b.entries[max(0, len(b.entries)-kept):]
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, l := range b.entries {
		if err := encoder.Encode(l); err != nil {
			return err
		}
	}
	if err := os.WriteFile(b.path+".new", text.Bytes(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(b.path+".new", b.path); err != nil {
		return err
	}
	file, err := os.OpenFile(b.path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if b.file != nil {
		_ = b.file.Close() // replaced: nothing of it is needed
	}
	b.file = file
	return nil
}

// add writes the item down before it returns.
func (b *book[T]) add(at time.Time, item T) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := line[T]{Entry: Entry{ID: b.next, At: at.UTC()}, Item: item}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := b.file.Write(append(text, '\n')); err != nil {
		return err
	}
	b.next++
	b.entries = append(b.entries, l)
	if len(b.entries) >= 2*kept {
		return b.rewrite()
	}
	return nil
}

// newest returns up to limit entries, newest first.
func (b *book[T]) newest(limit int) []line[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []line[T]{}
	for i := len(b.entries) - 1; i >= 0 && len(out) < limit; i-- {
		out = append(out, b.entries[i])
	}
	return out
}

// find returns one entry, and false when there is none.
func (b *book[T]) find(id int64) (line[T], bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.entries {
		if l.ID == id {
			return l, true
		}
	}
	return line[T]{}, false
}

// clear forgets all entries; numbers go on.
func (b *book[T]) clear() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = nil
	return b.rewrite()
}

// last returns the number of the newest entry ever, 0 for none.
func (b *book[T]) last() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next - 1
}

func (b *book[T]) close() error {
	if b == nil || b.file == nil {
		return nil
	}
	return b.file.Close()
}

package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/goccy/go-yaml"

	"belfry.dev/belfry/cmd/belfry/demo"
	"belfry.dev/belfry/cmd/belfry/process"
)

// dataDir is where belfry dev keeps everything: the database, Temporal's files,
// what the sinks caught, and the secrets of the demo.
type dataDir struct {
	path string
	lock *os.File
}

// openDataDir makes the folder and locks it: two processes on one folder would
// each think that the other's work is theirs.
func openDataDir(path string) (*dataDir, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(absolute, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(absolute, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close() // it was not locked
		return nil, fmt.Errorf("another belfry dev is using %s (or a belfry temporal): stop it, or choose another folder with --data", absolute)
	}
	return &dataDir{path: absolute, lock: lock}, nil
}

// close gives the folder free.
func (d *dataDir) close() error { return d.lock.Close() }

func (d *dataDir) join(name string) string { return filepath.Join(d.path, name) }

// wipe deletes what belfry dev made, and nothing else that may lie there.
func (d *dataDir) wipe() error {
	var errs []error
	for _, name := range []string{
		"belfry.db", "belfry.db-wal", "belfry.db-shm", "belfry.db.lock", "temporal", "sandbox", "demo.json", "demo.env", "belfry.yaml",
	} {
		errs = append(errs, os.RemoveAll(d.join(name)))
	}
	return errors.Join(errs...)
}

// folder makes a folder inside and returns its path.
func (d *dataDir) folder(name string) (string, error) {
	path := d.join(name)
	return path, os.MkdirAll(path, 0o700)
}

// secrets reads the demo's secrets, or makes them on the first start.
func (d *dataDir) secrets() (demo.Secrets, error) {
	var s demo.Secrets
	text, err := os.ReadFile(d.join("demo.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err == nil {
		return s, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return s, fmt.Errorf("read the demo's secrets: %w", err)
	}
	s = demo.Secrets{
		SecretKey:        random64(),
		OperatorPassword: newPassword(),
		RootPassword:     newPassword(),
		WebhookSecret:    "whsec_" + random64(),
	}
	return s, d.keep(s)
}

// keep writes the demo's secrets, all or none of them.
func (d *dataDir) keep(s demo.Secrets) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return d.write("demo.json", text)
}

// configure writes a configuration file for the other commands:
// belfry --config .data/belfry.yaml audit verify.
func (d *dataDir) configure(key process.Secret, db process.Database) error {
	text, err := yaml.Marshal(map[string]string{"secret_key": key.Key, "db_dsn": db.DSN})
	if err != nil {
		return err
	}
	return d.write("belfry.yaml", text)
}

// export writes the demo's addresses and secrets for a shell: . .data/demo.env
func (d *dataDir) export(base, sinks string, s demo.Secrets) error {
	var text strings.Builder
	for _, each := range [][2]string{
		{"BELFRY", base},
		{"SINKS", sinks},
		{"OPERATOR_PASSWORD", s.OperatorPassword},
		{"ROOT_PASSWORD", s.RootPassword},
		{"PRODUCT_KEY", s.ProductKey},
		{"ROOT_KEY", s.RootKey},
	} {
		text.WriteString(each[0] + "='" + each[1] + "'\n") // none of them holds a quote
	}
	return d.write("demo.env", []byte(text.String()))
}

// write replaces a file; a kill leaves the old or the new one.
func (d *dataDir) write(name string, text []byte) error {
	file, err := os.OpenFile(d.join(name+".new"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(d.join(name+".new"), d.join(name))
}

// random64 returns 32 random bytes in base64.
func random64() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails; it ends the program instead
	return base64.StdEncoding.EncodeToString(raw)
}

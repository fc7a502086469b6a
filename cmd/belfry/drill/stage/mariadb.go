package stage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// mariadb is a MariaDB server of the stage's own: its folder, a free port of
// loopback, each commit flushed as in production. No service of the machine is
// touched.
type mariadb struct {
	dir      string
	program  string
	address  string
	password string
}

// ErrNoMariaDB says that the programs of MariaDB are not there.
var ErrNoMariaDB = errors.New("no MariaDB on this machine (mariadbd and mariadb-install-db; Debian: apt-get install mariadb-server-core mariadb-client-core); " +
	"--database sqlite does without one, and then the database cannot be killed")

// newMariaDB makes an empty database in a folder of that name.
func newMariaDB(ctx context.Context, dir, address string) (*mariadb, error) {
	server, err := find("mariadbd")
	if err != nil {
		return nil, err
	}
	install, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	m := &mariadb{dir: dir, program: server, address: address, password: rand.Text()}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	args := append([]string{
		"--no-defaults", "--datadir=" + m.join("data"), "--skip-test-db", "--skip-name-resolve",
		"--auth-root-authentication-method=normal",
	}, asRoot()...)
	cmd := exec.CommandContext(ctx, install, args...) //nolint:gosec // found above
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("create a database: %w\n%s", err, text)
	}
	return m, os.WriteFile(m.join("init.sql"), []byte(m.initial()), 0o600)
}

// find looks for a program, also where normal users do not.
func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", ErrNoMariaDB
}

// asRoot is what the programs want to be told by root.
func asRoot() []string {
	if os.Getuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

func (m *mariadb) join(name string) string { return filepath.Join(m.dir, name) }

// initial is executed at every start.
func (m *mariadb) initial() string {
	return strings.Join([]string{
		"CREATE DATABASE IF NOT EXISTS belfry CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
		"CREATE OR REPLACE USER belfry@'127.0.0.1' IDENTIFIED BY '" + m.password + "';",
		"GRANT ALL PRIVILEGES ON belfry.* TO belfry@'127.0.0.1';",
		"DROP USER IF EXISTS root@localhost, root@'127.0.0.1', root@'::1';",
	}, "\n")
}

// args start the server. The name of the socket is below its data: names of sockets
// have 107 bytes at most.
func (m *mariadb) args() []string {
	host, port, _ := net.SplitHostPort(m.address)
	return slices.Concat([]string{"--no-defaults"}, asRoot(), []string{
		"--datadir=" + m.join("data"), "--tmpdir=" + m.dir, "--socket=socket", "--init-file=" + m.join("init.sql"),
		"--bind-address=" + host, "--port=" + port, "--skip-name-resolve",
		"--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1", "--skip-log-bin",
		"--innodb-buffer-pool-size=256M", "--innodb-log-file-size=64M", "--max-connections=300",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin",
	})
}

// dsn is for processes that reach the server at the address.
func (m *mariadb) dsn(address string) string {
	return "mysql://belfry:" + m.password + "@tcp(" + address + ")/belfry"
}

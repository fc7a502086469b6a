package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"
)

// Result codes of SQLite; the low byte is the primary code.
// Source: https://www.sqlite.org/rescode.html
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteNoMemory   = 7
	sqliteReadOnly   = 8
	sqliteInterrupt  = 9
	sqliteIOError    = 10
	sqliteFull       = 13
	sqliteCannotOpen = 14
	sqliteProtocol   = 15
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

// Error numbers of MySQL and MariaDB.
// Source: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
const (
	mysqlDiskFull         = 1021
	mysqlTooMany          = 1040
	mysqlShutdown         = 1053
	mysqlTableFull        = 1114
	mysqlTooManyOfUser    = 1203
	mysqlLockWait         = 1205
	mysqlLockTableFull    = 1206
	mysqlDeadlock         = 1213
	mysqlOptionPreventing = 1290 // --read-only, --super-read-only
	mysqlQueryKilled      = 1317
	mysqlReadOnly         = 1836
	mysqlConnectionKilled = 1927
	mysqlQueryTimeout     = 3024
)

// ErrConflict says that another transaction was in the way, where the database cannot
// know: returned from a transaction, it makes that run again.
var ErrConflict = errors.New("another transaction was in the way")

// Conflict reports whether err says that another transaction was in the way and
// that nothing was done: the same work may be tried again at once.
func Conflict(err error) bool {
	if errors.Is(err, ErrConflict) {
		return true
	}
	switch primary, number := codes(err); {
	case primary == sqliteBusy, primary == sqliteLocked:
		return true
	default:
		return number == mysqlDeadlock || number == mysqlLockWait
	}
}

// LockWait reports whether err says that a row lock was held by somebody else
// for longer than the server waits.
func LockWait(err error) bool {
	primary, number := codes(err)
	return number == mysqlLockWait || primary == sqliteBusy
}

// Unavailable reports whether err says that the database cannot work now: it is
// down, full, read-only, overloaded or slower than the caller's deadline.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	if Conflict(err) || lost(err) {
		return true
	}
	switch primary, number := codes(err); primary {
	case sqliteNoMemory, sqliteReadOnly, sqliteInterrupt, sqliteIOError, sqliteFull, sqliteCannotOpen, sqliteProtocol:
		return true
	default:
		return refusing(number)
	}
}

// lost reports whether the connection went away or the deadline passed.
func lost(err error) bool {
	for _, each := range []error{driver.ErrBadConn, mysql.ErrInvalidConn, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, each) {
			return true
		}
	}
	_, network := errors.AsType[net.Error](err)
	return network
}

func refusing(number uint16) bool {
	switch number {
	case mysqlDiskFull, mysqlTooMany, mysqlShutdown, mysqlTableFull, mysqlTooManyOfUser, mysqlLockTableFull,
		mysqlOptionPreventing, mysqlQueryKilled, mysqlReadOnly, mysqlConnectionKilled, mysqlQueryTimeout:
		return true
	}
	return false
}

// codes returns SQLite's primary code and MySQL's number; zero for the other.
func codes(err error) (primary int, number uint16) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff, 0
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return 0, e.Number
	}
	return 0, 0
}

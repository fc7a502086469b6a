package engine

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A server that takes the connection and says nothing must not hold a place in the
// pool: database/sql opens some connections on nobody's behalf, without a deadline.
func TestASilentServerHoldsNoConnectionForEver(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // connections wait in its queue
	given := mysql.NewConfig()
	given.Net, given.Addr, given.Timeout = "tcp", listener.Addr().String(), 100*time.Millisecond
	connector, err := connectorOf(given)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := connector.Connect(context.Background())
		done <- err
	}()
	select {
	case err := <-done:
		if !Unavailable(err) {
			t.Errorf("Connect() = %v, want an error that says that the database is unavailable", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("Connect() hangs: nobody gets this place in the pool any more")
	}
}

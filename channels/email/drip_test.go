package email_test

import (
	"net"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
)

// F28: a server that says a byte now and then keeps each single read alive. The whole
// exchange is bounded all the same.
func TestServerThatDripsIsBoundedAsAWhole(t *testing.T) {
	t.Parallel()
	const drip, patience = 50 * time.Millisecond, time.Second
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		tick := time.NewTicker(drip)
		defer tick.Stop()
		for greeting := []byte("220-"); ; greeting = []byte("x") {
			if _, err := conn.Write(greeting); err != nil {
				return
			}
			<-tick.C
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	to := target(&channeltest.SMTP{Host: "127.0.0.1", Port: port}, "timeout_seconds", "1")
	began := time.Now()
	_, err = newSender(t).Send(t.Context(), to, channeltest.Message("bob@customer.example"))
	if e := channeltest.Failed(t, err); e.Class != channels.Retry {
		t.Errorf("Send() = %v, want a failure that is tried again", e)
	}
	if took := time.Since(began); took > 2*patience {
		t.Errorf("the server held us for %s; allowed is %s", took, patience)
	}
}

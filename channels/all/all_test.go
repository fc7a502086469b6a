package all_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/channels/channeltest"
)

func TestEveryAdapterDescribesItself(t *testing.T) {
	t.Parallel()
	r, err := all.New(channels.NewClient(channels.GuardConfig{}), "belfry.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	for _, d := range r.Descriptors() {
		sender, ok := r.Sender(d.Kind)
		if !ok {
			t.Fatalf("no adapter of kind %q", d.Kind)
		}
		channeltest.Describe(t, sender)
	}
}

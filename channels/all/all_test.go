package all_test

import (
	"testing"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/all"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
)

func TestEveryAdapterDescribesItself(t *testing.T) {
	t.Parallel()
	r, err := all.New(channels.NewClient(channels.GuardConfig{}), "belfry.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	forms := map[models.Channel]string{}
	for _, d := range r.Descriptors() {
		if form, known := forms[d.Channel]; known && form != d.Address.Form {
			t.Errorf("adapters of %s differ in the form of addresses: %q and %q", d.Channel, form, d.Address.Form)
		}
		forms[d.Channel] = d.Address.Form
		sender, ok := r.Sender(d.Kind)
		if !ok {
			t.Fatalf("no adapter of kind %q", d.Kind)
		}
		channeltest.Describe(t, sender)
	}
}

func TestShippedMessageTypesGoOverChannelsThatThereAre(t *testing.T) {
	t.Parallel()
	r, err := all.New(channels.NewClient(channels.GuardConfig{}), "belfry.example", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := catalog.Shipped()
	if err != nil || len(shipped.Types) == 0 {
		t.Fatalf("no message types: %v", err)
	}
	kinds := r.AddressKinds()
	for _, each := range shipped.Types {
		for _, channel := range each.Default {
			if _, known := kinds[channel]; !known && channel != models.ChannelInbox {
				t.Errorf("%s goes over %s, which there is no adapter for", each.Key, channel)
			}
		}
	}
}

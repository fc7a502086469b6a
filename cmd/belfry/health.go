package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/cmd/belfry/process"
)

// healthCommand asks a running process how it is: for containers, where there is no
// curl. The exit status is 0 for good and 1 for anything else.
type healthCommand struct {
	process.Observing
	Ready bool   `help:"Ask whether the process can do its work, not only whether it lives."`
	URL   string `help:"Address of the process: of its API or of its metrics; where BELFRY_METRICS_LISTEN says that those are when left out." placeholder:"URL"`
}

// Run is the command. It prints one line.
func (c *healthCommand) Run(ctx context.Context, o outside) error {
	base := c.URL
	if base == "" {
		address, err := c.address()
		if err != nil {
			return err
		}
		base = "http://" + address
	}
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	h, err := client.New(base, "").Health(ctx, path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, h)
	return err
}

// address is where this machine reaches what BELFRY_METRICS_LISTEN says.
func (c *healthCommand) address() (string, error) {
	if c.MetricsListen == "off" {
		return "", errors.New("BELFRY_METRICS_LISTEN is off: say with --url where the API is")
	}
	host, port, err := net.SplitHostPort(cmp.Or(c.MetricsListen, "127.0.0.1:9464"))
	if err != nil {
		return "", fmt.Errorf("BELFRY_METRICS_LISTEN is no address: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// healthTimeout is longer than a process takes to ask all its parts.
const healthTimeout = 4 * time.Second

// Health is what /healthz and /readyz answer.
type Health struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts"`
}

// String is one line: the status, then the parts, sorted.
func (h Health) String() string {
	words := []string{h.Status}
	for _, part := range slices.Sorted(maps.Keys(h.Parts)) {
		words = append(words, part+"="+h.Parts[part])
	}
	return strings.Join(words, " ")
}

// Health returns the answer of a process that is well; any other is an error that says it.
func (c *Client) Health(ctx context.Context, path string) (Health, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	response, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return Health{}, err
	}
	defer func() { _ = response.Body.Close() }() // read, or of no use
	var h Health
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<16)).Decode(&h); err != nil || h.Status == "" {
		return Health{}, fmt.Errorf("%s%s answers %s, and not in the form of Belfry", c.base, path, response.Status)
	}
	if response.StatusCode != http.StatusOK {
		return Health{}, fmt.Errorf("%s%s answers %s: %s", c.base, path, response.Status, h)
	}
	return h, nil
}

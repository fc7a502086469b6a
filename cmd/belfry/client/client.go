// Package client calls Belfry's public HTTP API. The commands of belfry use it,
// and so do the end-to-end tests: it knows nothing that any other caller of the
// API could not know.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client is an address with a credential. Its zero HTTP client must not be used;
// see New.
type Client struct {
	base  string
	token string
	key   string
	http  *http.Client
}

// timeout bounds a call but not a stream.
const timeout = 30 * time.Second

// New returns a client for the base URL ("http://127.0.0.1:8080"). The token is
// an access key or a session's token, "" for calls that need none.
func New(base, token string) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), token: token, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// As returns the client with another token.
func (c *Client) As(token string) *Client { return &Client{base: c.base, token: token, http: c.http} }

// Once returns the client with an idempotency key: for one call, which may then
// be repeated without a second effect.
func (c *Client) Once(key string) *Client {
	return &Client{base: c.base, token: c.token, key: key, http: c.http}
}

// ProblemError is the API's answer to what did not work.
type ProblemError struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
}

func (p *ProblemError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s: %s", p.Status, p.Title, p.Detail)
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "\n  %s %s", e.Pointer, e.Detail)
	}
	if p.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", p.RequestID)
	}
	return b.String()
}

// StatusOf returns the HTTP status of the ProblemError in err's chain; 0 for none.
func StatusOf(err error) int {
	if p, ok := errors.AsType[*ProblemError](err); ok {
		return p.Status
	}
	return 0
}

// Call sends in as JSON (nil sends no body) and reads the answer into out (nil
// drops it). An answer that is no success is a *ProblemError.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	response, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or of no use
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read the answer of %s %s: %w", method, path, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return problem(response.StatusCode, body)
	}
	if out == nil || len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read the answer of %s %s: %w", method, path, err)
	}
	return nil
}

// Get is Call for reading.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.Call(ctx, http.MethodGet, path, nil, out)
}

// Post is Call for making something.
func (c *Client) Post(ctx context.Context, path string, in, out any) error {
	return c.Call(ctx, http.MethodPost, path, in, out)
}

func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write the body of %s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.key != "" {
		request.Header.Set("Idempotency-Key", c.key)
	}
	return c.http.Do(request)
}

func problem(status int, body []byte) error {
	p := &ProblemError{Status: status, Title: http.StatusText(status)}
	if err := json.Unmarshal(body, p); err != nil {
		p.Detail = "the answer is no problem document"
	}
	return p
}

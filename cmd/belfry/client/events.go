package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
)

// Event is one server-sent event.
type Event struct {
	ID   string
	Name string // "message" when the server names none
	Data string
}

// Events reads a stream of server-sent events until it ends, which is an error
// of io.EOF, or until the context ends. Resume is the ID of the last event seen,
// "" for none.
func (c *Client) Events(ctx context.Context, path, resume string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
		if err != nil {
			yield(Event{}, err)
			return
		}
		request.Header.Set("Accept", "text/event-stream")
		request.Header.Set("Authorization", "Bearer "+c.token)
		if resume != "" {
			request.Header.Set("Last-Event-ID", resume)
		}
		response, err := c.http.Do(request)
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer func() { _ = response.Body.Close() }() // nothing more is wanted of it
		if response.StatusCode != http.StatusOK {
			body, _ := io.ReadAll(response.Body) // half a problem is better than none
			yield(Event{}, problem(response.StatusCode, body))
			return
		}
		read(response.Body, yield)
	}
}

func read(stream io.Reader, yield func(Event, error) bool) {
	lines := bufio.NewReader(stream)
	var event Event
	var data []string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			yield(Event{}, fmt.Errorf("read events: %w", err))
			return
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if len(data) > 0 && !yield(finished(event, data), nil) {
				return
			}
			event, data = Event{ID: event.ID}, nil
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			event.ID = value
		case "event":
			event.Name = value
		case "data":
			data = append(data, value)
		}
	}
}

func finished(e Event, data []string) Event {
	if e.Name == "" {
		e.Name = "message"
	}
	e.Data = strings.Join(data, "\n")
	return e
}

// Package jsonhook sends notifications to any receiver that takes JSON: what is sent is a
// template of the bot's owner, and what an answer means is a setting.
package jsonhook

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/chat"
	"belfry.dev/belfry/channels/jsonvalue"
	"belfry.dev/belfry/models/document"
)

// shortShare is which part of the limit a message has that the receiver called too large.
const shortShare = 3

// New returns the adapter.
func New(client *channels.Client, now func() time.Time) *chat.Sender {
	return chat.New(chat.Platform{Descriptor: descriptor(), Write: write, Header: header, Judge: judge}, client, now)
}

func header(c chat.Call) http.Header { return c.Bot.Headers("headers") }

func write(c chat.Call) []byte {
	limit := c.Bot.Int("max_bytes", defaultBytes)
	if c.Short {
		limit /= shortShare
	}
	render := func(d document.Document) []byte {
		c.Document = d
		return part{c}.fill()
	}
	return render(chat.Fit(c.Document, limit, func(d document.Document) int { return len(render(d)) }))
}

// judge goes by the status and, where the bot says so, by the code in the answer.
func judge(c chat.Call, res channels.Response) (channels.Receipt, *channels.Error) {
	code := strconv.Itoa(res.Status)
	listed := chat.Words(or(c.Bot.Get("success_status"), defaultStatus))
	good := slices.Contains(listed, code) || slices.Contains(listed, "2xx") && res.Status/100 == 2
	failure := res.Failure()
	switch {
	case !good && failure == nil:
		return channels.Receipt{}, channels.UnknownCode(c.Message.Attempt, code, "")
	case !good && res.Status == http.StatusRequestEntityTooLarge:
		failure.Reason = chat.TooLarge
		return channels.Receipt{}, failure
	case !good:
		return channels.Receipt{}, failure
	}
	where := c.Bot.Get("success_path")
	if where == "" {
		return channels.Receipt{Class: channels.Delivered, Code: code}, nil
	}
	said, found := at(res, where)
	switch {
	case !found:
		return channels.Receipt{}, &channels.Error{Class: channels.Ambiguous, Reason: "unreadable_answer", Code: code}
	case slices.Contains(chat.Words(or(c.Bot.Get("success_values"), "0")), said):
		return channels.Receipt{Class: channels.Delivered, Code: c.Code(said)}, nil
	}
	return channels.Receipt{}, channels.UnknownCode(c.Message.Attempt, c.Code(said), "")
}

// at returns the text, number or truth value at a path of the answer, which is one JSON
// document; false when there is nothing of that kind.
func at(res channels.Response, where string) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(res.Body))
	d.UseNumber()
	var here any
	if res.Partial || d.Decode(&here) != nil {
		return "", false
	}
	if _, err := d.Token(); err != io.EOF {
		return "", false
	}
	return jsonvalue.At(here, where)
}

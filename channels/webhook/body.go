package webhook

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models/text"
)

// event is the body of a Standard Webhook.
type event struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

// cloudEvent is the same in a structured CloudEvents 1.0 envelope. Source and
// id identify duplicates.
type cloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Time            time.Time `json:"time"`
	Subject         string    `json:"subject"`
	DataContentType string    `json:"datacontenttype"`
	Data            data      `json:"data"`
}

// data is what both envelopes carry.
type data struct {
	NotificationID string `json:"notification_id"`
	ExternalID     string `json:"external_id,omitempty"`
	// Resource is what a reminder is about.
	Resource  *channels.Resource `json:"resource,omitempty"`
	AccountID string             `json:"account_id"`
	Category  string             `json:"category"`
	Severity  string             `json:"severity"`
	Language  string             `json:"language"`
	Title     string             `json:"title"`
	Body      string             `json:"body"`
	Link      string             `json:"link,omitempty"`
	Variables map[string]string  `json:"variables,omitempty"`
	// Merged are the other notifications that the text tells of.
	Merged []merged `json:"merged,omitempty"`
	// Truncated says that the text was shortened or the variables left out.
	Truncated bool `json:"truncated,omitempty"`
}

type merged struct {
	NotificationID string            `json:"notification_id"`
	Type           string            `json:"type"`
	Severity       string            `json:"severity"`
	Variables      map[string]string `json:"variables,omitempty"`
}

const (
	contentJSON  = "application/json"
	contentCloud = "application/cloudevents+json"
	maxTitle     = 600 // bytes; only when everything else is cut already
	cloudSource  = "/belfry"
)

// encode returns the content type and the body in the endpoint's envelope, in
// at most limit bytes: the text is shortened first, then the variables are left
// out, then the title is cut.
func encode(t channels.Target, m channels.Message, limit int) (string, []byte) {
	contentType, envelop := contentJSON, standard(m)
	if t.Bot.Get("envelope") == "cloudevents" {
		contentType, envelop = contentCloud, cloud(t, m)
	}
	d := content(m)
	if body := marshal(envelop(d)); len(body) <= limit {
		return contentType, body
	}
	d.Truncated = true
	for _, drop := range []func(*data){
		func(*data) {},
		func(d *data) { d.Variables, d.Merged = nil, withoutVariables(d.Merged) },
		func(d *data) { d.Title = text.CutBytes(d.Title, maxTitle) },
		func(d *data) { d.Link = "" },
	} {
		drop(&d)
		if body, ok := shorten(d, envelop, limit); ok {
			return contentType, body
		}
	}
	d.Title, d.Body = "", ""
	return contentType, marshal(envelop(d))
}

// shorten cuts the text to the longest that fits; false when not even an empty
// one does.
func shorten(d data, envelop func(data) any, limit int) ([]byte, bool) {
	whole := d.Body
	fits := func(n int) []byte {
		d.Body = text.CutBytes(whole, n)
		if body := marshal(envelop(d)); len(body) <= limit {
			return body
		}
		return nil
	}
	best := fits(0)
	if best == nil {
		return nil, false
	}
	for low, high := 0, min(len(whole), limit); low < high; {
		middle := (low + high + 1) / 2
		if body := fits(middle); body != nil {
			low, best = middle, body
			continue
		}
		high = middle - 1
	}
	return best, true
}

func withoutVariables(all []merged) []merged {
	bare := slices.Clone(all)
	for i := range bare {
		bare[i].Variables = nil
	}
	return bare
}

func content(m channels.Message) data {
	var others []merged
	for _, each := range m.Merged {
		others = append(others, merged{NotificationID: each.NotificationID, Type: each.Type, Severity: string(each.Severity), Variables: each.Data})
	}
	return data{
		Merged:         others,
		NotificationID: m.NotificationID, ExternalID: m.ExternalID, Resource: m.Resource,
		AccountID: string(m.AccountID), Category: m.Category, Severity: string(m.Severity),
		Language: m.Rendered.Locale, Title: m.Rendered.Title, Body: m.Rendered.Body, Link: m.Rendered.Link, Variables: m.Data,
	}
}

func standard(m channels.Message) func(data) any {
	return func(d data) any { return event{Type: m.Type, Timestamp: m.CreatedAt.UTC(), Data: d} }
}

func cloud(t channels.Target, m channels.Message) func(data) any {
	source := t.Provider.Get("source")
	if source == "" {
		source = cloudSource
	}
	return func(d data) any {
		return cloudEvent{
			SpecVersion: "1.0", ID: m.Key, Source: source + "/accounts/" + string(m.AccountID), Type: m.Type,
			Time: m.CreatedAt.UTC(), Subject: m.NotificationID, DataContentType: contentJSON, Data: d,
		}
	}
}

// marshal encodes without HTML escapes and without a line end: these very bytes
// are signed and sent.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // strings and times always encode
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

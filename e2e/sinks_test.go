//go:build e2e

package e2e_test

import (
	"net/http"
	"testing"
)

// What the sinks caught; see deploy/sandbox.
type (
	caught[T any] struct {
		Items []struct {
			Item T `json:"item"`
		} `json:"items"`
	}
	mail struct {
		To      []string          `json:"to"`
		Subject string            `json:"subject"`
		Text    string            `json:"text"`
		HTML    string            `json:"html"`
		Headers map[string]string `json:"headers"`
	}
	text struct {
		To   string `json:"to"`
		Text string `json:"text"`
		Key  string `json:"key"`
	}
	webhook struct {
		Key      string `json:"key"`
		Verified bool   `json:"verified"`
		Problem  string `json:"problem"`
		Body     string `json:"body"`
	}
)

func caughtOf[T any](t *testing.T, m *machine, medium string) []T {
	t.Helper()
	var list caught[T]
	m.web(t, http.MethodGet, "/api/"+medium+"?limit=10000", nil, &list)
	out := make([]T, 0, len(list.Items))
	for _, each := range list.Items {
		out = append(out, each.Item)
	}
	return out
}

func (m *machine) mails(t *testing.T) []mail       { return caughtOf[mail](t, m, "mail") }
func (m *machine) texts(t *testing.T) []text       { return caughtOf[text](t, m, "sms") }
func (m *machine) webhooks(t *testing.T) []webhook { return caughtOf[webhook](t, m, "webhooks") }

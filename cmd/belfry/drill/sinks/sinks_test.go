package sinks_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/sinks"
)

// calls is how many calls of each kind the tests make: enough for every mood.
const calls = 60

// start returns sinks whose clock goes on by a second with every look.
func start(t *testing.T) *sinks.Sinks {
	t.Helper()
	var ticks atomic.Int64
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, err := sinks.Start(t.Context(), 1, func() time.Time { return began.Add(time.Duration(ticks.Add(1)) * time.Second) })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// post returns the status and the code in the body; 0 when there is no answer.
func post(t *testing.T, url, key, body string) (status int, code string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("webhook-id", key)
	response, err := new(http.Client).Do(request)
	if err != nil {
		return 0, ""
	}
	defer func() { require.NoError(t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var answer struct {
		Code string `json:"code"`
	}
	if len(text) > 0 {
		require.NoError(t, json.Unmarshal(text, &answer))
	}
	return response.StatusCode, answer.Code
}

// kept counts the copies by key.
func kept(s *sinks.Sinks) map[string]int {
	out := map[string]int{}
	for _, c := range s.Copies() {
		out[c.Key]++
	}
	return out
}

func TestInCalmEverythingIsTaken(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Own("acme", "acc_1")
	s.Own("+8613800138000", "acc_2")
	s.Own("ops@acme.example", "acc_3")
	status, _ := post(t, s.WebhookURL("acme"), "dlv_1", "{}")
	require.Equal(t, http.StatusNoContent, status)
	status, code := post(t, s.SMSURL(), "", `{"to":"+8613800138000","id":"dlv_2"}`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "0", code)
	require.NoError(t, send(s, "dlv_3", "ops@acme.example"))
	owners := map[string]string{}
	for _, c := range s.Copies() {
		owners[c.Channel+" "+c.Key] = c.Account
	}
	require.Equal(t, map[string]string{"webhook dlv_1": "acc_1", "sms dlv_2": "acc_2", "email dlv_3": "acc_3"}, owners)
	require.Equal(t, 550, codeOf(send(s, "dlv_4", sinks.NoMailbox+"@acme.example")))
	require.Empty(t, s.Misdeeds())
}

// TestInAStormWhatWasRefusedIsNotTaken sends until every mood was met: a plain
// refusal must mean that nothing was taken, and a plain success that it was.
func TestInAStormWhatWasRefusedIsNotTaken(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Storm(true)
	took, unclear := map[string]bool{}, map[string]bool{}
	for i := range calls {
		key := "hook-" + strconv.Itoa(i)
		status, _ := post(t, s.WebhookURL("acme"), key, "{}")
		took[key], unclear[key] = status/100 == 2, status == 0
		key = "text-" + strconv.Itoa(i)
		status, code := post(t, s.SMSURL(), "", `{"to":"+8613800138000","id":"`+key+`"}`)
		took[key], unclear[key] = status == http.StatusOK && code == "0", status == 0
	}
	copies := kept(s)
	for key, taken := range took {
		if !unclear[key] {
			require.Equal(t, taken, copies[key] == 1, "%s was taken %d times", key, copies[key])
		}
	}
	require.ElementsMatch(t, []string{"refused", "limited", "hung", "lied", "broke off"}, keys(s.Misdeeds()))
}

func TestMailInAStorm(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Storm(true)
	time.AfterFunc(2*time.Second, func() { s.Storm(false) }) // whoever hangs goes on
	answers := map[string]error{}
	for i := range calls {
		key := "mail-" + strconv.Itoa(i)
		answers[key] = send(s, key, "ops@acme.example")
	}
	copies := kept(s)
	for key, err := range answers {
		switch {
		case err == nil:
			require.Equal(t, 1, copies[key], key)
		case codeOf(err) != 0:
			require.Zero(t, copies[key], "%s: %v", key, err)
		}
	}
}

// send sends a mail as a plain client would.
func send(s *sinks.Sinks, key, to string) error {
	return smtp.SendMail(s.MailAddress(), nil, "belfry@belfry.example", []string{to},
		[]byte("Message-Id: <"+key+"@belfry.example>\r\nSubject: drill\r\n\r\ntext\r\n"))
}

// codeOf is the mail server's code; 0 when it gave none.
func codeOf(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}

func keys(counts map[string]int) []string {
	out := make([]string, 0, len(counts))
	for name := range counts {
		out = append(out, name)
	}
	return out
}

//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// effective is how long a grant or its end may take to count.
const effective = 5 * time.Second

func signIn(t *testing.T, m *machine, account, name, password string) *client.Client {
	t.Helper()
	anyone := client.New(m.base(), "")
	var session struct {
		Token string `json:"token"`
	}
	require.NoError(t, anyone.Post(t.Context(), "/v1/sessions", map[string]string{
		"account": account, "name": name, "password": password,
	}, &session))
	return anyone.As(session.Token)
}

func TestGrantsAndTheirEndCountAtOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	finished(t, m.product(t), m.submit(t), soon)
	root := signIn(t, m, "acme", "root", m.secrets(t).RootPassword)
	var user struct {
		ID string `json:"id"`
	}
	require.NoError(t, root.Post(t.Context(), "/v1/users", map[string]any{"name": "finance", "password": "correct horse battery"}, &user))
	sub := signIn(t, m, "acme", "finance", "correct horse battery")
	require.NoError(t, sub.Get(t.Context(), "/v1/me", nil))
	require.Equal(t, http.StatusForbidden, client.StatusOf(sub.Get(t.Context(), "/v1/inbox/messages", nil)))

	var grant struct {
		ID string `json:"id"`
	}
	require.NoError(t, root.Post(t.Context(), "/v1/grants", map[string]any{"user_id": user.ID, "role": "MessageCenterReadOnly"}, &grant))
	eventually(t, effective, func() error { return sub.Get(t.Context(), "/v1/inbox/messages", nil) })
	one := inbox(t, sub)[0].ID
	err := sub.Post(t.Context(), "/v1/inbox/messages/read", map[string]any{"ids": []string{one}}, nil)
	require.Equal(t, http.StatusForbidden, client.StatusOf(err), "read-only must not mark as read")

	require.NoError(t, root.Call(t.Context(), http.MethodDelete, "/v1/grants/"+grant.ID, nil, nil))
	eventually(t, effective, func() error {
		if status := client.StatusOf(sub.Get(t.Context(), "/v1/inbox/messages", nil)); status != http.StatusForbidden {
			return fmt.Errorf("status %d after the grant was revoked", status)
		}
		return nil
	})
}

func TestNewMessagesArriveAsEvents(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	root := m.root(t)
	listening := make(chan struct{})
	arrived := make(chan time.Time, 1)
	go func() {
		first := true
		for event, err := range root.Events(ctx, "/v1/inbox/events", "") {
			if err != nil {
				return
			}
			if first {
				close(listening)
				first = false
			}
			if event.Name == "message" {
				arrived <- time.Now()
				return
			}
		}
	}()
	<-listening
	sent := time.Now()
	m.submit(t)
	select {
	case at := <-arrived:
		require.Less(t, at.Sub(sent), 2*time.Second)
	case <-ctx.Done():
		require.Fail(t, "no event came")
	}
	m.stop(t) // with a listener: it must not hold the process up
}

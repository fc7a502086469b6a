//go:build e2e

package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// announced is how many accounts TestAnAnnouncementSurvivesKills tells.
var announced = flag.Int("announced", 5000, "accounts of the announcement that is killed on the way")

// database opens the stopped machine's database: what makes thousands of accounts in a
// second, and looks into all of their inboxes.
func (m *machine) database(t *testing.T) *store.Store {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.data, "demo.json"))
	require.NoError(t, err)
	var demo struct {
		SecretKey string `json:"secret_key"`
	}
	require.NoError(t, json.Unmarshal(text, &demo))
	key, err := base64.StdEncoding.DecodeString(demo.SecretKey)
	require.NoError(t, err)
	s, err := store.Open(t.Context(), store.Config{DSN: "sqlite://" + filepath.Join(m.data, "belfry.db"), SecretKey: key})
	require.NoError(t, err)
	return s
}

// populate adds accounts that nobody can be written to: their inboxes get everything.
func populate(t *testing.T, s *store.Store, n int) {
	t.Helper()
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
		for i := range n {
			in := store.NewAccount{
				Account: models.Account{Alias: fmt.Sprintf("crowd-%05d", i), Language: []string{models.LocaleEN, models.LocaleZH}[i%2], TimeZone: "UTC", Enabled: true},
				Root:    models.User{Name: "root", Enabled: true},
				Contact: models.Contact{Name: "crowd", Enabled: true},
			}
			if err := tx.Platform().Accounts().Create(t.Context(), &in); err != nil {
				return err
			}
		}
		return nil
	}))
}

// progress is how far an announcement is.
type progress struct {
	State    string `json:"state"`
	Progress struct {
		Total    int `json:"total"`
		Accepted int `json:"accepted"`
		Left     int `json:"left"`
	} `json:"progress"`
}

func (m *machine) operator(t *testing.T) *client.Client {
	t.Helper()
	var session struct {
		Token string `json:"token"`
	}
	anyone := client.New(m.base(), "")
	require.NoError(t, anyone.Post(t.Context(), "/v1/sessions", map[string]string{
		"account": "platform", "name": "admin", "password": m.secrets(t).OperatorPassword,
	}, &session))
	return anyone.As(session.Token)
}

// TestAnAnnouncementSurvivesKills kills API, worker and Temporal, which are one process
// here, twice while an announcement goes through its accounts.
func TestAnAnnouncementSurvivesKills(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	m.stop(t)
	s := m.database(t)
	populate(t, s, *announced)
	require.NoError(t, s.Close())
	m.start(t)
	operator := m.operator(t)
	var made struct {
		ID string `json:"id"`
	}
	require.NoError(t, operator.Once("k").Post(t.Context(), "/v1/announcements", map[string]any{
		"type": "activity.launch", "audience": map[string]any{"alias_prefix": "crowd-"}, "accounts_per_minute": 15 * *announced,
		"variables": map[string]string{"product_name": "Zeppelin", "summary": "It flies."},
	}, &made))
	look := func() (p progress) {
		require.NoError(t, operator.Get(t.Context(), "/v1/announcements/"+made.ID, &p))
		return p
	}
	for _, part := range []int{3, 2} { // after a third, and after half
		eventually(t, time.Minute, func() error {
			if p := look(); p.Progress.Accepted < *announced/part {
				return fmt.Errorf("not there yet: %+v", p)
			}
			return nil
		})
		m.kill(t)
		m.start(t)
		require.Less(t, look().Progress.Accepted, *announced, "it was over before the process was killed: this shows nothing")
	}
	eventually(t, time.Minute, func() error {
		if p := look(); p.State != "done" {
			return fmt.Errorf("it does not end: %+v", p)
		}
		return nil
	})
	end := look()
	require.Equal(t, []int{*announced, *announced, 0}, []int{end.Progress.Total, end.Progress.Accepted, end.Progress.Left})
	m.allEnd(t, operator, made.ID)
	m.stop(t)
	m.eachOnce(t, made.ID)
}

// allEnd waits until every notification of the announcement has ended, and counts them.
func (m *machine) allEnd(t *testing.T, operator *client.Client, announcement string) {
	t.Helper()
	type page struct {
		Items []struct {
			ID        string `json:"id"`
			SubjectID string `json:"subject_id"`
			AccountID string `json:"account_id"`
			Status    string `json:"status"`
		} `json:"items"`
		NextCursor string `json:"next_cursor"`
	}
	list := func(query url.Values) (p page) {
		require.NoError(t, operator.Get(t.Context(), "/v1/notifications?"+query.Encode(), &p))
		return p
	}
	eventually(t, 40*time.Second+time.Duration(*announced)*50*time.Millisecond, func() error {
		if len(list(url.Values{"status": {"pending"}, "type": {"activity.launch"}}).Items) > 0 {
			return errors.New("some notifications are still open")
		}
		return nil
	})
	accounts := map[string]int{}
	for query := (url.Values{"type": {"activity.launch"}, "limit": {"100"}}); ; {
		p := list(query)
		for _, n := range p.Items {
			require.Equal(t, announcement, n.SubjectID)
			require.Equal(t, "delivered", n.Status)
			accounts[n.AccountID]++
		}
		if p.NextCursor == "" {
			break
		}
		query.Set("cursor", p.NextCursor)
	}
	require.Len(t, accounts, *announced, "each account exactly one")
	for account, n := range accounts {
		require.Equal(t, 1, n, account)
	}
}

// eachOnce looks into every account's inbox.
func (m *machine) eachOnce(t *testing.T, announcement string) {
	t.Helper()
	s := m.database(t)
	defer func() { require.NoError(t, s.Close()) }()
	looked, after := 0, ""
	for {
		accounts, next, err := s.Platform().Accounts().List(t.Context(), store.Page{After: after, Limit: 500})
		require.NoError(t, err)
		for _, account := range accounts {
			messages, err := s.In(account.ID).Inbox("").After(t.Context(), 0, 100)
			require.NoError(t, err)
			want := 1
			if account.Alias == "acme" { // it was not in the audience
				want = 0
			}
			require.Len(t, messages, want, "messages of %s about %s", account.Alias, announcement)
			looked++
		}
		if after = next; next == "" {
			break
		}
	}
	require.Equal(t, *announced+1, looked)
}

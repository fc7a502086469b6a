//go:build e2e

package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// soon is how long a newcomer may have to wait for a message.
const soon = 10 * time.Second

func TestThePrintedLineReachesEverybody(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	id := m.submit(t)

	r := finished(t, m.product(t), id, soon)
	require.Equal(t, "delivered", r.Status)
	for _, channel := range []string{"inbox", "email", "sms", "webhook"} {
		require.Equal(t, "delivered", r.over(t, channel).State, "over %s: %+v", channel, r.Deliveries)
	}
	a := r.over(t, "email").Attempts
	require.Len(t, a, 1)
	require.NotEmpty(t, a[0].Provider)
	require.NotEmpty(t, a[0].ProviderCode, "the mail server's answer belongs into the report")
	require.NotNil(t, a[0].FinishedAt)

	seen := inbox(t, m.root(t))
	require.Len(t, seen, 1)
	require.Equal(t, id, seen[0].NotificationID)
	require.Equal(t, "en-US", seen[0].Language)

	mails := m.mails(t)
	require.Len(t, mails, 1)
	require.Contains(t, mails[0].Text, "CNY 86.50")
	require.Contains(t, mails[0].HTML, "CNY 86.50")
	require.Equal(t, []string{"ops@acme.example"}, mails[0].To)
	require.Contains(t, mails[0].Headers["Message-Id"], r.over(t, "email").ID)

	texts := m.texts(t)
	require.Len(t, texts, 1)
	require.Equal(t, "+8613800138000", texts[0].To)
	require.Equal(t, r.over(t, "sms").ID, texts[0].Key)

	hooks := m.webhooks(t)
	require.Len(t, hooks, 1)
	require.True(t, hooks[0].Verified, hooks[0].Problem)
	require.Equal(t, r.over(t, "webhook").ID, hooks[0].Key)
	require.Contains(t, hooks[0].Body, id)
}

func TestARestartKeepsEverythingAndFreshForgetsIt(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	line := m.curl(t)
	id := m.submit(t)
	finished(t, m.product(t), id, soon)

	m.stop(t)
	m.start(t)
	require.Equal(t, line, m.curl(t), "the line that was printed must go on working")
	require.Len(t, inbox(t, m.root(t)), 1)
	require.Equal(t, "delivered", finished(t, m.product(t), id, soon).Status)
	second := m.submit(t)
	require.Equal(t, "delivered", finished(t, m.product(t), second, soon).Status)
	require.Len(t, m.mails(t), 2)

	m.stop(t)
	m.start(t, "--fresh")
	_, err := readReport(t, m.product(t), id)
	require.Equal(t, http.StatusNotFound, client.StatusOf(err))
	require.Empty(t, inbox(t, m.root(t)))
	require.Empty(t, m.mails(t))
	finished(t, m.product(t), m.submit(t), soon)
}

func TestOneFolderHasOneProcess(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	text, err := m.run(t, "dev", "--data", m.data)
	require.Error(t, err)
	require.Contains(t, text, "another belfry dev is using")

	text, err = m.run(t, "dev", "--data", t.TempDir(), "--listen", m.flags[1])
	require.Error(t, err)
	require.Contains(t, text, "choose another address with --listen")
}

func TestTheCommandsAreClientsOfTheAPI(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	m.env = append(m.env, "BELFRY_URL="+m.base())

	m.env = append(m.env, "BELFRY_KEY="+m.secrets(t).ProductKey)
	text, err := m.run(t, "send", "account.low_balance", "--account", "acme", "--var", "balance=1 CNY", "--wait", "10s")
	require.NoError(t, err, text)
	require.Contains(t, text, `"status": "delivered"`)
	text, err = m.run(t, "send", "account.low_balance", "--account", "acme")
	require.Error(t, err)
	require.Contains(t, text, "balance", "the complaint must name the variable that is missing")

	m.env[len(m.env)-1] = "BELFRY_KEY=" + m.secrets(t).RootKey
	text, err = m.run(t, "inbox", "--unread")
	require.NoError(t, err, text)
	require.Equal(t, 1, strings.Count(text, "\n"), text)
	require.Contains(t, text, "•")
}

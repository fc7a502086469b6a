//go:build e2e && upgrade

package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// beforeEnvelopes is the last commit whose workers know no envelopes: what is merged, held for
// a digest, or told once, they planned and sent by other rules.
const beforeEnvelopes = "bf77f33cf2a29d7eeaef5a336d4ede8368264628"

// TestTwoReleasesOnOneDatabaseSendEverythingOnce has servers and workers of the release before
// and of this one share one database, under load: an upgrade as docs/operations.md has it, and
// a way back. Both plan notifications, merged reminders and what is wanted in a digest.
func TestTwoReleasesOnOneDatabaseSendEverythingOnce(t *testing.T) { //nolint:paralleltest // its processes share two cores as it is
	needMariaDB(t)
	before := buildEarlier(t, beforeEnvelopes)
	t.Run("an upgrade", func(t *testing.T) { upgradeUnderLoad(t, before) })
	t.Run("a way back", func(t *testing.T) { wayBackUnderLoad(t, "mariadb", before) })
	t.Run("a way back on MySQL", func(t *testing.T) { wayBackUnderLoad(t, "mysql", before) }) // where the one before cannot migrate
}

func upgradeUnderLoad(t *testing.T, before string) {
	u := newUpgrade(t, "mariadb", before)
	u.load(t, 4)
	migrates := u.start(t, "migrate-new", "migrate")
	u.load(t, 3)
	migrates.endsCleanly(t)
	u.worker(t, 0, binary)
	u.load(t, 5)
	u.server(t, 0, binary)
	u.gather(t)
	u.worker(t, 1, binary)
	u.server(t, 1, binary)
	u.load(t, 3)
	u.everythingOnce(t)
}

func wayBackUnderLoad(t *testing.T, database, before string) {
	u := newUpgrade(t, database, binary)
	u.load(t, 3)
	u.worker(t, 1, before)
	u.server(t, 1, before)
	u.gather(t)
	u.worker(t, 0, before)
	u.load(t, 5)
	u.everythingOnce(t)
}

// upgrade is a cluster whose processes change their program, the load, and what is known of it.
type upgrade struct {
	*cluster
	started   int
	rounds    int
	ids       []string
	resources []string
	// words are in the texts of one of the notifications each.
	words []string
}

func newUpgrade(t *testing.T, database, program string) *upgrade {
	t.Helper()
	u := &upgrade{cluster: newCluster(t, database, program)}
	u.populate(t)
	return u
}

// worker starts a worker of the program in the place of another, which ends meanwhile.
func (u *upgrade) worker(t *testing.T, place int, program string) {
	t.Helper()
	u.started++
	old := u.workers[place]
	u.workers[place] = u.startProgram(t, program, fmt.Sprintf("worker-%d-%d", place+1, u.started), "worker", "--metrics-listen", "off")
	old.signal(t, syscall.SIGTERM)
	old.endsCleanly(t)
}

// server is worker for servers, the first of which is asked for reports.
func (u *upgrade) server(t *testing.T, place int, program string) {
	t.Helper()
	u.started++
	old, address := u.serves[place], freeAddress(t)
	u.serves[place] = u.startProgram(t, program, fmt.Sprintf("serve-%d-%d", place+1, u.started), "serve", "--listen", address, "--metrics-listen", "off")
	u.becomesReady(t, "http://"+address)
	u.bases[place] = "http://" + address
	u.sinks.flags[1] = strings.TrimPrefix(u.bases[0], "http://")
	old.signal(t, syscall.SIGTERM)
	old.endsCleanly(t)
}

// gather loads while this release's worker gathers alerts, and until their digest has left.
func (u *upgrade) gather(t *testing.T) {
	t.Helper()
	root := u.sinks.root(t)
	closes := wantsDigests(t, root, 50*time.Second)
	first := len(u.ids)
	u.load(t, 6)
	for _, id := range u.ids[first:] { // what is planned later waits until tomorrow
		eventually(t, time.Until(closes), func() error {
			r, err := readReport(t, root, id)
			if err == nil && len(r.Deliveries) == 0 {
				err = fmt.Errorf("%s is not planned", id)
			}
			return err
		})
	}
	eventually(t, time.Until(closes)+time.Second, func() error {
		if left := time.Until(closes); left > 0 {
			return fmt.Errorf("the digest closes in %s", left)
		}
		return nil
	})
	prefersDigests(t, root)
	u.load(t, 3)
	for _, id := range u.ids[first:] {
		finished(t, root, id, 4*time.Minute)
	}
}

// load submits for some seconds, over both servers: each second some that leave at once, some
// that digests gather, and two resources whose reminders of different types are due in the
// same second.
func (u *upgrade) load(t *testing.T, seconds int) {
	t.Helper()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for range seconds {
		u.rounds++
		for i := range 4 {
			name := fmt.Sprintf("%03d-%d", u.rounds, i)
			u.submit(t, i%2, name, map[string]any{"type": "account.low_balance", "account": "acme", "variables": map[string]string{"balance": "CNY " + name}})
			u.words = append(u.words, "CNY "+name, "alert-"+name)
			u.submit(t, i%2, "alert-"+name, map[string]any{
				"type": "exception.monitor_alert", "account": "acme", "severity": "warning",
				"variables": map[string]string{"alert_name": "alert-" + name, "fired_at": "now", "resource_name": "db-1", "status": "Firing"},
			})
		}
		u.register(t)
		<-tick.C
	}
}

func (u *upgrade) submit(t *testing.T, server int, key string, body map[string]any) {
	t.Helper()
	var accepted struct {
		ID string `json:"id"`
	}
	require.NoError(t, client.New(u.bases[server], u.productKey).Once(key).Post(t.Context(), "/v1/notifications", body, &accepted))
	u.ids = append(u.ids, accepted.ID)
}

// register registers two resources that are reminded of in four seconds.
func (u *upgrade) register(t *testing.T) {
	t.Helper()
	due := time.Now().Add(4 * time.Second).Truncate(time.Second)
	vm, disk := fmt.Sprintf("vm-%03d", u.rounds), fmt.Sprintf("disk-%03d", u.rounds)
	u.words = append(u.words, vm, disk)
	var made struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	require.NoError(t, client.New(u.bases[u.rounds%2], u.productKey).Call(t.Context(), http.MethodPost, "/v1/resources/batch", fed{"items": []fed{
		{"account": "acme", "external_id": vm, "name": vm, "expires_at": due.Add(20 * time.Hour), "ladder": []string{"20h"}},
		{"account": "acme", "external_id": disk, "name": disk, "expires_at": due.Add(50 * time.Hour), "ladder": []string{"50h"}},
	}}, &made))
	for _, each := range made.Items {
		u.resources = append(u.resources, each.ID)
	}
}

// everythingOnce waits until all has ended, and wants each notification delivered over each
// channel that it was planned for, and once.
func (u *upgrade) everythingOnce(t *testing.T) {
	t.Helper()
	root := u.sinks.root(t)
	for _, id := range u.resources {
		u.ids = append(u.ids, u.reminder(t, id))
	}
	merged, gathered := 0, 0
	for _, id := range u.ids {
		r := finished(t, root, id, 4*time.Minute)
		require.Equal(t, "delivered", r.Status, id)
		for _, d := range r.Deliveries {
			if d.State != "suppressed" {
				require.Equal(t, "delivered", d.State, "%s over %s: %s", id, d.Channel, d.Reason)
			}
			if d.MergedInto != nil {
				merged++
			}
			if d.Envelope != nil {
				gathered++
			}
		}
	}
	require.Positive(t, merged, "reminders of one moment are one message")
	require.Positive(t, gathered, "this release's worker gathers")
	t.Logf("%d notifications in %d mails, %d texts and %d messages of the bot: %d deliveries merged, %d gathered",
		len(u.ids), u.mailedOnce(t), u.textedOnce(t), u.calledOnce(t), merged, gathered)
}

// mailedOnce wants each word in one mail, and no mail twice.
func (u *upgrade) mailedOnce(t *testing.T) int {
	t.Helper()
	keys, in := map[string]bool{}, map[string]int{}
	for _, each := range u.sinks.mails(t) {
		require.False(t, keys[deliveryOf(each)], "the mail %s was sent twice", deliveryOf(each))
		keys[deliveryOf(each)] = true
		for _, word := range u.words {
			if strings.Contains(each.Subject+"\n"+each.Text, word) {
				in[word]++
			}
		}
	}
	for _, word := range u.words {
		require.Equal(t, 1, in[word], "%s is in %d mails", word, in[word])
	}
	return len(keys)
}

// textedOnce wants no text twice.
func (u *upgrade) textedOnce(t *testing.T) int {
	t.Helper()
	keys := map[string]bool{}
	for _, each := range u.sinks.texts(t) {
		require.False(t, keys[each.Key], "the text %s was sent twice", each.Key)
		keys[each.Key] = true
	}
	return len(keys)
}

// calledOnce wants each notification in one message of the bot, and no message twice.
func (u *upgrade) calledOnce(t *testing.T) int {
	t.Helper()
	bodies := map[string]string{}
	for _, each := range u.sinks.webhooks(t) {
		require.Empty(t, bodies[each.Key], "the bot got the message %s twice", each.Key)
		bodies[each.Key] = each.Body
	}
	for _, id := range u.ids {
		messages := 0
		for _, body := range bodies {
			messages += strings.Count(body, `"notification_id":"`+id+`"`)
		}
		require.Equal(t, 1, messages, "%s is in %d messages of the bot", id, messages)
	}
	return len(bodies)
}

// reminder is the notification of the resource's only reminder.
func (u *upgrade) reminder(t *testing.T, resource string) (id string) {
	t.Helper()
	eventually(t, 4*time.Minute, func() error {
		r, err := showResource(t, u.sinks, resource)
		if err == nil && len(r.Reminders) != 1 {
			err = fmt.Errorf("%d reminders", len(r.Reminders))
		}
		if err == nil {
			id = r.Reminders[0].NotificationID
		}
		return err
	})
	return id
}
